"""What happens during a call, as frozen records, and who may watch it. No bodies and no secrets."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.errors import AuditError, Outcome

__all__ = [
    "AttemptCancelled",
    "AttemptFailed",
    "AttemptStarted",
    "Event",
    "LoggingObserver",
    "Observer",
    "OutcomeResolved",
    "ReplyReceived",
    "RequestSent",
    "RetryScheduled",
    "notify",
]

LOGGER: Final = logging.getLogger("alipay_mini_audit")
LOGGER.addHandler(logging.NullHandler())


@attrs.frozen(kw_only=True)
class _Attempt:
    method: str
    """HTTP method."""
    path: str
    """Path without the query."""
    request_id: str
    """Header `alipay-request-id` of the attempt."""
    attempt: int
    """Its number within the call, from 1 on."""


@final
@attrs.frozen(kw_only=True)
class AttemptStarted(_Attempt):
    """Once per attempt, before it is signed."""


@final
@attrs.frozen(kw_only=True)
class RequestSent(_Attempt):
    """At most once per attempt: all of the request has left."""

    elapsed: float
    """Seconds since the attempt started."""


@final
@attrs.frozen(kw_only=True)
class ReplyReceived(_Attempt):
    """At most once per attempt: a whole reply is here; it is not verified yet."""

    elapsed: float
    """Seconds since the attempt started."""
    http_status: int
    trace_id: str | None


@final
@attrs.frozen(kw_only=True)
class AttemptFailed(_Attempt):
    """Once per attempt that fails."""

    elapsed: float
    """Seconds since the attempt started."""
    error: AuditError


@final
@attrs.frozen(kw_only=True)
class AttemptCancelled(_Attempt):
    """Once per attempt whose task is cancelled."""

    elapsed: float
    """Seconds since the attempt started."""
    outcome: Outcome
    """What the attempt has done on the platform, as far as it can be known."""


@final
@attrs.frozen(kw_only=True)
class RetryScheduled(_Attempt):
    """Before each wait for another attempt; `attempt` is the one that failed."""

    delay: float
    """Seconds until the next attempt."""


@final
@attrs.frozen(kw_only=True)
class OutcomeResolved(_Attempt):
    """After each question to the platform about an unknown outcome.

    `attempt` is the one in question.
    """

    landed: bool | None
    """Whether the attempt took effect; `None` if that stays unknown."""


Event = (
    AttemptStarted
    | RequestSent
    | ReplyReceived
    | AttemptFailed
    | AttemptCancelled
    | RetryScheduled
    | OutcomeResolved
)


class Observer(Protocol):
    """Watches the calls of a client: metrics, traces, logs."""

    def on_event(self, event: Event) -> None:
        """Take note of an event; called on the event loop, so it must not block.

        What it raises is logged and harms no call.
        """
        ...


@final
class LoggingObserver:
    """Logs every event on logger `alipay_mini_audit`: failures as warnings, the rest at debug
    level.

    The message is the event's dotted name, the facts are in the record's `audit` attribute.
    """

    _NAMES: Final = {
        AttemptStarted: "attempt.started",
        RequestSent: "request.sent",
        ReplyReceived: "reply.received",
        AttemptFailed: "attempt.failed",
        AttemptCancelled: "attempt.cancelled",
        RetryScheduled: "retry.scheduled",
        OutcomeResolved: "outcome.resolved",
    }

    def on_event(self, event: Event) -> None:
        """Log the event."""
        level = (
            logging.WARNING
            if isinstance(event, AttemptFailed | AttemptCancelled)
            else logging.DEBUG
        )
        if not LOGGER.isEnabledFor(level):
            return
        facts = attrs.asdict(event, recurse=False)
        text = " ".join(f"{name}={value}" for name, value in facts.items())
        LOGGER.log(level, "%s %s", self._NAMES[type(event)], text, extra={"audit": facts})


def notify(observers: Sequence[Observer], event: Event) -> None:
    """Tell every observer; one that raises is logged and passed over."""
    for observer in observers:
        try:
            observer.on_event(event)
        except Exception:
            LOGGER.exception("observer.failed %s", type(observer).__name__)
