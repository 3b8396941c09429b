"""How a call has gone so far, and what its end may therefore say. No I/O here.

An outcome never becomes more certain than what was learnt: whatever ends a call, an attempt that
may have landed is in doubt until the platform has said that it did not.
"""

from __future__ import annotations

import math
from typing import Final, final

import attrs

from alipay_mini_audit.calls.call import SendGate
from alipay_mini_audit.errors import AuditError, CallError, Outcome, SigningError
from alipay_mini_audit.transport import Place

__all__ = ["CallState", "Doubt"]

_MOST_SERIOUS_FIRST: Final = (
    Outcome.ACCEPTED_UNREADABLE,
    Outcome.UNKNOWN,
    Outcome.REFUSED,
    Outcome.NOT_SENT,
)


@final
@attrs.frozen(kw_only=True)
class Doubt:
    """An attempt of which nobody knows whether it took effect.

    Attributes:
        began: when its first byte left, in the time of the event loop.
        ended: when it was given up.
        may_still_arrive: the platform may receive it later still; `False` if it was surely cut.
    """

    began: float
    ended: float
    may_still_arrive: bool


@final
@attrs.define(kw_only=True)
class CallState:
    """How one call has gone so far.

    Attributes:
        started: when it began, in the time of the event loop.
        deadline: when it must be over.
        gate: asked before each attempt and each piece of it; `None` lets everything through.
        attempts: how many attempts were begun.
        request_id: of the last of them; `None` before the first.
        errors: of its attempts and questions, oldest first.
        doubts: its attempts that may have landed, oldest first.
        place: its place on the wire; `None` for a question, which uses that of its call.
        is_in_doubt: one of them has not been cleared up by the platform.
        interrupted: what the last attempt had done when it was broken off, by a cancel say; `None`
            if it was not.
    """

    started: float
    deadline: float = math.inf
    gate: SendGate | None = None
    attempts: int = 0
    request_id: str | None = None
    errors: list[CallError | SigningError] = attrs.field(factory=list)
    doubts: list[Doubt] = attrs.field(factory=list)
    place: Place | None = None
    is_in_doubt: bool = False
    interrupted: Outcome | None = None
    _last: CallError | SigningError | None = None
    _learnt: list[Outcome] = attrs.field(factory=list)

    @property
    def outcome(self) -> Outcome:
        """What the call has done on the platform, if it ends now without an answer."""
        learnt = {self.interrupted, *self._learnt}
        return next((each for each in _MOST_SERIOUS_FIRST if each in learnt), Outcome.NOT_SENT)

    def fail(self, error: CallError | SigningError, doubt: Doubt) -> None:
        """Note how an attempt failed.

        Args:
            error: why.
            doubt: when it was under way; counts if its outcome is not certain.
        """
        self.errors.append(error)
        self._last = error
        self._learnt.append(error.outcome)
        if error.outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE):
            self.doubts.append(doubt)
            self.is_in_doubt = True

    def clear(self) -> None:
        """Note that the platform said that no attempt so far has landed, so another may follow."""
        self.is_in_doubt = Outcome.ACCEPTED_UNREADABLE in self._learnt

    def final_error(self, error: AuditError) -> AuditError:
        """Return what the caller gets.

        What befell the call after a failed attempt, the client's closing say, is not why it failed:
        the caller gets the error of that attempt. The error is no surer of its outcome than the
        call is, and knows what came before it.

        Args:
            error: what ended the call.
        """
        if not isinstance(error, CallError | SigningError) and self._last is not None:
            error = self._last
        # Who is told that it may be sent again does not look whether an attempt arrived after all.
        invites_another = error.outcome is Outcome.NOT_SENT or error.is_repeatable
        if self.is_in_doubt or (self.doubts and invites_another):
            error.outcome = self.outcome
        if isinstance(error, CallError | SigningError):
            error.attempts = max(self.attempts, 1)
            error.earlier = tuple(before for before in self.errors if before is not error)
        return error

    def note(self, operation: str) -> str:
        """Return what a person needs to know when the call is cancelled."""
        sent = "no request was sent" if self.request_id is None else f"request {self.request_id}"
        return (
            f"alipay_mini_audit: {operation} was cancelled; outcome: {self.outcome.value}, {sent}"
        )
