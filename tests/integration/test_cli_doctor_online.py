"""`doctor` with several profiles, and what it makes of the platform's answer."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.certificates import VECTORS

from alipay_mini_audit import __main__
from alipay_mini_audit.cli.doctor.question import judge_answer
from alipay_mini_audit.credentials.diagnosis import Fact
from alipay_mini_audit.errors import ApiError, ErrorKind, Problem, Severity
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway, SandboxThread

KEYS = VECTORS / "keys"
TOKEN = "token-canary-77"
KNOWN = "platform: it knows this app and its key"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def gateway(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        yield sandbox


@pytest.fixture
def run(
    gateway: SandboxThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Let the doctor look at a file for the sandbox; more lines may follow in it."""
    gateway.material.write(tmp_path / "keys")
    file = tmp_path / "alipay.toml"

    def run(more: str, *options: str, language: str = "en") -> tuple[int, str, str]:
        file.write_text(
            'app_id_file = "keys/app_id"\nprivate_key = "keys/app_private_key.pem"\n'
            f'alipay_public_key = "keys/alipay_public_key.pem"\nbase_url = "{gateway.base_url}"\n'
            f"{more}\n"
        )
        words = ["alipay-mini-audit", "doctor", "--credentials", str(file), *options]
        monkeypatch.setattr(sys, "argv", [*words, "--lang", language])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        printed = capsys.readouterr()
        assert TOKEN not in printed.out + printed.err
        status = ended.value.code or 0
        assert isinstance(status, int)
        return status, printed.out, printed.err

    return run


def test_it_stays_offline_unless_it_is_told(run: Run, gateway: SandboxThread) -> None:
    status, stdout, _ = run("")
    assert (status, gateway.calls, "platform" in stdout) == (0, 0, False)


def test_the_platform_knows_the_key(run: Run, gateway: SandboxThread) -> None:
    status, stdout, stderr = run("", "--online", "--app-auth-token", TOKEN)
    assert (status, stderr, gateway.calls) == (0, "", 1)
    *_, known, clock = stdout.splitlines()
    assert known == f"ok       {KNOWN}, and its reply is signed"
    assert clock.startswith("ok       clock: the clock of this computer ")


def test_all_profiles_are_asked_about(run: Run, gateway: SandboxThread) -> None:
    profiles = '[profiles.a]\n[profiles.b]\napp_id = "2021000000000001"'
    status, stdout, stderr = run(profiles, "--online", "--json")
    assert (status, stderr) == (1, "1 problem found.\n")
    found = json.loads(stdout)
    assert found["ok"] is False
    assert [each["profile"] for each in found["profiles"]] == [None, "a", "b"]
    findings = [each["findings"] for each in found["profiles"]]
    last = [[one for one in each if one["path"] == "platform"][-1] for each in findings]
    assert [each["severity"] for each in last] == ["ok", "ok", "error"]
    assert last[2]["code"] == "invalid-app-id"
    assert gateway.calls == 3
    status, stdout, _ = run(profiles)
    assert status == 0
    headings = [line for line in stdout.splitlines() if line and "  " not in line]
    assert headings == ["without a profile", "profile a", "profile b"]
    status, stdout, _ = run(profiles, "--profile", "a", language="zh")
    assert status == 0
    assert stdout.startswith("配置 a\n")


def test_another_key_is_told(run: Run) -> None:
    for setting, name, told in (
        ("private_key", "alipay_next.pkcs8.pem", "it answered invalid-signature"),
        ("alipay_public_key", "alipay_next.public.pem", "its reply is not signed with the key"),
    ):
        profile = f'[profiles.a]\n{setting} = "{KEYS / name}"'
        status, stdout, stderr = run(profile, "--online", "--profile", "a")
        assert (status, stderr) == (1, "1 problem found.\n")
        assert stdout.splitlines()[-1].startswith(f"problem  platform: {told}")


def test_a_platform_that_is_away(run: Run) -> None:
    options = ("--online", "--base-url", "http://127.0.0.1:1")
    status, stdout, _ = run("", *options)
    assert status == 1
    assert "problem  platform: it could not be asked: " in stdout
    assert "问题  platform: 无法查询：" in run("", *options, language="zh")[1]


@pytest.mark.parametrize(
    ("skew", "status", "said"),
    [
        (0, 0, "ok       clock: the clock of this computer and the platform's agree"),
        (30, 0, "ok       clock: the clock of this computer is 30 s behind the platform's"),
        (-200, 0, "note     clock: the clock of this computer is 200 s ahead of the platform's. "),
        (3600, 1, "note     clock: the clock of this computer is 3600 s behind the platform's ("),
    ],
)
def test_the_clock_is_compared_with_the_answer(
    run: Run, gateway: SandboxThread, skew: int, status: int, said: str
) -> None:
    gateway.faults.add(Fault.clock_skew(skew))
    ended, stdout, _ = run("", "--online")
    clock = stdout.splitlines()[-1]
    rounded = re.sub(r"\b(\d+)(?= s )", lambda found: str(round(int(found[1]) + 1, -1)), clock)
    assert ended == status
    assert rounded.startswith(said)
    assert ("illegal-timestamp" in stdout) is (skew > 600)


def test_what_is_wrong_offline_is_not_asked_about(run: Run, gateway: SandboxThread) -> None:
    status, _, _ = run('[profiles.a]\nencrypt_key = "AAEC"', "--online", "--profile", "a")
    assert (status, gateway.calls) == (1, 0)


def test_a_throttled_question_proves_nothing(run: Run, gateway: SandboxThread) -> None:
    gateway.faults.add(Fault.throttled())
    status, stdout, _ = run("", "--online")
    assert status == 0
    assert "note     platform: it answered app-call-limited, which proves nothing." in stdout


@pytest.mark.parametrize(
    ("code", "kind", "severity"),
    [
        ("APP_VERSION_NOT_EXIST", ErrorKind.UNKNOWN, None),
        ("VERSION_IS_BLANK", ErrorKind.REQUEST, None),
        ("APPLICATION_TYPE_NOT_MINIAPP", ErrorKind.STATE, None),
        ("invalid-signature", ErrorKind.AUTHENTICATION, Severity.ERROR),
        ("invalid-app-auth-token", ErrorKind.PERMISSION, Severity.ERROR),
        ("invalid-parameter", ErrorKind.REQUEST, Severity.WARNING),
        ("SYSTEM_ERROR", ErrorKind.UNAVAILABLE, Severity.WARNING),
    ],
)
def test_what_a_code_proves(code: str, kind: ErrorKind, severity: Severity | None) -> None:
    finding = judge_answer(ApiError(code, "text {x}", kind=kind, advice="Do {this}."))
    if severity is None:
        assert isinstance(finding, Fact)
    else:
        assert isinstance(finding, Problem)
        assert (finding.code, finding.severity) == (code, severity)
    assert code in str(finding)
    assert code in str(finding.in_language("zh"))
