"""`online` and `tokens` against a sandbox: what they print, and how they end."""

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.languages import CHINESE

from alipay_mini_audit import __main__
from alipay_mini_audit.sandbox import Fault, Grant, Material, SandboxGateway, SandboxThread

VERSION = "2.0.0"
TOKENS = {f"token-canary-{number}": f"202100000000000{number}" for number in (2, 3, 4)}
FIRST, SECOND, THIRD = TOKENS
ENDS = 4_102_416_000.0
"""2100-01-01 00:00:00 in Beijing."""
DOWN = ("--base-url", "http://127.0.0.1:1")

Run = Callable[..., tuple[int, str, str]]


class Terminal(io.StringIO):
    """An input at which somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def gateway(material: Material) -> Iterator[SandboxThread]:
    merchants = {
        FIRST: Grant(mini_app_id=TOKENS[FIRST], ends_at=ENDS),
        SECOND: Grant(mini_app_id=TOKENS[SECOND], lacks=["cancel", "detail"]),
        THIRD: Grant(mini_app_id=TOKENS[THIRD], is_by_app_auth=True, lacks=["apply"]),
    }
    with SandboxThread(SandboxGateway(material=material, merchants=merchants)) as sandbox:
        yield sandbox


@pytest.fixture
def run(
    material: Material,
    gateway: SandboxThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command in this process; return exit status, stdout and stderr."""
    keys = tmp_path / "keys"
    material.write(keys)
    settings = {
        "APP_ID": keys / "app_id",
        "PRIVATE_KEY": keys / "app_private_key.pem",
        "PUBLIC_KEY": keys / "alipay_public_key.pem",
        "BASE_URL": gateway.base_url,
        "TIMEOUT_TOTAL": 3,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"ALIPAY_{name}", str(value))

    def run(*arguments: object, answer: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO() if answer is None else Terminal(answer))
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        printed = capsys.readouterr()
        assert "canary" not in printed.out + printed.err
        status = ended.value.code or 0
        assert isinstance(status, int)
        return status, printed.out, printed.err

    return run


def table(folder: Path, **others: str) -> Path:
    """Write a file of tokens."""
    file = folder / "tokens.csv"
    rows = {app: token for token, app in TOKENS.items()} | others
    file.write_text("mini_app,app_auth_token\n" + "".join(f"{a},{t}\n" for a, t in rows.items()))
    return file


# online


def test_a_version_goes_online_for_some_and_then_for_everybody(
    run: Run, gateway: SandboxThread
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    status, stdout, stderr = run("online", VERSION, "--gray", "p10", "--yes")
    assert (status, stderr) == (0, "")
    assert stdout.startswith("version: 2.0.0\nresult: online for 10% of the users\n")
    assert gateway.status(VERSION) == "GRAY"
    status, stdout, stderr = run("online", VERSION, "--yes", "--lang", "zh")
    assert (status, stderr) == (0, "")
    assert stdout.startswith("版本号: 2.0.0\n结果: 已全量上架\n")
    assert gateway.status(VERSION) == "RELEASE"


def test_a_program_reads_what_became_of_a_release(run: Run, gateway: SandboxThread) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="online")
    status, stdout, stderr = run("online", VERSION, "--yes", "--json")
    assert (status, stderr) == (0, "")
    found = json.loads(stdout)
    assert (found["outcome"], found["app_version"]) == ("done", VERSION)
    assert found["meta"]["resolved"] is True
    status, stdout, _ = run("online", VERSION, "--yes", "--json")
    assert (status, json.loads(stdout)["outcome"]) == (2, "refused")


def test_a_merchants_version_goes_online(run: Run, gateway: SandboxThread) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE", app_auth_token=FIRST)
    assert run("online", VERSION, "--yes", "--app-auth-token", FIRST)[0] == 0
    assert gateway.status(VERSION, app_auth_token=FIRST) == "RELEASE"
    assert gateway.status(VERSION) == "INIT"


@pytest.mark.parametrize(
    ("options", "question"),
    [
        ((), "Put version 2.0.0 of app {app} at {url} online for everybody? [y/N] "),
        (("--gray", "p30"), "Put version 2.0.0 of app {app} at {url} online for 30% of the users?"),
        (
            ("--gray", "some"),
            "Put version 2.0.0 of app {app} at {url} online for some of the users",
        ),
        (("--lang", "zh"), "将应用 {app} 的版本 2.0.0 在 {url} 全量上架？ [y/N] "),
        (
            ("--lang", "zh", "--gray", "p50", "--app-auth-token", FIRST),
            "将令牌所属商家的版本 2.0.0（代调用应用 {app}）在 {url} 对 50% 的用户灰度？",
        ),
        (
            ("--app-auth-token", FIRST),
            "Put version 2.0.0 of the merchant of the token, as app {app}, at {url} online for ",
        ),
    ],
)
def test_it_asks_before_anything_goes_online(
    run: Run, gateway: SandboxThread, options: tuple[str, ...], question: str
) -> None:
    status, stdout, stderr = run("online", VERSION, *options, answer="\n")
    assert (status, stdout) == (1, "")
    asked = question.format(app=gateway.material.app_id, url=gateway.base_url)
    assert stderr.startswith(asked)
    assert gateway.calls == 0


def test_a_script_has_to_say_yes(run: Run, gateway: SandboxThread) -> None:
    status, _, stderr = run("online", VERSION)
    assert status == 1
    assert stderr.endswith("Give --yes to do it without asking.\n")
    assert gateway.calls == 0


def test_what_cannot_be_sent_is_called_as_it_was_given(run: Run, gateway: SandboxThread) -> None:
    status, _, stderr = run("online", VERSION, "--gray", " ", "--yes")
    assert status == 1
    assert stderr.startswith("error    --gray: it is blank. Give p10, p30 or p50.")
    status, _, stderr = run("online", " ", "--yes", "--lang", "zh")
    assert status == 1
    assert "VERSION" in stderr
    assert CHINESE.search(stderr)
    assert gateway.calls == 0


def test_a_refusal_for_its_state_says_how_to_look(run: Run) -> None:
    status, stdout, stderr = run("online", VERSION, "--yes")
    assert (status, stdout) == (2, "")
    assert stderr.startswith("CAN_NOT_ONLINE_WITHOUT_AUDIT")
    assert stderr.endswith("\nAsk with: alipay-mini-audit detail 2.0.0\n")
    status, _, stderr = run("online", VERSION, "--gray", "p70", "--yes", "--lang", "zh")
    assert status == 2
    assert "请将 `gray_strategy` 设为 p10、p30 或 p50。" in stderr


@pytest.mark.parametrize(
    ("options", "operation", "reading"),
    [
        ((), "online", "RELEASE: it is online."),
        (("--gray", "p10"), "gray_online", "GRAY with this gray_strategy: it is done."),
    ],
)
def test_in_doubt_it_says_how_to_read_the_answer(
    run: Run, gateway: SandboxThread, options: tuple[str, ...], operation: str, reading: str
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation=operation, times=None)  # type: ignore[arg-type]
    refused = Fault.answer("insufficient-isv-permissions", 403)
    gateway.faults.add(refused, operation="detail", times=None)
    status, stdout, stderr = run("online", VERSION, "--yes", *options)
    assert (status, stdout) == (3, "")
    assert "Do not send it again before you have asked.\nAsk with: alipay-mini-audit " in stderr
    assert reading in stderr


# tokens


def test_a_line_tells_what_each_token_may_do(
    run: Run, gateway: SandboxThread, tmp_path: Path
) -> None:
    status, stdout, stderr = run("tokens", table(tmp_path))
    assert status == 0
    assert stdout.splitlines() == [
        "2021000000000002: valid, until 2100-01-01 00:00:00 +0800; named: apply, cancel, detail",
        "2021000000000003: valid; named: apply; not named: cancel, detail",
        "2021000000000004: valid; named: cancel, detail",
    ]
    assert stderr.startswith("A call that is not named may be allowed all the same")
    gateway.end_token(SECOND)
    status, stdout, stderr = run("tokens", table(tmp_path), "--lang", "zh")
    assert status == 1
    assert re.fullmatch(
        "2021000000000003：无效，有效期至 [-0-9: ]{19} [+]0800；"
        "已列出：apply；未列出：cancel、detail",
        stdout.splitlines()[1],
    )
    assert "未列出的调用也可能可以使用" in stderr


def test_a_program_reads_every_answer(run: Run, tmp_path: Path) -> None:
    file = table(tmp_path, unknown="token-canary-9")
    status, stdout, stderr = run("tokens", file, "--json")
    assert (status, stderr) == (1, "")
    found = json.loads(stdout)
    first, second, _, unknown = found["tokens"]
    assert first["mini_app"] == first["auth_app_id"] == "2021000000000002"
    assert (first["is_usable"], first["status"]) == (True, "valid")
    assert first["auth_end"] == "2100-01-01T00:00:00+08:00"
    assert second["named"] == {"apply": True, "cancel": False, "detail": False}
    assert "alipay.open.mini.version.audit.apply" in second["auth_methods"]
    assert (unknown["is_usable"], unknown["code"]) == (False, "AUTH_TOKEN_NOT_EXISTED")


def test_a_token_of_another_app_is_seen(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(f'"2021000000000009" = "{FIRST}"\ncafe = "{SECOND}"\n')
    status, stdout, _ = run("tokens", file)
    assert status == 1
    wrong, named = stdout.splitlines()
    assert "; but it is a token of app 2021000000000002; " in wrong
    assert named.startswith("cafe: valid; named")


def test_every_token_that_cannot_be_one_is_told_at_once(
    run: Run, gateway: SandboxThread, tmp_path: Path
) -> None:
    file = table(tmp_path, a="token canary", b="canary-\u00e9")
    status, stdout, stderr = run("tokens", file, "--json")
    assert status == 1
    problems = json.loads(stdout)["problems"]
    assert [(each["path"], each["code"]) for each in problems] == [
        ("tokens.csv: a", "bad_token"),
        ("tokens.csv: b", "bad_token"),
    ]
    assert stderr.count("error    tokens.csv: ") == 2
    assert run("tokens", tmp_path / "none.csv")[0] == 1
    assert gateway.calls == 0


def test_what_is_no_fault_of_a_token_ends_it(
    run: Run, gateway: SandboxThread, tmp_path: Path
) -> None:
    gateway.faults.add(Fault.answer("invalid-app-id", 403), operation="token", times=None)
    status, stdout, stderr = run("tokens", table(tmp_path))
    assert (status, stdout) == (2, "")
    assert stderr.startswith("invalid-app-id")
    assert gateway.calls == 1
    status, stdout, stderr = run("tokens", table(tmp_path), *DOWN)
    assert (status, stdout) == (4, "")
    assert stderr.endswith("\nYou may run the same command again.\n")


def test_one_answer_that_is_missing_does_not_hide_the_others(
    run: Run, gateway: SandboxThread, tmp_path: Path
) -> None:
    gateway.faults.add(Fault.slow_answer(0.0), operation="token")  # the first one is answered
    gateway.faults.add(Fault.answer("missing-timestamp", 400), operation="token")
    status, stdout, _ = run("tokens", table(tmp_path))
    assert status == 2
    lines = stdout.splitlines()
    assert sum("missing-timestamp" in line for line in lines) == 1
    assert sum("valid" in line for line in lines) == 2


def test_no_token_is_no_question(run: Run, gateway: SandboxThread, tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").write_text("")
    assert run("tokens", tmp_path / "tokens.toml") == (0, "", "")
    assert gateway.calls == 0
