"""How a command that makes one call ends when the call does not: a line, the next step, a status.

What becomes of the call is told also to somebody who presses Ctrl-C.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from alipay_mini_audit.cli.calls.asked import AskedCall
from alipay_mini_audit.cli.calls.next_steps import next_step, outcome_of
from alipay_mini_audit.cli.calls.watch import CallWatch
from alipay_mini_audit.cli.clock import ILLEGAL_TIMESTAMP, clock_said
from alipay_mini_audit.cli.console import print_json, say
from alipay_mini_audit.cli.exits import (
    Stopped,
    failures_in_one_line,
    one_line,
    signal_status,
    status_of,
)
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    CallError,
    ConfigurationError,
    Outcome,
    Problem,
    Severity,
    SigningError,
    StateConflict,
    ValidationError,
)

__all__ = ["call_failures", "print_problems"]

_DONE: Final = "done"
"""The outcome of a call that was accepted, in JSON."""
_WORDS: Final = {Severity.ERROR: ("error  ", "错误"), Severity.WARNING: ("warning", "提示")}


@contextlib.contextmanager
def call_failures(
    asked: AskedCall, watch: CallWatch, language: str, *, as_json: bool
) -> Iterator[None]:
    """End the program with what became of the call, if it fails or a signal comes.

    Args:
        asked: which call.
        watch: an observer of it.
        language: "zh" or "en".
        as_json: print a JSON object on stdout as well.

    Raises:
        SystemExit: with the exit status.
        BrokenPipeError: nobody reads the output any more.
    """
    with failures_in_one_line(language):
        try:
            yield
        except Stopped as stopped:
            number = signal.Signals(stopped.status - signal_status(0))
            with contextlib.suppress(OSError):  # SIGHUP comes when the terminal is gone
                _tell_of_signal(number, asked, watch, language, as_json=as_json)
            raise
        except KeyboardInterrupt:  # a second one: what the first one found is told
            if watch.began is not None:
                _tell_of_signal(signal.SIGINT, asked, watch, language, as_json=as_json)
            raise
        except ValidationError as error:
            if as_json:
                named = [
                    attrs.evolve(each, path=asked.name_of(each.path)) for each in error.problems
                ]
                told = [_problem(each.in_language(language)) for each in named]
                print_json({"outcome": error.outcome.value, "problems": told})
            print_problems(error.problems, asked, language)
            sys.exit(status_of(error))
        except AuditError as error:
            _tell_of(error, watch, language, as_json=as_json)
            if isinstance(error, CallError | SigningError):
                step = next_step(
                    asked,
                    error.outcome,
                    watch.began,
                    language,
                    is_repeatable=error.is_repeatable,
                    is_about_state=isinstance(error, StateConflict),
                )
                _say_step(step)
            sys.exit(status_of(error))


def _tell_of(error: AuditError, watch: CallWatch, language: str, *, as_json: bool) -> None:
    is_about_time = isinstance(error, ApiError) and error.code == ILLEGAL_TIMESTAMP
    if as_json:
        facts = _facts(error, language)
        if is_about_time:
            facts["clock_offset"] = watch.clock_offset
        print_json({"outcome": error.outcome.value} | facts)
    say(one_line(error, language))
    if is_about_time and watch.clock_offset is not None:
        say(clock_said(watch.clock_offset, language))


def print_problems(problems: Iterable[Problem], asked: AskedCall, language: str) -> None:
    """Print a line on stderr for each problem of a call, and whether it stops the call."""
    for each in problems:
        problem = attrs.evolve(each, path=asked.place_of(each))
        say(f"{said(*_WORDS[problem.severity], language)}  {problem.in_language(language)}")


def _tell_of_signal(
    number: signal.Signals, asked: AskedCall, watch: CallWatch, language: str, *, as_json: bool
) -> None:
    outcome = watch.outcome
    name = number.name
    if as_json:
        told = _DONE if outcome is None else outcome.value
        print_json({"outcome": told, "signal": name, "request_id": watch.request_id})
    became = outcome_of(asked, outcome, language)
    request = said(
        f" (request id {watch.request_id})", f"（request id {watch.request_id}）", language
    )
    known = request if watch.request_id else ""
    by = said(f"Stopped by {name}: ", f"被 {name} 中止：", language)
    say(f"{by}{became}{known}{said('.', '。', language)}")
    repeatable = outcome is Outcome.NOT_SENT
    step = next_step(asked, outcome, watch.began, language, is_repeatable=repeatable)
    _say_step(step)


def _say_step(step: str) -> None:
    """Print what to do next; a command in it stays on one line, so that it can be copied."""
    for line in step.splitlines():
        if "alipay-mini-audit" in line:
            sys.stderr.write(f"{line}\n")
        else:
            say(line)


def _facts(error: AuditError, language: str) -> dict[str, object]:
    """Return what a program may want to know of an error."""
    if isinstance(error, ConfigurationError):
        return {"problems": [_problem(error.as_problem().in_language(language))]}
    facts: dict[str, object] = {
        "error": type(error).__name__,
        "is_repeatable": error.is_repeatable,
    }
    if isinstance(error, CallError):
        names = ("request_id", "trace_id", "http_status", "attempts", "reason", "advice")
        facts |= {name: getattr(error, name) for name in names}
    elif isinstance(error, SigningError):
        facts |= {"attempts": error.attempts, "reason": error.reason}
    if isinstance(error, ApiError):
        advice = error.explanation(language).advice
        facts |= {"code": error.code, "message": error.message, "advice": advice}
    return facts


def _problem(problem: Problem) -> dict[str, str]:
    return {
        "path": problem.path,
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "advice": problem.advice,
    }
