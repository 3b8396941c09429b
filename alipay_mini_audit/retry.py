"""What to do after a failed attempt. A pure policy: no clock, no randomness, no waiting here."""

from __future__ import annotations

from typing import Final, final

import attrs

from alipay_mini_audit.codes import look_up
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    CallError,
    Outcome,
    RateLimited,
    SendInterrupted,
    SigningError,
)
from alipay_mini_audit.models.numbers import number_from_zero, positive_count

__all__ = ["Decision", "GiveUp", "Resolve", "Retry", "RetryPolicy"]

_MOST_DOUBLINGS: Final = 60
"""2.0 ** 1024 would overflow; delays in practice reach `max_delay` long before this many."""


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
    """Raise the error; no further attempt is made."""


@final
@attrs.frozen
class Resolve:
    """Ask the platform whether the attempt landed, before anything else is sent."""


Decision = Retry | GiveUp | Resolve


@final
@attrs.frozen(kw_only=True)
class RetryPolicy:
    """When a failed attempt is followed by another one.

    Only what cannot have reached the platform, and what it throttled, is repeated without asking;
    not so if a file of the call is at fault, which would be so again.
    An unknown outcome is resolved by asking the platform. So is a refusal that an earlier attempt
    of the same call may have caused by taking effect: one whose outcome was unknown. Any other
    refusal is final. What the platform accepted is never sent again.

    Raises:
        ConfigurationError: a value is unusable.
    """

    attempts: int = attrs.field(default=3, validator=positive_count)
    """How many attempts a call may make, including the first."""
    initial_delay: float = attrs.field(default=0.5, validator=number_from_zero)
    """Seconds before the second attempt; the delay doubles with each further attempt."""
    max_delay: float = attrs.field(default=30.0, validator=number_from_zero)
    """Longest delay of ours in seconds; a longer `Retry-After` of the platform is honoured."""
    resolve: bool = True
    """Ask the platform after an unknown outcome; `False` raises the error at once."""
    unknown_window: float = attrs.field(default=5.0, validator=number_from_zero)
    """Seconds after which what may still arrive counts as lost, 5 by default.

    The kernel and every proxy on the way go on delivering what they have. So that the version is in
    development proves only then that the attempt did not land; the client waits and asks again, if
    the call's `total` leaves the time. A request that was surely cut needs no wait.
    """

    def decide(
        self,
        error: AuditError,
        attempt: int,
        elapsed: float,
        *,
        total: float = float("inf"),
        jitter: float = 1.0,
        repeatable: bool = False,
        in_doubt: bool = False,
    ) -> Decision:
        """Say what to do after a failed attempt.

        Args:
            error: why it failed.
            attempt: its number; the first is 1.
            elapsed: seconds since the call began.
            total: seconds that the whole call may take; without a limit by default. A delay that
                would not end before then is not begun.
            jitter: a random number from 0 to 1 that spreads the delays of many callers.
            repeatable: the call only asks, so that repeating it after an unknown outcome does no
                harm.
            in_doubt: an earlier attempt of the call had an outcome that was not certain.
        """
        if not isinstance(error, CallError | SigningError):
            return GiveUp()
        is_unknown = error.outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE)
        if not repeatable and (is_unknown or (in_doubt and _may_have_landed(error))):
            return Resolve() if self.resolve else GiveUp()
        is_harmless = error.outcome is Outcome.NOT_SENT or isinstance(error, RateLimited)
        if _meets_the_same(error) or attempt >= self.attempts or not (is_harmless or is_unknown):
            return GiveUp()
        return self._again(error, attempt, elapsed, total, jitter)

    def decide_after_miss(
        self,
        error: AuditError,
        attempt: int,
        elapsed: float,
        *,
        total: float = float("inf"),
        jitter: float = 1.0,
    ) -> Retry | GiveUp:
        """Say what to do once the platform has said that no attempt has landed.

        Only what got no answer is sent again: a refusal is final, and a file that was not as it was
        looked at would be so again.

        Args:
            error: why the attempt failed.
            attempt: its number; the first is 1.
            elapsed: seconds since the call began.
            total: seconds that the whole call may take.
            jitter: a random number from 0 to 1.
        """
        is_lost = error.outcome is Outcome.UNKNOWN and not _meets_the_same(error)
        if not is_lost or attempt >= self.attempts:
            return GiveUp()
        return self._again(error, attempt, elapsed, total, jitter)

    def _again(
        self, error: AuditError, attempt: int, elapsed: float, total: float, jitter: float
    ) -> Retry | GiveUp:
        delay = self.delay_after(attempt, error, jitter)
        return Retry(delay) if elapsed + delay < total else GiveUp()

    def delay_after(self, attempt: int, error: AuditError, jitter: float = 1.0) -> float:
        """Return the seconds to wait after a failed attempt.

        Between half of `initial_delay * 2 ** (attempt - 1)` and all of it, at most `max_delay`, and
        at least what the platform asks for.

        Args:
            attempt: its number; the first is 1.
            error: why it failed; its `retry_after` is honoured.
            jitter: a random number from 0 to 1.
        """
        doublings = min(attempt - 1, _MOST_DOUBLINGS)
        longest = min(self.max_delay, self.initial_delay * 2.0**doublings)
        asked = error.retry_after if isinstance(error, ApiError) else None
        return max(longest * (0.5 + 0.5 * jitter), asked or 0.0)


def _meets_the_same(error: AuditError) -> bool:
    """Say whether a file is at fault, so that another attempt would end as this one did."""
    return isinstance(error, SendInterrupted) and error.path is not None


def _may_have_landed(error: CallError | SigningError) -> bool:
    """Say whether this refusal may mean that an earlier attempt of the call took effect."""
    row = look_up(error.code) if isinstance(error, ApiError) else None
    return row is not None and row.may_have_landed
