"""What the statuses of a version mean, to a person and for what can be taken back."""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.cli.language import said
from alipay_mini_audit.models import VersionDetail, VersionStatus

__all__ = ["is_approved", "is_rejected", "status_text"]

_STATUSES: Final = {
    VersionStatus.INIT: ("in development", "开发中"),
    VersionStatus.AUDITING: ("in audit", "审核中"),
    VersionStatus.WAIT_RELEASE: ("passed, to be released", "审核通过，待上架"),
    VersionStatus.BASE_AUDIT_PASS: ("passed, without promotion", "准入通过，营销未通过"),
    VersionStatus.AUDIT_REJECT: ("rejected", "审核驳回"),
    VersionStatus.PROMOTE_AUDIT_REJECT: ("promotion rejected", "营销审核驳回"),
    VersionStatus.RELEASE: ("online", "已上架"),
    VersionStatus.GRAY: ("online for some users", "灰度中"),
    VersionStatus.OFFLINE: ("offline", "已下架"),
    VersionStatus.AUDIT_OFFLINE: ("taken down by the platform", "被平台下架"),
}
_APPROVED: Final = (VersionStatus.WAIT_RELEASE, VersionStatus.BASE_AUDIT_PASS)


def status_text(status: str, language: str) -> str:
    """Return a status as the platform spells it, and what it means, if that is known."""
    meanings = {each.value: texts for each, texts in _STATUSES.items()}
    if status not in meanings:
        return status
    english, chinese = meanings[status]
    return said(f"{status} ({english})", f"{status}（{chinese}）", language)


def is_approved(detail: VersionDetail) -> bool:
    """Say whether a version has passed and waits for its release, be it without promotion."""
    if detail.status == VersionStatus.PROMOTE_AUDIT_REJECT:
        return bool(detail.can_release)
    return detail.status in _APPROVED


def is_rejected(detail: VersionDetail) -> bool:
    """Say whether a version stands rejected, and may not go online."""
    if detail.status == VersionStatus.PROMOTE_AUDIT_REJECT:
        return not detail.can_release
    return detail.status == VersionStatus.AUDIT_REJECT
