"""`VerdictPending`: what is raised while there is no verdict yet. No I/O here."""

from __future__ import annotations

from typing import final

from alipay_mini_audit.errors import AuditError, Outcome
from alipay_mini_audit.models import VersionDetail

__all__ = ["VerdictPending"]


@final
class VerdictPending(AuditError):
    """No verdict came in time; nothing is changed by that, and waiting may go on.

    Attributes:
        last: the platform's last answer; `None` if there was none.
        failure: why the last question failed; `None` if it did not.
    """

    outcome = Outcome.UNKNOWN

    def __init__(
        self, seconds: float, last: VersionDetail | None, failure: AuditError | None
    ) -> None:
        stands = "" if last is None or last.status is None else f" It stands at {last.status}."
        super().__init__(f"No verdict came within {seconds:g} s.{stands}")
        self.last = last
        self.failure = failure

    @property
    def is_repeatable(self) -> bool:
        """`True`: to wait again does no harm."""
        return True
