"""What to do after a failed attempt. It only decides: no clock, no randomness, no waiting here."""

from __future__ import annotations

from typing import Final, final

import attrs

from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    CallError,
    ConfigurationError,
    Outcome,
    RateLimited,
    SigningError,
)

__all__ = ["Decision", "GiveUp", "Resolve", "Retry", "RetryPolicy"]

_PERHAPS_LANDED: Final = {
    "SUBMIT_REPEAT",
    "CAN_NOT_SUBMIT_WITH_AUDIT",
    "CAN_NOT_SUBMIT_WITHOUT_INIT",
    "AUDITING_VERSION_NOT_EXIST",
    "INVALID_VERSION_STATUS",
}
"""On a second attempt these may mean that the first one landed."""


@final
@attrs.frozen
class Retry:
    """Make another attempt.

    Attributes:
        delay: seconds to wait before it.
    """

    delay: float


@final
@attrs.frozen
class GiveUp:
    """Raise the error."""


@final
@attrs.frozen
class Resolve:
    """Ask the platform whether the attempt landed, before anything else is sent."""


Decision = Retry | GiveUp | Resolve


def _not_negative(owner: object, field: attrs.Attribute[float], value: object) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value < float("inf")
    ):
        raise ConfigurationError(
            f"{type(owner).__name__}.{field.name}: expected a number, not {value!r}."
        )


def _attempts(_: object, __: object, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(
            f"RetryPolicy.attempts: expected a whole number over 0, not {value!r}."
        )


@final
@attrs.frozen(kw_only=True)
class RetryPolicy:
    """When a failed attempt is followed by another one.

    Only what cannot have reached the platform, and throttling, is repeated blindly. An unknown
    outcome is resolved by asking. A refusal is final.

    Raises:
        ConfigurationError: a value is unusable.
    """

    attempts: int = attrs.field(default=3, validator=_attempts)
    """How many attempts a call may make, the first included."""
    initial_delay: float = attrs.field(default=0.5, validator=_not_negative)
    """Seconds before the second attempt; each further one waits twice as long."""
    max_delay: float = attrs.field(default=30.0, validator=_not_negative)
    """Seconds that a delay of ours may last; a longer `Retry-After` of the platform is honoured."""
    resolve: bool = True
    """Ask the platform after an unknown outcome; `False` raises the error at once."""

    def decide(
        self,
        error: AuditError,
        attempt: int,
        elapsed: float,
        *,
        total: float = float("inf"),
        jitter: float = 1.0,
        repeatable: bool = False,
    ) -> Decision:
        """Say what to do after attempt number `attempt` failed.

        Args:
            error: why it failed.
            attempt: its number, from 1 on.
            elapsed: seconds since the call began.
            total: seconds that the whole call may take; a delay that would not end before is no
                use.
            jitter: a random number from 0 to 1 that spreads the delays of many callers.
            repeatable: the call only asks, so an unknown outcome does no harm.
        """
        if not isinstance(error, CallError | SigningError):
            return GiveUp()
        unknown = error.outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE)
        perhaps = attempt > 1 and isinstance(error, ApiError) and error.code in _PERHAPS_LANDED
        if (unknown or perhaps) and not repeatable:
            return Resolve() if self.resolve else GiveUp()
        again = unknown or error.outcome is Outcome.NOT_SENT or isinstance(error, RateLimited)
        if not again or attempt >= self.attempts:
            return GiveUp()
        delay = self.delay_after(attempt, error, jitter)
        return Retry(delay) if elapsed + delay < total else GiveUp()

    def delay_after(self, attempt: int, error: AuditError, jitter: float = 1.0) -> float:
        """Return the seconds to wait after attempt number `attempt`.

        Between half of `initial_delay * 2 ** (attempt - 1)` and all of it, at most `max_delay`, and
        at least what the platform asks for.

        Args:
            attempt: its number, from 1 on.
            error: why it failed; its `retry_after` is honoured.
            jitter: a random number from 0 to 1.
        """
        longest = min(self.max_delay, self.initial_delay * 2.0 ** min(attempt - 1, 60))
        asked = error.retry_after if isinstance(error, ApiError) else None
        return max(longest * (0.5 + 0.5 * jitter), asked or 0.0)
