"""`Verdict`: how the audit of a version ended, and how it is written down. No I/O here."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping, Sequence
from typing import Any, Final, final

import attrs

from alipay_mini_audit.models.versions import AuditRecord, Memo, VersionDetail, VersionStatus

__all__ = ["Verdict", "VerdictKind"]

_AS_THEY_ARE: Final = ("reject_reason", "base_audit", "promote_audit", "can_release")
_RECORDS: Final = ("base_audit_record", "promote_audit_record")
_TIMES: Final = ("submitted_at", "decided_at")


class VerdictKind(enum.StrEnum):
    """How an audit ended."""

    PASSED = "passed"
    """It may go online, or is online already; `Verdict.status` says how far."""
    REJECTED = "rejected"
    """The auditors rejected it; `Verdict.reasons` says why."""
    WITHDRAWN = "withdrawn"
    """It is in development: somebody withdrew it, or it was never submitted."""
    TAKEN_OVER = "taken_over"
    """The verdict is not about this submission any more: the version was submitted again since, or
    was taken offline."""


@final
@attrs.frozen(kw_only=True)
class Verdict:
    """How the audit of a version ended, as the platform says; read from its state, never a message.

    What the platform does not say is `None`. Times are aware datetimes in whole seconds.
    """

    app_version: str
    kind: VerdictKind
    status: VersionStatus | str
    """Where the version stands."""
    reject_reason: str | None = None
    """The reason in one text."""
    base_audit: str | None = None
    """`PASS` or `REJECT`; only under `AuditRule.BASE_PROMOTE`, like the four fields below."""
    promote_audit: str | None = None
    """`PASS` or `REJECT`."""
    can_release: bool | None = None
    """Whether it may go online although the audit of marketing rejected it."""
    base_audit_record: AuditRecord | None = None
    """Remarks and pictures of the basic audit."""
    promote_audit_record: AuditRecord | None = None
    """Remarks and pictures of the audit of marketing."""
    submitted_at: datetime.datetime | None = None
    """When the version was submitted, by the platform's clock."""
    decided_at: datetime.datetime | None = None
    """When the audit ended, by the platform's clock."""
    detail: VersionDetail | None = attrs.field(default=None, repr=False, eq=False)
    """All that the platform said; `None` in what was read from a journal."""

    @classmethod
    def of(cls, kind: VerdictKind, app_version: str, detail: VersionDetail) -> Verdict:
        """Return the verdict that an answer of the platform holds.

        Args:
            kind: what the answer was found to mean.
            app_version: the version that was asked for.
            detail: the answer.
        """
        same = {name: getattr(detail, name) for name in (*_AS_THEY_ARE, *_RECORDS)}
        return cls(
            app_version=app_version,
            kind=kind,
            status=detail.status or "",
            submitted_at=detail.gmt_apply_audit,
            decided_at=detail.gmt_audit_end,
            detail=detail,
            **same,
        )

    @property
    def memos(self) -> tuple[Memo, ...]:
        """Every remark of the auditors, those of the basic audit first."""
        return tuple(memo for record in self._records for memo in record.memos)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What the auditors say, each text once: their remarks, or else `reject_reason`."""
        told = [memo.memo for memo in self.memos if memo.memo]
        if not told and self.reject_reason:
            told = [self.reject_reason]
        return tuple(dict.fromkeys(told))

    @property
    def pictures(self) -> tuple[str, ...]:
        """URLs of the auditors' pictures, each once."""
        found = [url for record in self._records for url in record.audit_images]
        found += [url for memo in self.memos for url in memo.memo_image_list]
        return tuple(dict.fromkeys(found))

    @property
    def is_online(self) -> bool:
        """Whether the version is online for everybody."""
        return self.status == VersionStatus.RELEASE

    @property
    def took(self) -> datetime.timedelta | None:
        """How long the audit took; `None` if the platform does not say both times."""
        if self.submitted_at is None or self.decided_at is None:
            return None
        return max(self.decided_at - self.submitted_at, datetime.timedelta())

    def to_json(self) -> dict[str, object]:
        """Return it as values of JSON, without `detail` and what is `None`."""
        written: dict[str, object] = {
            "app_version": self.app_version,
            "kind": self.kind.value,
            "status": str(self.status),
        }
        written |= {name: getattr(self, name) for name in _AS_THEY_ARE}
        written |= {name: _record_to_json(getattr(self, name)) for name in _RECORDS}
        written |= {name: _time_to_json(getattr(self, name)) for name in _TIMES}
        return {name: value for name, value in written.items() if value is not None}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Verdict:
        """Return what `to_json` wrote."""
        status = written["status"]
        known = status in VersionStatus.__members__
        return cls(
            app_version=written["app_version"],
            kind=VerdictKind(written["kind"]),
            status=VersionStatus(status) if known else status,
            **{name: written.get(name) for name in _AS_THEY_ARE},
            **{name: _record_from_json(written.get(name)) for name in _RECORDS},
            **{name: _time_from_json(written.get(name)) for name in _TIMES},
        )

    @property
    def _records(self) -> Sequence[AuditRecord]:
        both = (self.base_audit_record, self.promote_audit_record)
        return [record for record in both if record is not None]


def _record_to_json(record: AuditRecord | None) -> dict[str, object] | None:
    return None if record is None else attrs.asdict(record)


def _record_from_json(written: Mapping[str, Any] | None) -> Any:
    if written is None:
        return None
    return AuditRecord(
        audit_images=written["audit_images"], memos=[Memo(**memo) for memo in written["memos"]]
    )


def _time_to_json(moment: datetime.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _time_from_json(written: str | None) -> Any:
    return None if written is None else datetime.datetime.fromisoformat(written)
