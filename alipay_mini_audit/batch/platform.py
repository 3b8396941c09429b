"""`Platform`: what a batch asks of the client that it runs for."""

from __future__ import annotations

from typing import Protocol

from alipay_mini_audit.batch.journal.row import Binding
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.calls import Call, SendGate
from alipay_mini_audit.models import ApplyReply, Resolution

__all__ = ["Platform"]


class Platform(Protocol):
    """Makes the calls of a batch, each of them once: what follows a failure is `next_step`'s."""

    @property
    def binding(self) -> Binding:
        """Which application calls where."""
        ...

    def token_of(self, submission: Submission) -> str | None:
        """Return the merchant's token that its calls are made with; `None` for none."""
        ...

    async def prepare(self, submission: Submission) -> Call:
        """Check a submission and look at its files; nothing is sent.

        Raises:
            ValidationError: it cannot be sent as it is.
            AuditError: it could not be looked at.
        """
        ...

    async def submit(self, call: Call, gate: SendGate) -> ApplyReply:
        """Send a submission once.

        Args:
            call: what `prepare` returned.
            gate: has the last word.

        Raises:
            AuditError: it failed; `outcome` says how far it came.
        """
        ...

    async def ask(self, submission: Submission, ago: float) -> Resolution:
        """Ask what became of a submission.

        Args:
            submission: which.
            ago: how many seconds ago it was first sent.

        Raises:
            AuditError: the question failed; nothing was changed.
        """
        ...
