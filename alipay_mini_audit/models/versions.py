"""What the platform knows of a version, as attrs objects."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.models.apply import RegionInfo
from alipay_mini_audit.models.replies import ReplyMeta

__all__ = [
    "AuditRecord",
    "Category",
    "Memo",
    "PackageInfo",
    "VersionDetail",
    "VersionStatus",
]


class VersionStatus(enum.StrEnum):
    """Where a version stands. The set is open: an unknown status stays a plain text."""

    INIT = "INIT"
    """In development."""
    AUDITING = "AUDITING"
    WAIT_RELEASE = "WAIT_RELEASE"
    """Passed, to be released."""
    BASE_AUDIT_PASS = "BASE_AUDIT_PASS"  # noqa: S105  # no password
    """May go online, not promotable."""
    AUDIT_REJECT = "AUDIT_REJECT"
    PROMOTE_AUDIT_REJECT = "PROMOTE_AUDIT_REJECT"
    RELEASE = "RELEASE"
    """Online."""
    GRAY = "GRAY"
    """Online for a part of the users."""
    OFFLINE = "OFFLINE"
    AUDIT_OFFLINE = "AUDIT_OFFLINE"
    """Taken down by the platform."""


@final
@attrs.frozen(kw_only=True)
class Category:
    """A category of the mini-program, up to three levels deep."""

    first_category_id: str | None = None
    first_category_name: str | None = None
    second_category_id: str | None = None
    second_category_name: str | None = None
    third_category_id: str | None = None
    third_category_name: str | None = None


@final
@attrs.frozen(kw_only=True)
class PackageInfo:
    """A capability package of the version."""

    package_name: str | None = None
    package_desc: str | None = None
    doc_url: str | None = None
    status: str | None = None
    package_open_type: str | None = None


@final
@attrs.frozen(kw_only=True)
class Memo:
    """One remark of an auditor."""

    memo: str | None = None
    memo_image_list: list[str] = attrs.field(factory=list)


@final
@attrs.frozen(kw_only=True)
class AuditRecord:
    """The remarks of one audit of `AuditRule.BASE_PROMOTE`."""

    audit_images: list[str] = attrs.field(factory=list)
    memos: list[Memo] = attrs.field(factory=list)


@final
@attrs.frozen(kw_only=True)
class VersionDetail:
    """What the platform knows of a version.

    Times are aware; the platform's own clock is Beijing's.
    """

    app_version: str | None = None
    status: VersionStatus | str | None = None
    app_name: str | None = None
    app_english_name: str | None = None
    app_logo: str | None = None
    """URL of the logo."""
    app_slogan: str | None = None
    app_desc: str | None = None
    version_desc: str | None = None
    memo: str | None = None
    service_phone: str | None = None
    service_email: str | None = None
    service_region_type: str | None = None
    """What was sent as `region_type`."""
    service_region_info: list[RegionInfo] | None = None
    screen_shot_list: list[str] | None = None
    """URLs of the screenshots."""
    mini_app_category_info_list: list[Category] | None = None
    mini_category_info_list: list[Category] | None = None
    package_info_list: list[PackageInfo] | None = None
    scan_result: str | None = None
    """Security scan: `True` passed, `False` failed, `NAN` running."""
    reject_reason: str | None = None
    gray_strategy: str | None = None
    """`p10`, `p30` or `p50` of the users."""
    gmt_create: datetime.datetime | None = None
    gmt_apply_audit: datetime.datetime | None = None
    gmt_audit_end: datetime.datetime | None = None
    gmt_online: datetime.datetime | None = None
    gmt_offline: datetime.datetime | None = None
    base_audit: str | None = None
    """`PASS` or `REJECT`; only under `AuditRule.BASE_PROMOTE`, as the four that follow."""
    promote_audit: str | None = None
    can_release: bool | None = None
    base_audit_record: AuditRecord | None = None
    promote_audit_record: AuditRecord | None = None
    extra: Mapping[str, object] = attrs.field(factory=dict)
    meta: ReplyMeta
