"""What happens during a call, as frozen records, and who may watch it. No bodies and no secrets.

`call_id` joins the events of a call, `attempt` those of one attempt, and `resolves` names the call
whose unknown outcome a question is about: call -> attempts -> question can be drawn from the events
alone.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import ClassVar, Final, Protocol, final

import attrs

from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    Outcome,
)
from alipay_mini_audit.problems import Problem, printable

__all__ = [
    "AttemptCancelled",
    "AttemptFailed",
    "AttemptStarted",
    "BytesSent",
    "CallEnded",
    "CallObserver",
    "CallStarted",
    "ClockDiffers",
    "Event",
    "LoggingObserver",
    "Observer",
    "OutcomeResolved",
    "PreflightWarned",
    "ReplyReceived",
    "ReplyUnbound",
    "RequestSent",
    "RetryScheduled",
    "notify",
    "shielded",
]

LOGGER: Final = logging.getLogger("alipay_mini_audit")
LOGGER.addHandler(logging.NullHandler())


@attrs.frozen(kw_only=True)
class _CallEvent:
    call_id: str
    """The call, a random text; the same in all of its events."""
    operation: str
    """Name of the operation, such as `apply`, `gray_online`; `call` for `AuditClient.call`."""
    method: str
    """HTTP method."""
    path: str
    """Path without the query."""
    label: str | None = None
    """What `with_options(label=...)` gave; `None` if it gave nothing."""
    resolves: str | None = None
    """`call_id` of the call whose unknown outcome this one asks about; otherwise `None`."""


@attrs.frozen(kw_only=True)
class _AttemptEvent(_CallEvent):
    request_id: str
    """Header `alipay-request-id` of the attempt."""
    attempt: int
    """Its number within the call, from 1 on."""


@final
@attrs.frozen(kw_only=True)
class CallStarted(_CallEvent):
    """Once per call, before its files are looked at.

    A call does not start if its client is closed, or its token, method or path cannot be used.
    """

    event: ClassVar[str] = "call.started"


@final
@attrs.frozen(kw_only=True)
class PreflightWarned(_CallEvent):
    """At most once per call: something is worth a look by a person, and does not stop it."""

    event: ClassVar[str] = "preflight.warned"

    problems: tuple[Problem, ...]


@final
@attrs.frozen(kw_only=True)
class CallEnded(_CallEvent):
    """Once per call, whatever became of it."""

    event: ClassVar[str] = "call.ended"

    outcome: Outcome | None
    """What a failed call has done on the platform; `None` if it succeeded."""
    error: BaseException | None
    """What the caller gets, a `CancelledError` among others; `None` if the call succeeded."""
    attempts: int
    """How many attempts were made; 0 if nothing was tried."""
    elapsed: float
    """Seconds since the call started."""


@final
@attrs.frozen(kw_only=True)
class AttemptStarted(_AttemptEvent):
    """Once per attempt, before it is signed."""

    event: ClassVar[str] = "attempt.started"


@final
@attrs.frozen(kw_only=True)
class BytesSent(_AttemptEvent):
    """At most ten times a second while a body is sent; a quick one has none."""

    event: ClassVar[str] = "bytes.sent"

    sent: int
    """Bytes of the body that the operating system has taken; over TLS, that were encrypted."""
    total: int
    """Bytes of the whole body."""


@final
@attrs.frozen(kw_only=True)
class RequestSent(_AttemptEvent):
    """At most once per attempt: all of the request was handed to a connection."""

    event: ClassVar[str] = "request.sent"

    elapsed: float
    """Seconds since the attempt started."""


@final
@attrs.frozen(kw_only=True)
class ReplyReceived(_AttemptEvent):
    """At most once per attempt: a whole reply is here; it is not verified yet."""

    event: ClassVar[str] = "reply.received"

    elapsed: float
    """Seconds since the attempt started."""
    http_status: int
    trace_id: str | None
    """The platform's id of the answer; `None` if it sent none."""
    stated_time: float | None = None
    """When it was made by its own account, in seconds since 1970; `None` if it does not say."""


@final
@attrs.frozen(kw_only=True)
class ReplyUnbound(_AttemptEvent):
    """At most once per attempt: Alipay signed the reply, but it does not say when, or only once.

    So an old reply that somebody repeats might pass for it.
    """

    event: ClassVar[str] = "reply.unbound"

    missing: tuple[str, ...]
    """The headers that are absent or cannot be read: `alipay-timestamp`, `alipay-nonce`."""


@final
@attrs.frozen(kw_only=True)
class ClockDiffers(_AttemptEvent):
    """After a reply that shows that our clock is wrong by a minute or more.

    Once per client, and again when it has changed by a minute. The platform refuses requests from
    ten minutes on.
    """

    event: ClassVar[str] = "clock.differs"

    offset: float
    """Seconds that the platform's clock is ahead of ours; negative for behind."""


@final
@attrs.frozen(kw_only=True)
class AttemptFailed(_AttemptEvent):
    """Once per attempt that fails with a `CallError` or a `SigningError`."""

    event: ClassVar[str] = "attempt.failed"

    elapsed: float
    """Seconds since the attempt started."""
    error: AuditError


@final
@attrs.frozen(kw_only=True)
class AttemptCancelled(_AttemptEvent):
    """Once per attempt whose task is cancelled."""

    event: ClassVar[str] = "attempt.cancelled"

    elapsed: float
    """Seconds since the attempt started."""
    outcome: Outcome
    """What the attempt has done on the platform, as far as it can be known."""


@final
@attrs.frozen(kw_only=True)
class RetryScheduled(_AttemptEvent):
    """Before each wait for another attempt; `attempt` is the one that failed."""

    event: ClassVar[str] = "retry.scheduled"

    delay: float
    """Seconds until the next attempt."""


@final
@attrs.frozen(kw_only=True)
class OutcomeResolved(_AttemptEvent):
    """After each question about an unknown outcome; `attempt` is the one in question."""

    event: ClassVar[str] = "outcome.resolved"

    landed: bool | None
    """Whether the attempt took effect; `None` if that stays unknown."""


Event = (
    CallStarted
    | PreflightWarned
    | CallEnded
    | AttemptStarted
    | BytesSent
    | RequestSent
    | ReplyReceived
    | ReplyUnbound
    | ClockDiffers
    | AttemptFailed
    | AttemptCancelled
    | RetryScheduled
    | OutcomeResolved
)


_WARNINGS: Final = (AttemptFailed, AttemptCancelled, ReplyUnbound, ClockDiffers, PreflightWarned)


class Observer(Protocol):
    """Watches the calls of a client: metrics, progress, logs. See also `CallObserver`."""

    def on_event(self, event: Event) -> None:
        """Take note of an event; called on the event loop, so it must not block.

        What it raises is logged and harms no call.
        """
        ...


class CallObserver(Observer, Protocol):
    """An observer that is also present around each call: a tracer whose span is the parent."""

    def on_call(self, event: CallStarted) -> AbstractContextManager[object] | None:
        """Return a context for the length of the call, or `None`.

        It is entered and left in the task that made the call, before `CallStarted` and after
        `CallEnded` are told, and sees the exception that the caller gets; it cannot swallow it.
        What it raises is logged and harms no call.
        """
        ...


@final
class LoggingObserver:
    """Logs every event on logger `alipay_mini_audit`: failures as warnings, the rest as DEBUG.

    What preflight warns of, an unbound reply and a wrong clock are warnings, too. The message is
    the event's dotted name with its facts, one line whatever they hold. The facts are in the
    record's attribute `audit`, a dict that `json.dumps` takes.
    """

    def on_event(self, event: Event) -> None:
        """Log the event."""
        warns = isinstance(event, _WARNINGS) or (
            isinstance(event, CallEnded) and event.error is not None
        )
        level = logging.WARNING if warns else logging.DEBUG
        if not LOGGER.isEnabledFor(level):
            return
        facts = _facts_of(event)
        text = " ".join(f"{name}={value}" for name, value in facts.items() if value is not None)
        LOGGER.log(level, "%s %s", event.event, text, extra={"audit": facts})


def _facts_of(event: Event) -> dict[str, object]:
    facts: dict[str, object] = {}
    for name, value in attrs.asdict(event, recurse=False).items():
        if isinstance(value, BaseException):
            facts["error"] = type(value).__name__
            facts["code"] = value.code if isinstance(value, ApiError) else None
            # Nobody knows what an error from outside the tree says.
            facts["message"] = str(value) if isinstance(value, AuditError) else None
        elif name == "problems":
            facts[name] = "; ".join(map(str, value))
        else:
            facts[name] = value.value if isinstance(value, enum.Enum) else value
    return {
        name: printable(value) if isinstance(value, str) else value for name, value in facts.items()
    }


def notify(observers: Sequence[Observer], event: Event) -> None:
    """Tell every observer; one that raises is logged and passed over."""
    for observer in observers:
        with shielded(observer):
            observer.on_event(event)


@contextmanager
def shielded(observer: Observer, but: BaseException | None = None) -> Iterator[None]:
    """Log what an observer raises, so that it harms no call.

    Args:
        observer: whose code runs inside.
        but: an error of the call's own, which the observer may pass on.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as raised:  # a CancelledError too: nothing is awaited here
        if raised is not but:
            LOGGER.exception("observer.failed %s", type(observer).__name__)
