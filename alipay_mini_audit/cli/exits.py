"""How the command line ends: exit statuses, signals, and one clear line instead of a traceback.

No typer here: `__main__` needs the statuses when the extra is not installed.
"""

from __future__ import annotations

import contextlib
import enum
import signal
import sys
from collections.abc import Coroutine, Iterator
from typing import Final, TypeVar, final

from alipay_mini_audit.cli.language import reason_of
from alipay_mini_audit.codes.language import language_of
from alipay_mini_audit.codes.own import OWN
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    BatchError,
    CallError,
    ConfigurationError,
    ConnectionFailed,
    MalformedReply,
    Outcome,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
    SigningError,
    UntrustedReply,
    ValidationError,
)
from alipay_mini_audit.problems import joined, printable

__all__ = [
    "NOBODY_READS",
    "CommandFailed",
    "ExitStatus",
    "Stopped",
    "failures_in_one_line",
    "one_line",
    "signal_status",
    "status_of",
    "stopping_signals",
    "until_stopped",
]

_HANG_UP: Final = "SIGHUP"
"""Sent when the terminal closes; Windows has none."""
_STOPPING: Final = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", _HANG_UP) if hasattr(signal, name)
)
_PIPE_SIGNAL: Final = 13
"""SIGPIPE ends other programs when nobody reads their output; Python gets an error instead."""

_CHINESE_OUTCOMES: Final = {
    Outcome.NOT_SENT: "未送达",
    Outcome.REFUSED: "已被拒绝",
    Outcome.ACCEPTED_UNREADABLE: "已受理，但应答无法读取",
    Outcome.UNKNOWN: "未知",
}

_CHINESE_FAILURES: Final = {
    ConnectionFailed: "无法建立连接",
    SendInterrupted: "发送中断",
    ReplyTimeout: "等待应答超时",
    ReplyLost: "连接中断，未收到完整应答",
    UntrustedReply: "应答的签名不可信",
    MalformedReply: "应答不是该接口的格式",
    SigningError: "签名失败",
}

_Result = TypeVar("_Result")


class ExitStatus(enum.IntEnum):
    """What a command says to the shell. When a signal ended it, that is `signal_status`."""

    DONE = 0
    INVALID = 1
    """Arguments, settings or input are wrong, or it found problems; nothing was sent."""
    REFUSED = 2
    """The platform said no."""
    UNKNOWN = 3
    """It may have taken effect."""
    NOT_SENT = 4
    """Nothing reached the platform, though nothing is wrong with it."""
    UNFINISHED = 5
    """A batch in which not every entry is done."""


_STATUSES: Final = {
    Outcome.NOT_SENT: ExitStatus.NOT_SENT,
    Outcome.REFUSED: ExitStatus.REFUSED,
    Outcome.ACCEPTED_UNREADABLE: ExitStatus.UNKNOWN,
    Outcome.UNKNOWN: ExitStatus.UNKNOWN,
}


def status_of(error: Exception) -> ExitStatus:
    """Return the exit status for what a command raises on purpose."""
    if isinstance(error, CallError | SigningError):
        return _STATUSES[error.outcome]
    return ExitStatus.INVALID


def signal_status(number: int) -> int:
    """Return the exit status that a shell expects of a program that a signal ended.

    Args:
        number: the signal; Ctrl-C is `SIGINT` and gives 130.
    """
    return 128 + number


NOBODY_READS: Final = signal_status(_PIPE_SIGNAL)
"""The exit status of a program whose output nobody reads any more, as after `| head`."""


class CommandFailed(Exception):
    """A command cannot go on; its text is what the user reads."""


@final
class Stopped(Exception):
    """Ctrl-C, SIGTERM or SIGHUP came, and the work has been cleaned up.

    Attributes:
        status: the exit status that a shell expects.
    """

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.status = signal_status(number)


async def until_stopped(work: Coroutine[object, object, _Result]) -> _Result:
    """Do the work; cancel it at the first Ctrl-C, SIGTERM or SIGHUP.

    A second signal acts as it would without this: it ends the program at once. A SIGHUP that is
    ignored, as under `nohup`, stays so.

    Args:
        work: what to do.

    Raises:
        Stopped: a signal came, and the work was cancelled and has ended.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    came: list[signal.Signals] = []
    stopping = stopping_signals()

    def stop(number: signal.Signals) -> None:
        """Cancel the work at the first signal; the next one acts as ever."""
        forget()
        came.append(number)
        task.cancel()

    def forget() -> None:
        """Give the signals back to Python."""
        with contextlib.suppress(NotImplementedError):
            for number in stopping:
                loop.remove_signal_handler(number)

    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt
        for number in stopping:
            loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if came:
            raise Stopped(came[0]) from None
        raise
    except Exception:
        # A terminal that goes away fails a write, and the loop has yet to see its signal.
        await _turns_of_the_loop()
        if came:
            raise Stopped(came[0]) from None
        raise
    finally:
        forget()


def stopping_signals() -> list[signal.Signals]:
    """Return the signals that ask a program to end, but for one that `nohup` ignores."""
    return [number for number in _STOPPING if not _is_nohup(number)]


async def _turns_of_the_loop() -> None:
    import asyncio

    for _ in range(3):
        await asyncio.sleep(0)


def _is_nohup(number: signal.Signals) -> bool:
    return number.name == _HANG_UP and signal.getsignal(number) is signal.SIG_IGN


@contextlib.contextmanager
def failures_in_one_line(language: str | None = None) -> Iterator[None]:
    """End the program with a line on stderr for whatever a command raises on purpose.

    Args:
        language: what was chosen for the line; `None` takes what the environment says.

    Raises:
        SystemExit: with the exit status.
        BrokenPipeError: nobody reads the output any more, so there is nothing to say.
    """
    try:
        yield
    except Stopped as stopped:
        sys.exit(stopped.status)
    except KeyboardInterrupt:
        sys.exit(signal_status(signal.SIGINT))
    except BrokenPipeError:
        raise
    except (AuditError, CommandFailed, OSError) as error:
        sys.stderr.write(f"{one_line(error, language)}\n")
        sys.exit(status_of(error))


def one_line(error: Exception, language: str | None = None) -> str:
    """Return what a person reads of an error, on a single line; the name of its type if it is mute.

    Args:
        error: what was raised; in Chinese too, as far as it can be told so.
        language: what was chosen; `None` takes what the environment says.
    """
    spoken = language or language_of()
    lines = _text_of(error, spoken).splitlines()
    line = "; ".join(lines) if spoken == "en" else joined(*lines)
    return printable(line) or type(error).__name__  # names of files may hold anything


def _text_of(error: Exception, language: str) -> str:
    match error:
        case ConfigurationError():
            return str(error.as_problem().in_language(language))
        case ValidationError():
            return "\n".join(str(problem.in_language(language)) for problem in error.problems)
        case ApiError():
            return _advised(error, language)
        case OSError() if error.strerror:
            colon, end = (": ", ".") if language == "en" else ("：", "。")
            where = "" if error.filename is None else f"{error.filename}{colon}"
            return f"{where}{reason_of(error, language)}{end}"
        case BatchError(code=code) if code in OWN and language == "en":
            return joined(str(error), OWN[code][0][1])
    return _in_chinese(error) if language == "zh" else str(error)


def _advised(error: ApiError, language: str) -> str:
    """Return what the platform answered, and what to do."""
    advice = error.explanation(language).advice
    if language == "en":
        return str(error) if error.advice else joined(str(error), advice)
    return f"{joined(error.reason, advice)}（{_chinese_facts(error)}）"


def _in_chinese(error: Exception) -> str:
    """Return what has failed; the reason of a call is the network's own, in English."""
    match error:
        case CallError() | SigningError():
            failed = _CHINESE_FAILURES.get(type(error), "调用失败")
            return f"{failed}：{error.reason}（{_chinese_facts(error)}）"
        case BatchError(code=code) if code in OWN:
            return f"{joined(*OWN[code][1])}（{error.reason}）"
    return str(error)


def _chinese_facts(error: CallError | SigningError) -> str:
    facts = [f"结果：{_CHINESE_OUTCOMES[error.outcome]}"]
    if isinstance(error, CallError):
        facts += [f"HTTP {error.http_status}"] if error.http_status is not None else []
        facts += [f"request id {error.request_id}"] if error.request_id else []
        facts += [f"trace id {error.trace_id}"] if error.trace_id else []
    facts += [f"第 {error.attempts} 次尝试"] if error.attempts > 1 else []
    return "，".join(facts)
