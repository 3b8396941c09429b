"""What `batch take-back` and `cancel --audited` must never do, whatever goes on meanwhile."""

import contextlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.judged_nights import decide, judged, later, statuses, token
from support.languages import CHINESE
from support.night_folder import night_folder, run_options

from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway
from alipay_mini_audit.sandbox.thread import SandboxThread

resource = pytest.importorskip("resource")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of Unix")


@pytest.fixture
def sandbox(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        yield sandbox


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("fault", "calls", "status", "told"),
    [
        pytest.param(Fault.throttled(1), 2, 0, "left alone, it is WAIT_RELEASE", id="throttled"),
        pytest.param(Fault.CLOSE_AFTER_BODY, 3, 3, "unknown: ", id="lost"),
    ],
)
def test_a_repeated_call_gives_no_approval_away(
    run: CommandLine,
    sandbox: SandboxThread,
    tmp_path: Path,
    fault: Fault,
    calls: int,
    status: int,
    told: str,
) -> None:
    options = judged(run, sandbox, tmp_path, "AUDIT_REJECT")
    sandbox.faults.add(fault, operation="cancel_audited", times=1)
    before = sandbox.calls

    def passes() -> None:
        time.sleep(0.1)  # the fault has struck, and the next attempt is a second away at least
        decide(sandbox, tmp_path, "WAIT_RELEASE")

    beside = later(lambda: sandbox.calls >= before + calls, passes)
    ended = run("batch", "take-back", *options, "--yes")
    beside.join()
    assert (ended.status, statuses(sandbox, tmp_path, 1)) == (status, ["WAIT_RELEASE"])
    assert ended.out.startswith(f"shop-1 0.0.1: {told}")


def test_a_lost_call_is_repeated_if_it_surely_did_not_arrive(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, "AUDIT_REJECT")
    sandbox.faults.add(Fault.CLOSE_AFTER_BODY, operation="cancel_audited", times=1)
    ended = run("batch", "take-back", *options, "--yes")
    assert (ended.status, ended.out) == (0, "shop-1 0.0.1: taken back\ntaken back 1\n")
    assert statuses(sandbox, tmp_path, 1) == ["INIT"]


def test_of_two_at_once_the_slower_one_is_not_refused(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, "AUDIT_REJECT")
    refused = Fault.answer("CAN_NOT_BACK_DEV_WITHOUT_AUDIT")
    sandbox.faults.add(refused, operation="cancel_audited", times=1)
    before = sandbox.calls
    beside = later(lambda: sandbox.calls >= before + 2, lambda: decide(sandbox, tmp_path, "INIT"))
    ended = run("batch", "take-back", *options, "--yes")
    beside.join()
    assert ended.status == 0
    assert ended.out.startswith("shop-1 0.0.1: left alone, it is INIT (in development) now")


def test_two_processes_take_each_back_once(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 6)
    command = [sys.executable, "-m", "alipay_mini_audit", "batch", "take-back", *options, "--yes"]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    ended = [(*each.communicate(timeout=50), each.returncode) for each in both]
    assert [status for *_, status in ended] == [0, 0], ended
    assert sum(out.count(": taken back") for out, *_ in ended) == 6
    assert statuses(sandbox, tmp_path, 6) == ["INIT"] * 6


def test_a_later_submission_is_left_alone_though_it_was_rejected_too(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, "AUDIT_REJECT")
    decide(sandbox, tmp_path, "INIT")
    other = ["--journal", str(tmp_path / "other"), *run_options(tmp_path)[2:], "--yes"]
    time.sleep(1.1)  # the platform tells seconds
    assert run("batch", "run", tmp_path / "night.jsonl", *other).status == 0
    decide(sandbox, tmp_path, "AUDIT_REJECT")
    ended = run("batch", "take-back", *options, "--yes")
    assert ended.status == 0
    assert ended.out.splitlines()[0] == (
        "shop-1 0.0.1: left alone, it was submitted again since, and is AUDIT_REJECT (rejected) now"
    )
    assert statuses(sandbox, tmp_path, 1) == ["AUDIT_REJECT"]
    facts = run("batch", "take-back", *options, "--yes", "--json").lines_of_json[0]
    assert (facts["outcome"], facts["is_another"]) == ("left_alone", True)
    chinese = run("batch", "take-back", *options, "--yes", "--lang", "zh")
    assert chinese.out.startswith("shop-1 0.0.1：未处理，此后又被提交过，当前为 AUDIT_REJECT")


@pytest.mark.parametrize(
    ("tokens", "more", "told"),
    [
        pytest.param({1: 2, 2: 1}, [], "another one was submitted with", id="swapped"),
        pytest.param({1: 1, 2: 1}, [], "another one was submitted with", id="copied"),
        pytest.param({1: 1, 2: "to ken\u00e9"}, [], "cannot be one", id="bad"),
        pytest.param({1: 1, 2: " "}, [], "cannot be one", id="blank"),
        pytest.param({1: 1}, ["--app-auth-token", "foreign"], "there is no token", id="foreign"),
    ],
)
@pytest.mark.parametrize("command", ["take-back", "watch"])
def test_no_token_is_used_for_a_merchant_that_it_is_not_of(
    run: CommandLine,
    sandbox: SandboxThread,
    tmp_path: Path,
    tokens: dict[int, int | str],
    more: list[str],
    told: str,
    command: str,
) -> None:
    is_watch = command == "watch"
    names = ["batch", "take-back", "--yes"] if not is_watch else ["watch"]
    verdicts = ["AUDITING" if is_watch else "AUDIT_REJECT"] * 2
    options = submitted(run, sandbox, tmp_path, *verdicts)
    lines = {
        f"mini-{n}": token(tmp_path, each) if isinstance(each, int) else each
        for n, each in tokens.items()
    }
    text = "".join(f'"{name}" = "{each}"\n' for name, each in lines.items())
    (tmp_path / "tokens.toml").write_text(text)
    for whose in (token(tmp_path, 1), token(tmp_path, 2), "foreign"):
        for version in ("0.0.1", "0.0.2"):
            sandbox.decide(version, "AUDIT_REJECT", app_auth_token=whose, reject_reason="No.")
    calls = sandbox.calls
    ended = run(*names, *options, *more)
    assert (ended.status, ended.out, sandbox.calls) == (1, "", calls)
    assert told in ended.err
    assert "token-" not in ended.err
    assert "to ken" not in ended.err
    chinese = run(*names, *options, *more, "--lang", "zh")
    assert CHINESE.search(chinese.err)


def submitted(run: CommandLine, sandbox: SandboxThread, folder: Path, *verdicts: str) -> list[str]:
    """Return what names journal and tokens of a night, whose verdicts are waited for if any."""
    if "AUDITING" not in verdicts:
        return judged(run, sandbox, folder, *verdicts)
    night_folder(folder, sandbox.base_url, len(verdicts), mini_app=lambda n: f"mini-{n}")
    done = run("batch", "run", folder / "night.jsonl", *run_options(folder), "--yes")
    assert done.status == 0, done.err
    where = ["--tokens", str(folder / "tokens.toml"), "--credentials", str(folder / "alipay.toml")]
    return [str(folder / "journal"), *where]


def test_what_was_submitted_without_a_token_is_asked_about_without_one(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    night_folder(tmp_path, sandbox.base_url, 1, app_auth_token=None)
    done = run("batch", "run", tmp_path / "night.jsonl", *run_options(tmp_path), "--yes")
    assert done.status == 0, done.err
    for whose in (None, "foreign"):
        sandbox.decide("0.0.1", "AUDIT_REJECT", app_auth_token=whose, reject_reason="No.")
    keys = ["--credentials", tmp_path / "alipay.toml", "--app-auth-token", "foreign"]
    assert run("watch", tmp_path / "journal", *keys).status == 5
    assert run("batch", "take-back", tmp_path / "journal", *keys, "--yes").status == 0
    assert sandbox.status("0.0.1") == "INIT"
    assert sandbox.status("0.0.1", app_auth_token="foreign") == "AUDIT_REJECT"


@pytest.mark.parametrize(("language", "told"), [("en", "It has moved meanwhile"), ("zh", "已变化")])
def test_what_moves_while_somebody_is_asked_is_left_alone(
    run: CommandLine,
    sandbox: SandboxThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    told: str,
) -> None:
    judged(run, sandbox, tmp_path, "AUDIT_REJECT")

    class Slow(io.StringIO):
        def isatty(self) -> bool:
            return True

        def readline(self, size: int | None = -1, /) -> str:
            del size
            decide(sandbox, tmp_path, "WAIT_RELEASE")
            return "y\n"

    monkeypatch.setattr(sys, "stdin", Slow())
    whose = ["--app-auth-token", token(tmp_path, 1), "--credentials", tmp_path / "alipay.toml"]
    ended = run("cancel", "0.0.1", "--audited", *whose, "--lang", language)
    assert (ended.status, ended.out) == (1, "")
    assert told in ended.err
    assert statuses(sandbox, tmp_path, 1) == ["WAIT_RELEASE"]


def test_a_signal_ends_a_wait_for_the_platform_and_is_in_the_summary(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 3)
    sandbox.faults.add(Fault.throttled(50), operation="detail", times=None)
    before = sandbox.calls
    beside = later(lambda: sandbox.calls > before, lambda: os.kill(os.getpid(), signal.SIGTERM))
    began = time.monotonic()
    ended = run("batch", "take-back", *options, "--yes", "--json")
    beside.join()
    assert time.monotonic() - began < 20
    assert ended.status == 128 + signal.SIGTERM
    summary = ended.lines_of_json[-1]["summary"]
    assert (summary["stopped_by"], summary["exit_status"]) == ("SIGTERM", ended.status)
    assert summary["not_begun"] == 2


def test_a_full_disk_behind_the_output_hides_nothing_that_was_taken_back(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 3)
    command = [sys.executable, "-m", "alipay_mini_audit", "batch", "take-back", *options, "--yes"]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=50
        )
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == ["taken back 1, not begun 2", "No space left on device."]
    assert statuses(sandbox, tmp_path, 3) == ["INIT", "AUDIT_REJECT", "AUDIT_REJECT"]


def test_a_disk_that_fills_up_meanwhile_hides_nothing_that_was_taken_back(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 3)
    sandbox.faults.add(Fault.slow_answer(1.5), operation="cancel_audited", times=1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = sandbox.calls
    beside = later(
        lambda: sandbox.calls >= before + 2,
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard)),
    )
    try:
        ended = run("batch", "take-back", *options, "--yes", "--json")
    finally:
        beside.join()
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    first, *_, last = ended.lines_of_json
    assert (first["key"], first["outcome"]) == ("shop-1", "taken_back")
    assert ".pace" in last["summary"]["error"]
    assert last["summary"]["counts"] == {"taken_back": 1}
    assert last["summary"]["not_begun"] == 2
    assert (last["summary"]["exit_status"], ended.status) == (4, 4)


@pytest.mark.parametrize(
    ("column", "value", "status", "told"),
    [
        ("audit_since", 1e300, 0, "shop-1 0.0.1: left alone, it was submitted again since"),
        ("app_version", "x\n\x1b[31m", 4, "there is a control character (U+000A)"),
        ("state", "nonsense", 1, "The journal is damaged"),
        ("verdict", "{", 1, "The journal is damaged"),
    ],
)
def test_an_edited_journal_is_told_of_in_a_line(
    run: CommandLine,
    sandbox: SandboxThread,
    tmp_path: Path,
    column: str,
    value: object,
    status: int,
    told: str,
) -> None:
    options = judged(run, sandbox, tmp_path, "AUDIT_REJECT")
    with contextlib.closing(sqlite3.connect(options[0])) as db, db:
        db.execute(f"UPDATE entries SET {column} = ?", (value,))  # noqa: S608  # of this test
    ended = run("batch", "take-back", *options, "--yes")
    assert ended.status == status
    assert told in ended.out + ended.err
    assert "\x1b" not in ended.out + ended.err
    assert statuses(sandbox, tmp_path, 1) == ["AUDIT_REJECT"]
