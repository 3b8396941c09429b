"""How a command ends: its statuses, its signals, and what the user reads."""

import asyncio
import os
import signal

import pytest

from alipay_mini_audit.cli.exits import (
    NOBODY_READS,
    CommandFailed,
    ExitStatus,
    Stopped,
    failures_in_one_line,
    one_line,
    signal_status,
    status_of,
    until_stopped,
)
from alipay_mini_audit.codes import explain
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    ConfigurationError,
    ConnectionFailed,
    InvalidRequest,
    MalformedReply,
    Outcome,
    Problem,
    ReplyLost,
    ServiceUnavailable,
    SigningError,
    ValidationError,
)
from alipay_mini_audit.problems import told


def test_the_statuses_are_those_that_scripts_rely_on() -> None:
    assert {status.name: status.value for status in ExitStatus} == {
        "DONE": 0,
        "INVALID": 1,
        "REFUSED": 2,
        "UNKNOWN": 3,
        "NOT_SENT": 4,
        "UNFINISHED": 5,
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CommandFailed("x"), 1),
        (ValidationError([]), 1),
        (FileNotFoundError("x"), 1),
        (InvalidRequest("X", "x", outcome=Outcome.REFUSED), 2),
        (ReplyLost("x"), 3),
        (MalformedReply("x", outcome=Outcome.ACCEPTED_UNREADABLE), 3),
        (ServiceUnavailable("X", "x", outcome=Outcome.UNKNOWN), 3),
        (ConnectionFailed("x"), 4),
        (SigningError("x"), 4),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_status_says_how_far_it_came(error: Exception, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_has_the_status_that_a_shell_expects(number: signal.Signals, status: int) -> None:
    assert signal_status(number) == status
    assert Stopped(number).status == status


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
async def test_a_signal_cancels_the_work_and_waits_for_it(
    number: signal.Signals, status: int
) -> None:
    others = (signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.getsignal(other) for other in others]
    steps = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("cleaned up")

    with pytest.raises(Stopped) as stopped:
        await until_stopped(work())
    assert (stopped.value.status, steps) == (status, ["cleaned up"])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert [signal.getsignal(other) for other in others] == handlers


async def test_a_hang_up_that_is_ignored_stays_ignored() -> None:
    async def work() -> str:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0)
        return "done"

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        assert await until_stopped(work()) == "done"
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_a_cancellation_without_a_signal_stays_one() -> None:
    working = asyncio.create_task(until_stopped(asyncio.sleep(60)))
    await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_work_that_ends_gives_its_result() -> None:
    assert await until_stopped(asyncio.sleep(0, "done")) == "done"


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (KeyboardInterrupt(), 130, ""),
        (Stopped(signal.SIGTERM), 143, ""),
        (
            ConfigurationError("private_key", "this is empty.", "Copy it again."),
            1,
            "private_key: this is empty. Copy it again.\n",
        ),
        (
            ValidationError([Problem("a", "x", "is bad."), Problem("b", "x", "is worse.")]),
            1,
            "a: is bad.; b: is worse.\n",
        ),
        (CommandFailed("2 problems found."), 1, "2 problems found.\n"),
        (
            OSError(28, "No space left on device", "x"),
            1,
            "x: No space left on device.\n",
        ),
        (AuditError(), 1, "AuditError\n"),
    ],
)
def test_a_failure_is_one_line_and_a_status(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, failures_in_one_line():
        raise error
    assert ended.value.code == status
    assert capsys.readouterr() == ("", line)


PROBLEMS = (
    told("a", "x", ("is bad.", "Mend it."), ("有误。", "请改正。")),
    told("b", "x", ("is worse.", ""), ("有大误。", "")),
)
LIMITED = "app-call-limited: 应用调用次数超限"
LATER = {
    "en": (
        "Call less often: the app's limit is reached. "
        "The call was not carried out and may be repeated."
    ),
    "zh": "请降低调用频率：已达到应用的上限。本次调用没有执行，可以稍后重试。",
}
ASK = {
    "en": "Read the message that came with it, or ask Alipay support with the trace id.",
    "zh": "请查看随附的错误信息，或凭 trace id 联系支付宝客服。",
}
THROTTLED = ApiError(
    "app-call-limited", "应用调用次数超限", explain=explain, http_status=429, trace_id="t-1"
)
NEW = ApiError("BRAND_NEW", "something", explain=explain)
REPEATED = ApiError("BRAND_NEW", "something", explain=explain)
REPEATED.request_id, REPEATED.attempts = "r-1", 2


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (
            ConfigurationError.from_problem(PROBLEMS[0]),
            "a: is bad. Mend it.",
            "a: 有误。请改正。",
        ),
        (
            ValidationError(PROBLEMS),
            "a: is bad. Mend it.; b: is worse.",
            "a: 有误。请改正。b: 有大误。",
        ),
        (
            THROTTLED,
            f"{LIMITED} (outcome: refused, HTTP 429, trace id t-1) {LATER['en']}",
            f"{LIMITED} {LATER['zh']}（结果：已被拒绝，HTTP 429，trace id t-1）",
        ),
        (
            NEW,
            f"BRAND_NEW: something (outcome: refused) {ASK['en']}",
            f"BRAND_NEW: something {ASK['zh']}（结果：已被拒绝）",
        ),
        (
            REPEATED,
            f"BRAND_NEW: something (outcome: refused, request id r-1, attempt 2) {ASK['en']}",
            f"BRAND_NEW: something {ASK['zh']}（结果：已被拒绝，request id r-1，第 2 次尝试）",
        ),
        (
            ApiError("X", "y", advice="Do it.", explain=explain),
            "X: y Do it. (outcome: refused)",
            f"X: y {ASK['zh']}（结果：已被拒绝）",
        ),
        (
            OSError(28, "No space left on device", "x"),
            "x: No space left on device.",
            "x：磁盘空间不足。",
        ),
        (OSError(11, "slow", "x"), "x: slow.", "x：slow。"),
        (OSError("no number"), "no number", "no number"),
    ],
)
def test_a_failure_is_told_in_the_language_that_was_chosen(
    error: Exception,
    english: str,
    chinese: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert one_line(error) == english
    assert one_line(error, "zh") == chinese
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")
    assert one_line(error) == chinese
    assert one_line(error, "en") == english
    with pytest.raises(SystemExit), failures_in_one_line("en"):
        raise error
    assert capsys.readouterr() == ("", f"{english}\n")


def test_output_that_nobody_reads_is_no_failure_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    assert NOBODY_READS == 141
    with pytest.raises(BrokenPipeError), failures_in_one_line():
        raise BrokenPipeError
    assert capsys.readouterr() == ("", "")


def test_a_mistake_in_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), failures_in_one_line():
        raise ZeroDivisionError


def test_work_without_failure_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with failures_in_one_line():
        pass
    assert capsys.readouterr() == ("", "")


def test_lines_are_joined_and_an_error_without_text_has_its_name() -> None:
    assert one_line(ValueError("a\nb\r\nc")) == "a; b; c"
    assert one_line(ValueError()) == "ValueError"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_name_of_a_file_does_nothing_to_the_terminal(language: str) -> None:
    assert "\\x1b[2Ja" in one_line(CommandFailed("\x1b[2Ja"), language)
    assert one_line(FileNotFoundError(2, "No such file", "\x1b[2Ja"), language).isprintable()


@pytest.mark.parametrize("error", [OSError(5, "no terminal"), CommandFailed("a write failed")])
async def test_what_fails_because_the_terminal_went_is_its_signal(error: Exception) -> None:
    async def work() -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        raise error

    with pytest.raises(Stopped) as caught:
        await until_stopped(work())
    assert caught.value.status == 129


async def test_what_fails_without_a_signal_is_what_it_is() -> None:
    async def work() -> None:
        raise CommandFailed("no room")

    with pytest.raises(CommandFailed, match="no room"):
        await until_stopped(work())
