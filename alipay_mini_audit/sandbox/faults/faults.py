"""What can go wrong on purpose, and the script that says which request meets which fault.

No I/O here.
"""

from __future__ import annotations

import enum
import math
import threading
from collections.abc import Callable, Mapping
from typing import Final, Self, final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.faults.operations import OPERATIONS, Operation

__all__ = [
    "Action",
    "Answer",
    "DueFault",
    "Fault",
    "Faults",
    "IncomingCall",
    "Stage",
]

_LEAST_STATUS: Final = 400
_MOST_STATUS: Final = 599


@final
@attrs.frozen(kw_only=True)
class IncomingCall:
    """A request whose head has arrived.

    Attributes:
        number: of the request since the gateway's first start, from 1.
        operation: what is called; `None` for anything else.
        method: HTTP method.
        target: path and query as on the wire.
        headers: by name in lower case.
    """

    number: int
    operation: Operation | None
    method: str
    target: str = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)


class Stage(enum.Enum):
    """How far a request comes before its fault strikes."""

    HEAD = enum.auto()
    BODY = enum.auto()
    READ = enum.auto()
    JUDGED = enum.auto()


class Action(enum.Enum):
    """What a fault does."""

    RESET = enum.auto()
    CLOSE = enum.auto()
    HANG = enum.auto()
    ANSWER = enum.auto()
    DELAY = enum.auto()
    CUT = enum.auto()
    UNSIGNED = enum.auto()
    WRONGLY_SIGNED = enum.auto()
    SKEW = enum.auto()
    CERTIFICATE = enum.auto()


@final
@attrs.frozen
class Answer:
    """What is answered in place of the platform's own answer, always unsigned.

    Attributes:
        status: HTTP status.
        code: of the JSON error; `None` answers an HTML page, as a front end does.
        retry_after: value of the header Retry-After; `None` sends none.
    """

    status: int
    code: str | None = None
    retry_after: str | None = None


@final
class _Constant:
    """A fault without parameters: a class attribute of `Fault` that is named after itself."""

    def __init__(self, stage: Stage, action: Action, answer: Answer | None = None) -> None:
        self._stage = stage
        self._action = action
        self._answer = answer
        self._name = ""
        self._fault: Fault | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type[Fault]) -> Fault:
        if self._fault is None:
            self._fault = owner(
                name=self._name, stage=self._stage, action=self._action, reply=self._answer
            )
        return self._fault


@final
@attrs.frozen(kw_only=True)
class Fault:
    """One thing that goes wrong. Take a constant, or call one of the class methods.

    "Accepted" means that the request was judged as usual and that the version has moved if it was
    in order; a fault of any other kind leaves the versions alone.
    """

    name: str
    """Of the constant or the class method."""
    stage: Stage = attrs.field(repr=False)
    action: Action = attrs.field(repr=False)
    after_bytes: int = 0
    seconds: float = 0.0
    reply: Answer | None = None
    """What is answered; `None` unless the fault answers in place of the platform."""

    RESET = _Constant(Stage.HEAD, Action.RESET)
    """The connection is reset before the body is read."""
    CLOSE_BEFORE_READING = _Constant(Stage.HEAD, Action.CLOSE)
    """The connection is closed before the body is read."""
    CLOSE_AFTER_BODY = _Constant(Stage.READ, Action.CLOSE)
    """The whole body is read, then the connection is closed; not accepted."""
    CLOSE_AFTER_ACCEPTING = _Constant(Stage.JUDGED, Action.CLOSE)
    """Accepted; the connection is closed in place of an answer."""
    STALL_READING = _Constant(Stage.HEAD, Action.HANG)
    """The body is not read on, until the gateway closes or the peer is seen to leave.

    A peer that hangs up without a reset behind more than the socket's buffers hold cannot be seen.
    """
    HANG = _Constant(Stage.READ, Action.HANG)
    """The whole body is read, then nothing happens until the peer leaves; not accepted."""
    HANG_AFTER_ACCEPTING = _Constant(Stage.JUDGED, Action.HANG)
    """Accepted; then nothing happens until the peer leaves."""
    CUT_ANSWER = _Constant(Stage.JUDGED, Action.CUT)
    """Accepted; half of the body of the answer is sent, then the connection is closed."""
    UNSIGNED = _Constant(Stage.JUDGED, Action.UNSIGNED)
    """Accepted; the answer has no signature."""
    WRONGLY_SIGNED = _Constant(Stage.JUDGED, Action.WRONGLY_SIGNED)
    """Accepted; the answer's signature is wrong by one bit."""
    HTML_413 = _Constant(Stage.READ, Action.ANSWER, Answer(413))
    """The whole body is read, then answered with a front end's page; not accepted."""
    BAD_GATEWAY = _Constant(Stage.READ, Action.ANSWER, Answer(502))
    """The whole body is read, then answered with a front end's page, status 502; not accepted."""
    INTERNAL_ERROR = _Constant(Stage.READ, Action.ANSWER, Answer(500, "SYSTEM_ERROR"))
    """The whole body is read, then answered with SYSTEM_ERROR, status 500; not accepted."""
    INTERNAL_ERROR_AFTER_ACCEPTING = _Constant(
        Stage.JUDGED, Action.ANSWER, Answer(500, "SYSTEM_ERROR")
    )
    """Accepted; answered with SYSTEM_ERROR, status 500."""
    EARLY_401 = _Constant(Stage.HEAD, Action.ANSWER, Answer(401, "invalid-app-auth-token"))
    """Answered with JSON, invalid-app-auth-token, before the body is read.

    The sending direction is closed with the answer, the connection half a second later.
    """
    EARLY_413 = _Constant(Stage.HEAD, Action.ANSWER, Answer(413))
    """As `EARLY_401`, with a front end's page."""
    EARLY_429 = _Constant(Stage.HEAD, Action.ANSWER, Answer(429, "app-call-limited"))
    """As `EARLY_401`, with JSON, app-call-limited."""
    CERTIFICATE_CHANGE = _Constant(Stage.HEAD, Action.CERTIFICATE)
    """The platform's key and certificate change; then the request is judged as usual.

    They stay changed; when another program forgets the faults through the door, those come back
    that were in use before.
    """

    def __str__(self) -> str:
        return self.name

    @classmethod
    def close_in_body(cls, after_bytes: int) -> Self:
        """Close the connection in the middle of the body; not accepted.

        Args:
            after_bytes: how many bytes of the body are read first; all of a shorter body.

        Raises:
            ConfigurationError: it is negative.
        """
        _check("after_bytes", after_bytes, 0)
        return cls(
            name="close_in_body", stage=Stage.BODY, action=Action.CLOSE, after_bytes=after_bytes
        )

    @classmethod
    def slow_answer(cls, seconds: float) -> Self:
        """Accept, and answer later.

        Args:
            seconds: how much later; the closing of the gateway cuts it short.

        Raises:
            ConfigurationError: it is negative.
        """
        _check("seconds", seconds, 0)
        return cls(name="slow_answer", stage=Stage.JUDGED, action=Action.DELAY, seconds=seconds)

    @classmethod
    def clock_skew(cls, seconds: float) -> Self:
        """Judge and answer with a wrong clock.

        Args:
            seconds: how far the platform's clock is ahead; negative for behind.

        Raises:
            ConfigurationError: it is not a finite number.
        """
        _check("seconds", seconds, -math.inf)
        return cls(name="clock_skew", stage=Stage.HEAD, action=Action.SKEW, seconds=seconds)

    @classmethod
    def throttled(cls, retry_after: float | str | None = None) -> Self:
        """Read the whole body, then answer with app-call-limited, status 429; not accepted.

        Args:
            retry_after: the header Retry-After, in seconds or as a text, e.g. a date; `None` sends
                none.
        """
        text = f"{retry_after:.15g}" if isinstance(retry_after, int | float) else retry_after
        reply = Answer(429, "app-call-limited", text)
        return cls(name="throttled", stage=Stage.READ, action=Action.ANSWER, reply=reply)

    @classmethod
    def answer(cls, code: str, http_status: int = 400) -> Self:
        """Read the whole body, then answer with JSON and any code; not accepted.

        Args:
            code: of the error, e.g. `MINI_APP_NAME_DUPLICATE`; need not be one that is known.
            http_status: status of the answer, 400 to 599.

        Raises:
            ConfigurationError: the code is blank, or the status is not that of an error.
        """
        if not code.strip():
            raise ConfigurationError("code", "expected a text that is not blank.")
        if not _LEAST_STATUS <= http_status <= _MOST_STATUS:
            raise ConfigurationError("http_status", f"expected 400 to 599, not {http_status!r}.")
        reply = Answer(http_status, code)
        return cls(name="answer", stage=Stage.READ, action=Action.ANSWER, reply=reply)


@final
@attrs.frozen(kw_only=True)
class DueFault:
    """A fault to come.

    Attributes:
        fault: what goes wrong.
        operation: what has to be called; `None` for any request.
        call: number of the request that meets it; `None` for any.
        times: how many requests are still to meet it; `None` for every one.
    """

    fault: Fault
    operation: Operation | None
    call: int | None
    times: int | None


@attrs.define
class _Entry:
    fault: Fault
    call: int | None
    operation: Operation | None
    when: Callable[[IncomingCall], bool] | None
    left: int | None

    def fits(self, call: IncomingCall) -> bool:
        """Say whether a request is one of those that are meant."""
        return (
            self.call in (None, call.number)
            and self.operation in (None, call.operation)
            and (self.when is None or self.when(call))
        )


@final
class Faults:
    """The faults to come, in the order in which they were added. A request meets at most one.

    May be used from any thread, and by the `when` of a fault.
    """

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """How many entries are not used up."""
        return len(self._entries)

    def add(
        self,
        fault: Fault,
        *,
        call: int | None = None,
        operation: Operation | None = None,
        when: Callable[[IncomingCall], bool] | None = None,
        times: int | None = 1,
    ) -> None:
        """Have requests meet a fault: those for which all that is given holds.

        Args:
            fault: what goes wrong.
            call: number of the request since the gateway's first start, from 1; `None` for any.
            operation: the name of a call, e.g. "apply" or "gray_online"; `None` for any request.
            when: says whether a request is meant; must be quick, it is called in the event loop.
                `None` for any.
            times: how many requests meet it; `None` for every one.

        Raises:
            ConfigurationError: a number is below 1, or there is no such operation.
        """
        for name, value in (("call", call), ("times", times)):
            if value is not None:
                _check(name, value, 1)
        if operation is not None and operation not in OPERATIONS:
            raise ConfigurationError("operation", f"expected one of {', '.join(OPERATIONS)}.")
        with self._lock:
            self._entries.append(_Entry(fault, call, operation, when, times))

    def due(self) -> tuple[DueFault, ...]:
        """Return the faults to come, in their order."""
        with self._lock:
            return tuple(
                DueFault(
                    fault=entry.fault, operation=entry.operation, call=entry.call, times=entry.left
                )
                for entry in self._entries
            )

    def clear(self) -> None:
        """Forget all faults to come; those that have struck run on."""
        with self._lock:
            self._entries.clear()

    def take(self, call: IncomingCall) -> Fault | None:
        """Return the fault that a request meets, and count it; `None` if it meets none.

        Args:
            call: the request.
        """
        with self._lock:
            # A copy, because `when` may add faults or clear them.
            taken = next((entry for entry in tuple(self._entries) if entry.fits(call)), None)
            if taken is None:
                return None
            if taken.left is not None:
                taken.left -= 1
                if taken.left == 0:
                    self._entries = [entry for entry in self._entries if entry is not taken]
            return taken.fault


def _check(name: str, value: float, least: float) -> None:
    if not least <= value < math.inf:
        raise ConfigurationError(name, f"expected a number from {least:g} on, not {value!r}.")
