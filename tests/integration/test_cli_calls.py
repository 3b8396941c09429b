"""`apply`, `cancel` and `detail` against a sandbox: what they print, and how they end."""

import io
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.forked_programs import ForkedPrograms
from support.languages import CHINESE

from alipay_mini_audit import __main__
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway, SandboxThread
from alipay_mini_audit.sandbox.samples import png

VERSION = "0.0.1"
SECRETS = ("LIC-9137-7", "tester-77", "pw-canary-77", "token-canary-77")
FIELDS = {
    "app_version": VERSION,
    "version_desc": "Orders can be filtered by shop, refunds show the right amount.",
    "service_phone": "0571-88888888",
    "license_no": SECRETS[0],
    "test_accout": SECRETS[1],
    "test_password": SECRETS[2],
}
DOWN = "http://127.0.0.1:1"

Run = Callable[..., tuple[int, str, str]]


class Terminal(io.StringIO):
    """An input at which somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def made(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of keys, and one of a submission."""
    folder = tmp_path_factory.mktemp("calls")
    material.write(folder / "keys")
    (folder / "shop" / "screenshots").mkdir(parents=True)
    (folder / "shop" / "logo.png").write_bytes(png(50_000, seed=1, square=True))
    for seed in (1, 2):
        (folder / "shop" / "screenshots" / f"{seed}.png").write_bytes(png(90_000, seed=seed))
    lines = [f"{name} = {json.dumps(value)}" for name, value in FIELDS.items()]
    (folder / "shop" / "submission.toml").write_text("\n".join(lines))
    return folder


@pytest.fixture
def gateway(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        yield sandbox


@pytest.fixture
def settings(made: Path, gateway: SandboxThread, tmp_path: Path) -> Path:
    """A file of credentials with profiles, for the sandbox."""
    file = tmp_path / "alipay.toml"
    keys = made / "keys"
    file.write_text(
        f'app_id_file = "{keys}/app_id"\nprivate_key = "{keys}/app_private_key.pem"\n'
        f'alipay_public_key = "{keys}/alipay_public_key.pem"\nbase_url = "{gateway.base_url}"\n'
        'timeouts.reply = 5\n[profiles.shop]\n[profiles.other]\napp_id = "2021000000000001"\n'
    )
    return file


@pytest.fixture
def run(settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; return exit status, stdout and stderr."""

    def run(*arguments: object, answer: str | None = None) -> tuple[int, str, str]:
        words = ["alipay-mini-audit", *map(str, arguments), "--credentials", str(settings)]
        monkeypatch.setattr(sys, "argv", words)
        monkeypatch.setattr(sys, "stdin", io.StringIO() if answer is None else Terminal(answer))
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        printed = capsys.readouterr()
        assert not [each for each in SECRETS if each in printed.out + printed.err]
        status = ended.value.code or 0
        assert isinstance(status, int)
        return status, printed.out, printed.err

    return run


# All is well.


def test_a_version_is_submitted_looked_at_and_withdrawn(
    run: Run, made: Path, gateway: SandboxThread
) -> None:
    status, stdout, stderr = run("apply", made / "shop", "--yes")
    assert status == 0
    assert "version: 0.0.1\nresult: in audit\n" in stdout
    assert f"host: {gateway.base_url}\n" in stderr
    assert f"app id: {gateway.material.app_id}\n" in stderr
    size = (made / "shop" / "logo.png").stat().st_size
    assert f"files: app_logo  {size / 1024:.1f} KB  logo.png\n" in stderr
    assert "Where it stands: alipay-mini-audit detail 0.0.1 --credentials " in stderr
    (submission,) = gateway.submissions
    assert {name: submission.fields[name] for name in FIELDS} == FIELDS
    assert [part.name for part in submission.parts] == [
        "app_logo",
        "first_screen_shot",
        "second_screen_shot",
    ]

    status, stdout, stderr = run("detail", VERSION)
    assert (status, stderr) == (0, "")
    assert "status: AUDITING (in audit)\n" in stdout
    assert f"version_desc: {FIELDS['version_desc']}\n" in stdout

    status, stdout, stderr = run("cancel", VERSION, "--yes", "--profile", "shop")
    assert (status, stderr) == (0, "")
    assert "result: withdrawn from audit\n" in stdout
    assert gateway.status(VERSION) == "INIT"


def test_a_program_reads_json(run: Run, made: Path, gateway: SandboxThread) -> None:
    status, stdout, stderr = run("apply", made / "shop", "--yes", "--json")
    assert (status, stderr) == (0, "")
    accepted = json.loads(stdout)
    assert (accepted["outcome"], accepted["app_version"]) == ("done", VERSION)
    assert accepted["meta"]["attempts"] == 1
    assert len(accepted["meta"]["request_id"]) == 32
    gateway.decide(VERSION, "AUDIT_REJECT", reject_reason="The logo is blurred.")
    assert "安全扫描：True（通过）\n" in run("detail", VERSION, "--lang", "zh")[1]
    status, stdout, stderr = run("detail", VERSION, "--json")
    assert (status, stderr) == (0, "")
    detail = json.loads(stdout)
    assert (detail["status"], detail["reject_reason"]) == ("AUDIT_REJECT", "The logo is blurred.")
    assert detail["app_slogan"] is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", detail["gmt_apply_audit"])
    status, stdout, _ = run("cancel", VERSION, "--yes", "--json")
    assert (status, json.loads(stdout)["outcome"]) == (2, "refused")


def test_the_token_of_a_merchant_goes_along(run: Run, made: Path, gateway: SandboxThread) -> None:
    token = SECRETS[3]
    assert run("apply", made / "shop", "--yes", "--app-auth-token", token)[0] == 0
    assert gateway.submissions[0].app_auth_token == token
    assert gateway.status(VERSION, app_auth_token=token) == "AUDITING"
    assert "AUDITING" in run("detail", VERSION, "--app-auth-token", token)[1]


# Somebody is asked.


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("是\n", 0), ("n\n", 1), ("", 1)])
def test_it_asks_before_it_sends(
    run: Run, made: Path, gateway: SandboxThread, answer: str, status: int
) -> None:
    ended, _, stderr = run("apply", made / "shop", answer=answer)
    assert ended == status
    assert f"Submit version 0.0.1 for audit to {gateway.base_url}? [y/N] " in stderr
    assert ("Nothing was sent." in stderr) == (status == 1)
    assert len(gateway.submissions) == (1 if status == 0 else 0)


def test_it_asks_before_it_withdraws(run: Run, gateway: SandboxThread) -> None:
    status, _, stderr = run("cancel", VERSION, "--lang", "zh", answer="\n")
    assert status == 1
    app_id, url = gateway.material.app_id, gateway.base_url
    question = f"撤销应用 {app_id} 的版本 0.0.1 在 {url} 的审核？ [y/N] "
    assert stderr == f"{question}没有发送任何内容。\n"
    assert gateway.calls == 0


def test_it_says_when_it_withdraws_for_a_merchant(run: Run, gateway: SandboxThread) -> None:
    app_id, url, token = gateway.material.app_id, gateway.base_url, ("--app-auth-token", SECRETS[3])
    _, _, stderr = run("cancel", VERSION, *token, answer="\n")
    whose = f"the merchant of the token, as app {app_id},"
    assert stderr.startswith(f"Withdraw version 0.0.1 of {whose} at {url} from audit? [y/N] ")
    _, _, stderr = run("cancel", VERSION, *token, "--lang", "zh", answer="\n")
    assert stderr.startswith(
        f"撤销令牌所属商家的版本 0.0.1（代调用应用 {app_id}）在 {url} 的审核？"
    )
    assert gateway.calls == 0


@pytest.mark.parametrize("command", ["apply", "cancel"])
def test_a_script_has_to_say_yes(
    run: Run, made: Path, gateway: SandboxThread, command: str
) -> None:
    status, stdout, stderr = run(command, made / "shop" if command == "apply" else VERSION)
    assert (status, stdout) == (1, "")
    assert stderr.endswith("Give --yes to do it without asking.\n")
    assert gateway.calls == 0


# Nothing is sent: status 1.


def test_all_problems_are_told_at_once(run: Run, gateway: SandboxThread, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"GIF89a")
    file = tmp_path / "submission.toml"
    file.write_text('app_versio = "0.0.1"\nversion_desc = "short"\nservice_phone = 5\n')
    status, stdout, stderr = run("apply", file, "--json")
    assert status == 1
    found = json.loads(stdout)
    assert found["outcome"] == "not sent"
    paths = [each["path"] for each in found["problems"]]
    for path in ("app_versio", "service_phone", "version_desc", "attachments.app_logo"):
        assert path in paths
        called = "logo.png" if path == "attachments.app_logo" else path  # as `check` calls it
        assert f"error    {called}: " in stderr
    assert paths.count("service_phone") == 1
    assert gateway.calls == 0
    status, stdout, stderr = run("apply", file, "--lang", "zh")
    assert (status, stdout) == (1, "")
    assert all(CHINESE.search(line) for line in stderr.splitlines())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--profile", "shopp"), "--profile: there is no profile shopp in "),
        (("--base-url", "x"), "--base-url: this is not a URL"),
        (("--app-auth-token", "a b"), "error    --app-auth-token: "),
        (("--bundle-id", " "), "error    --bundle-id: "),
        (("--lang", "fr"), "--lang: "),
    ],
)
def test_settings_that_cannot_be_used(
    run: Run, gateway: SandboxThread, arguments: tuple[str, ...], told: str
) -> None:
    status, stdout, stderr = run("detail", VERSION, *arguments)
    assert (status, stdout) == (1, "")
    assert stderr.startswith(told)
    assert gateway.calls == 0


def test_a_profile_without_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["alipay-mini-audit", "detail", VERSION, "--profile", "shop"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 1
    expected = "--profile: a profile stands in a file of credentials. "
    assert capsys.readouterr().err == f"{expected}Give the file with --credentials FILE.\n"


# The platform refuses it (2), nobody knows (3), or it is away (4).


def test_a_refusal_says_what_to_do(run: Run, made: Path, gateway: SandboxThread) -> None:
    gateway.faults.add(Fault.answer("MINI_APP_NAME_DUPLICATE", 400), operation="apply")
    status, stdout, stderr = run("apply", made / "shop", "--yes")
    assert (status, stdout) == (2, "")
    assert stderr.endswith("Correct that first, then run the command again.\n")
    status, stdout, stderr = run("cancel", VERSION, "--yes")
    assert (status, stdout) == (2, "")
    assert "\nAsk with: alipay-mini-audit detail 0.0.1 --credentials " in stderr
    status, stdout, stderr = run("detail", VERSION, "--profile", "other", "--lang", "zh")
    assert (status, stdout) == (2, "")
    assert stderr.startswith("invalid-app-id")
    assert "结果：已被拒绝" in stderr
    assert stderr.endswith("\n请先更正，再重新执行该命令。\n")


OTHER, OWN = (
    [
        f"Put it online with: alipay-mini-audit online {version}",
        f"Take it back with: alipay-mini-audit cancel {version} --audited",
    ]
    for version in ("0.0.0", VERSION)
)


@pytest.mark.parametrize(
    ("other", "status", "commands"),
    [
        ("0.0.0", "AUDITING", ["Withdraw it with: alipay-mini-audit cancel 0.0.0"]),
        ("0.0.0", "GRAY", ["Put it online with: alipay-mini-audit online 0.0.0"]),
        ("0.0.0", "AUDIT_REJECT", ["Take it back with: alipay-mini-audit cancel 0.0.0 --audited"]),
        (VERSION, "AUDIT_REJECT", ["Take it back with: alipay-mini-audit cancel 0.0.1 --audited"]),
        ("0.0.0", "WAIT_RELEASE", OTHER),
        (VERSION, "PROMOTE_AUDIT_REJECT", OWN),  # it may go online without promotion
    ],
)
def test_a_refusal_names_the_version_that_is_in_the_way(
    run: Run, made: Path, gateway: SandboxThread, other: str, status: str, commands: list[str]
) -> None:
    gateway.decide(other, status, can_release=True if status.startswith("PROMOTE") else None)
    ended, _, stderr = run("apply", made / "shop", "--yes")
    assert ended == 2
    stands, *told = stderr.partition("In the way: ")[2].splitlines()
    assert stands.startswith(f"{other}, {status} (")
    assert [line.partition(" --credentials")[0] for line in told] == commands
    _, stdout, _ = run("apply", made / "shop", "--yes", "--json", "--lang", "zh")
    assert other in json.loads(stdout)["advice"]
    assert CHINESE.search(json.loads(stdout)["advice"])


@pytest.mark.parametrize("command", ["apply", "cancel"])
def test_in_doubt_it_says_how_to_ask(
    run: Run, made: Path, gateway: SandboxThread, command: str
) -> None:
    gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation=command, times=None)
    gateway.faults.add(
        Fault.answer("insufficient-isv-permissions", 403), operation="detail", times=None
    )
    what = made / "shop" if command == "apply" else VERSION
    status, stdout, stderr = run(command, what, "--yes", "--json")
    assert status == 3
    found = json.loads(stdout)
    assert (found["outcome"], found["is_repeatable"]) == ("unknown", False)
    assert "Do not send it again before you have asked.\nAsk with: alipay-mini-audit " in stderr
    bundle = ("--bundle-id", "com.alipay.alipaywallet") if command == "cancel" else ()
    status, stdout, stderr = run(command, what, "--yes", "--lang", "zh", *bundle)
    assert (status, stdout) == (3, "")
    assert "在查询清楚之前，请勿再次发送。\n查询命令：alipay-mini-audit detail 0.0.1 " in stderr
    assert " ".join(bundle) in stderr
    assert "again" not in stderr.split("查询命令")[1]


def test_a_platform_that_is_away(run: Run, settings: Path) -> None:
    settings.write_text(settings.read_text().replace("timeouts.reply = 5", "timeouts.total = 0.2"))
    status, stdout, stderr = run("detail", VERSION, "--base-url", DOWN, "--json")
    assert status == 4
    assert json.loads(stdout)["outcome"] == "not sent"
    assert stderr.endswith("\nYou may run the same command again.\n")
    status, stdout, stderr = run("detail", VERSION, "--base-url", DOWN, "--lang", "zh")
    assert (status, stdout) == (4, "")
    assert "结果：未送达" in stderr
    assert stderr.endswith("\n可以重新执行同一命令。\n")


# A signal ends it.


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_tells_what_became_of_the_call(
    run: Run, made: Path, gateway: SandboxThread, number: signal.Signals, status: int
) -> None:
    gateway.faults.add(Fault.HANG_AFTER_ACCEPTING, operation="apply")

    def stop() -> None:
        deadline = time.monotonic() + 20
        while not gateway.accepted(VERSION) and time.monotonic() < deadline:
            time.sleep(0.01)
        if gateway.accepted(VERSION):  # so a call is under way, and heeds signals
            os.kill(os.getpid(), number)

    thread = threading.Thread(target=stop)
    thread.start()
    ended, stdout, stderr = run("apply", made / "shop", "--yes", "--json")
    thread.join()
    assert ended == status
    told = json.loads(stdout)
    assert (told["outcome"], told["signal"]) == ("unknown", number.name)
    assert f"Stopped by {number.name}: nobody knows whether it took effect (request id " in stderr
    assert "\nAsk with: alipay-mini-audit detail 0.0.1 " in stderr
    assert run("detail", VERSION)[0] == 0


# Nobody reads what it says.


def test_a_pipe_that_closes_ends_it_quietly(
    programs: ForkedPrograms, settings: Path, made: Path, gateway: SandboxThread
) -> None:
    options = ("--credentials", str(settings))
    english = dict(os.environ)
    done = programs.run("detail", VERSION, *options, environment=english, unread="stdout")
    assert (done.status, done.stderr) == (141, "")
    submit = ("apply", str(made / "shop"), "--yes")
    done = programs.run(*submit, *options, environment=english, unread="stdout")
    assert done.status == 141
    assert gateway.status(VERSION) == "AUDITING"
    assert "Traceback" not in done.stderr
    done = programs.run(*submit, *options, environment=english, unread="stderr")
    assert done.status == 141
    assert len(gateway.submissions) == 1


def test_a_wrong_clock_is_told_in_seconds(run: Run, gateway: SandboxThread) -> None:
    gateway.faults.add(Fault.clock_skew(7200), times=2)
    status, _, stderr = run("detail", VERSION)
    assert status == 2
    assert re.search(r"clock of this computer is 7[12]\d\d s behind the platform's", stderr)
    status, stdout, _ = run("detail", VERSION, "--json", "--lang", "zh")
    assert status == 2
    assert abs(json.loads(stdout)["clock_offset"] - 7200) < 60
