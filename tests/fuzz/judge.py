"""What an input may do to a door: be taken, or refused as documented; soon, and without leaks."""

import contextlib
import logging
import re
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
from aiohttp.http import HttpProcessingError

from alipay_mini_audit.errors import AuditError

LIMIT = 1.0
"""Seconds that an input may take."""
TRIES = 3
"""A busy machine makes anything slow once: slow is what is slow each time."""
WARNED = "py.warnings"
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

OUTSIDE = "outside the tree"
SLOW = "over a second"
LEAK = "a secret is printed"
UNPRINTABLE = "cannot be printed"
LINES = "more than a line is printed"
LOGGED = "a traceback is logged"
MEMORY = "over 100 MiB"
DIED = "the process died"


class Hung(BaseException):
    """An input was stopped from outside; no handler of `Exception` may swallow it."""


@attrs.frozen
class Seen:
    """What came of an input that raised nothing.

    Attributes:
        label: what to count it as.
        shown: what was printed on the way, or would be of the result.
    """

    label: str = "accepted"
    shown: str = attrs.field(default="", repr=False)


Door = Callable[[bytes], Seen]


@attrs.frozen
class Target:
    """A door, with what is thrown at it.

    Attributes:
        name: on the command line.
        share: how many of 200 inputs are its.
        seeds: inputs to damage.
        mutators: how they are damaged.
        open: makes the door ready, in a folder that is empty; an async one brings its loop.
        secrets: what nothing that is printed may hold.
        refusals: what the door may raise.
        is_one_line: what it raises goes into logs, so its text has no line breaks of strangers.
        waits: it has sockets, so that time counts in which nothing is computed.
    """

    name: str
    share: float
    seeds: Sequence[bytes] = attrs.field(repr=False)
    mutators: Sequence[Callable[..., bytes]] = attrs.field(repr=False)
    open: Callable[[Path], contextlib.AbstractContextManager[Door]] = attrs.field(repr=False)
    secrets: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    refusals: tuple[type[Exception], ...] = (AuditError,)
    is_one_line: bool = False
    waits: bool = False


@attrs.frozen
class Verdict:
    """What came of an input.

    Attributes:
        label: `accepted`, or how it was refused.
        seconds: of computing, in any thread.
        waited: seconds until it was over.
        fault: what is wrong; empty if nothing is.
        detail: where.
    """

    label: str
    seconds: float = 0.0
    waited: float = 0.0
    fault: str = ""
    detail: str = attrs.field(default="", repr=False)


def judge(target: Target, door: Door, data: bytes) -> Verdict:
    """Give an input to a door, and say what came of it."""
    for _ in range(TRIES):
        verdict = _judge_once(target, door, data)
        if verdict.fault != SLOW:
            break
    return verdict


def _judge_once(target: Target, door: Door, data: bytes) -> Verdict:
    error: BaseException | None = None
    seen = Seen()
    with listening() as heard:
        began, computed = time.perf_counter(), time.process_time()
        try:
            seen = door(data)
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # noqa: BLE001  # a panic in Rust is no Exception
            error = raised
        seconds, waited = time.process_time() - computed, time.perf_counter() - began
    label = seen.label if error is None else type(error).__name__
    shown = seen.shown if error is None else shown_by(error)
    if isinstance(error, Hung):
        return Verdict(label, seconds, waited, SLOW, trace_of(error))
    if error is not None and not isinstance(error, target.refusals):
        return Verdict(label, seconds, waited, OUTSIDE, trace_of(error))
    for fault, detail in faults_of(target, error, shown, heard):
        return Verdict(label, seconds, waited, fault, detail)
    is_slow = seconds >= LIMIT or (target.waits and waited >= LIMIT)
    return Verdict(label, seconds, waited, SLOW if is_slow else "", f"{seconds:.2f} s")


def faults_of(
    target: Target, error: BaseException | None, shown: str, heard: Sequence[logging.LogRecord]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with what was printed."""
    # aiohttp's server logs a traceback for whatever is not HTTP.
    heard = [record for record in heard if not is_not_http(record)]
    logged = "\n".join(record.getMessage() for record in heard)
    for record in heard:
        if record.exc_info and record.exc_info[1] is not None:
            yield LOGGED, trace_of(record.exc_info[1])
    if any(secret in shown or secret in logged for secret in target.secrets):
        yield LEAK, type(error).__name__
    try:
        shown.encode()
        # Standard error takes any warning; the file of a log does not take any text.
        "".join(record.getMessage() for record in heard if record.name != WARNED).encode()
    except UnicodeEncodeError:
        yield UNPRINTABLE, type(error).__name__
    if target.is_one_line and error is not None and CONTROL.search(str(error)):
        yield LINES, type(error).__name__


def is_not_http(record: logging.LogRecord) -> bool:
    return bool(record.exc_info) and isinstance(record.exc_info[1], HttpProcessingError)


def shown_by(error: BaseException) -> str:
    """Return what a program prints of an error: its text and its repr, and those of its causes."""
    texts = []
    chain: BaseException | None = error
    while chain is not None and len(texts) < 50:
        texts.append(f"{chain}\n{chain!r}\n{getattr(chain, '__notes__', '')}")
        follows = None if chain.__suppress_context__ else chain.__context__
        chain = chain.__cause__ or follows
    return "\n".join(texts)


def trace_of(error: BaseException) -> str:
    """Return the type of an error and the last lines of code that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "alipay_mini_audit" in frame.filename][-2:]
    places = dict.fromkeys(
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in (*ours, frames[-1])
    )
    return f"{type(error).__name__} in {', '.join(places)}"


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextlib.contextmanager
def listening() -> Iterator[list[logging.LogRecord]]:
    """Hear what is logged, and take warnings for log records."""
    listener = _Listener()
    logging.getLogger().addHandler(listener)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield listener.records
    finally:
        logging.getLogger().removeHandler(listener)
    for warning in warned:
        text = str(warning.message)
        listener.records.append(logging.LogRecord(WARNED, 30, "", 0, text, None, None))
