"""`Taken`: what became of a rejected version that was to be taken back, for people and programs."""

from __future__ import annotations

import enum
from collections import Counter
from typing import Final, final

import attrs

from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.cli.calls.statuses import status_text
from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.exits import ExitStatus, one_line
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    AuthenticationError,
    CallError,
    ConnectionFailed,
    Outcome,
    SigningError,
)

__all__ = ["Fate", "Taken", "counts_said", "status_for"]


class Fate(enum.StrEnum):
    """What became of it."""

    TAKEN_BACK = "taken_back"
    LEFT_ALONE = "left_alone"
    """It does not stand rejected any more."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """Whether it was taken back is not known."""
    NOT_SENT = "not_sent"
    """It stands where it stood: the question or the call did not arrive."""


_WORDS: Final = {
    Fate.TAKEN_BACK: ("taken back", "已退回开发"),
    Fate.LEFT_ALONE: ("left alone", "未处理"),
    Fate.REFUSED: ("refused", "被拒绝"),
    Fate.UNKNOWN: ("unknown", "结果未知"),
    Fate.NOT_SENT: ("not sent", "未发送"),
}


@final
@attrs.frozen(kw_only=True)
class Taken:
    """What became of one version.

    Attributes:
        row: of the journal.
        fate: what became of it.
        status: where it stood, as the platform spells it; empty if that was not told.
        error: why not; `None` if nothing failed, or a signal cut it.
        is_another: it was submitted again since, and what it stands as is about that submission.
    """

    row: Row
    fate: Fate
    status: str = ""
    error: AuditError | None = None
    is_another: bool = False

    @classmethod
    def failed(cls, row: Row, status: str, error: AuditError) -> Taken:
        """Return what a failure has left.

        Args:
            row: of the journal.
            status: where it stood; empty if the look itself failed, which changes nothing.
            error: of the look or the call.
        """
        if error.outcome is Outcome.REFUSED:
            fate = Fate.REFUSED
        elif error.outcome is Outcome.NOT_SENT or not status:
            fate = Fate.NOT_SENT
        else:
            fate = Fate.UNKNOWN
        return cls(row=row, fate=fate, status=status, error=error)

    @property
    def failure_of_all(self) -> AuditError | None:
        """What fails all others, too, and has changed nothing; `None` for anything else."""
        is_general = isinstance(self.error, AuthenticationError | SigningError | ConnectionFailed)
        return self.error if is_general and self.fate is not Fate.UNKNOWN else None

    def line(self, language: str) -> str:
        """Return it as a line."""
        identity, colon = self.row.identity, said(": ", "：", language)
        text = f"{identity.key} {identity.app_version}{colon}{said(*_WORDS[self.fate], language)}"
        if self.error is not None:
            text = f"{text}{colon}{one_line(self.error, language)}"
        elif self.fate is Fate.LEFT_ALONE and self.status:
            text += self._moved(language)
        return printable(text)

    def _moved(self, language: str) -> str:
        stands = status_text(self.status, language)
        if self.is_another:
            return said(
                f", it was submitted again since, and is {stands} now",
                f"，此后又被提交过，当前为 {stands}",
                language,
            )
        return said(f", it is {stands} now", f"，当前为 {stands}", language)

    def facts(self, language: str) -> dict[str, object]:
        """Return what a program reads of it."""
        identity, error = self.row.identity, self.error
        return {
            "key": identity.key,
            "app_version": identity.app_version,
            "bundle_id": identity.bundle_id or None,
            "mini_app": self.row.mini_app,
            "outcome": self.fate.value,
            "was": self.status or None,
            "is_another": self.is_another,
            "code": error.code if isinstance(error, ApiError) else None,
            "reason": "" if error is None else one_line(error, language),
            "trace_id": error.trace_id if isinstance(error, CallError) else None,
        }


def counts_said(counts: Counter[Fate], not_begun: int, language: str) -> str:
    """Return how many came to what, and how many were not begun."""
    parts = [f"{said(*_WORDS[fate], language)} {counts[fate]}" for fate in Fate if counts[fate]]
    if not_begun:
        parts.append(said(f"not begun {not_begun}", f"尚未开始 {not_begun}", language))
    return said(", ", "，", language).join(parts)


def status_for(counts: Counter[Fate]) -> ExitStatus:
    """Return the exit status: what is least certain wins."""
    if counts[Fate.UNKNOWN]:
        return ExitStatus.UNKNOWN
    if counts[Fate.REFUSED]:
        return ExitStatus.REFUSED
    return ExitStatus.NOT_SENT if counts[Fate.NOT_SENT] else ExitStatus.DONE
