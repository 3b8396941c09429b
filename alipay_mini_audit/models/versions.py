"""What the platform knows of a version, as attrs objects. Attributes are called as on the wire."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.models.regions import RegionInfo
from alipay_mini_audit.models.replies import ReplyMeta

__all__ = [
    "AuditRecord",
    "Category",
    "Memo",
    "PackageInfo",
    "Resolution",
    "VersionDetail",
    "VersionStatus",
]


class VersionStatus(enum.StrEnum):
    """Where a version stands. The set is open: an unknown status stays a plain string."""

    INIT = "INIT"
    """In development."""
    AUDITING = "AUDITING"
    """In audit."""
    WAIT_RELEASE = "WAIT_RELEASE"
    """Passed, to be released."""
    BASE_AUDIT_PASS = "BASE_AUDIT_PASS"  # noqa: S105  # not a password
    """May go online, but cannot be promoted."""
    AUDIT_REJECT = "AUDIT_REJECT"
    """Rejected; `VersionDetail.reject_reason` says why."""
    PROMOTE_AUDIT_REJECT = "PROMOTE_AUDIT_REJECT"
    """Rejected by the audit of marketing; `VersionDetail.can_release` says what is left."""
    RELEASE = "RELEASE"
    """Online."""
    GRAY = "GRAY"
    """Online for some of the users."""
    OFFLINE = "OFFLINE"
    """Taken offline."""
    AUDIT_OFFLINE = "AUDIT_OFFLINE"
    """Taken down by the platform."""


@final
@attrs.frozen(kw_only=True)
class Category:
    """A category of the mini-program, up to three levels deep; `None` ends the levels."""

    first_category_id: str | None = None
    first_category_name: str | None = None
    second_category_id: str | None = None
    second_category_name: str | None = None
    third_category_id: str | None = None
    third_category_name: str | None = None


@final
@attrs.frozen(kw_only=True)
class PackageInfo:
    """A capability package of the version. What the platform does not say is `None`."""

    package_name: str | None = None
    package_desc: str | None = None
    doc_url: str | None = None
    """URL of its documentation."""
    status: str | None = None
    package_open_type: str | None = None


@final
@attrs.frozen(kw_only=True)
class Memo:
    """One remark of an auditor."""

    memo: str | None = None
    """The remark; `None` if there are only pictures."""
    memo_image_list: list[str] = attrs.field(factory=list)
    """URLs of the pictures that go with it."""


@final
@attrs.frozen(kw_only=True)
class AuditRecord:
    """The remarks of one of the two audits of `AuditRule.BASE_PROMOTE`."""

    audit_images: list[str] = attrs.field(factory=list)
    """URLs of the auditors' pictures."""
    memos: list[Memo] = attrs.field(factory=list)


@final
@attrs.frozen(kw_only=True)
class VersionDetail:
    """What the platform knows of a version.

    A field is `None` if the platform does not say it, or says it in another form than documented;
    then `extra` has it. Times are aware datetimes in Beijing's zone, in whole seconds.
    """

    app_version: str | None = None
    status: VersionStatus | str | None = None
    """Where the version stands; a status newer than this package is a plain string."""
    app_name: str | None = None
    app_english_name: str | None = None
    app_logo: str | None = None
    """URL of the logo."""
    app_slogan: str | None = None
    app_desc: str | None = None
    version_desc: str | None = None
    memo: str | None = None
    """The remark to the auditors that was submitted."""
    service_phone: str | None = None
    service_email: str | None = None
    service_region_type: str | None = None
    """What was sent as `region_type`."""
    service_region_info: list[RegionInfo] | None = None
    screen_shot_list: list[str] | None = None
    """URLs of the screenshots."""
    mini_app_category_info_list: list[Category] | None = None
    """Categories of the old tree, set by `app_category_ids`."""
    mini_category_info_list: list[Category] | None = None
    """Categories of the new tree, set by `mini_category_ids`."""
    package_info_list: list[PackageInfo] | None = None
    scan_result: str | None = None
    """Security scan: `True` passed, `False` failed, `NAN` running."""
    reject_reason: str | None = None
    """Why the audit rejected the version."""
    gray_strategy: str | None = None
    """For how many of the users it is online in `GRAY`: `p10`, `p30` or `p50`, in percent."""
    gmt_create: datetime.datetime | None = None
    """When the version was created."""
    gmt_apply_audit: datetime.datetime | None = None
    """When it was submitted for audit."""
    gmt_audit_end: datetime.datetime | None = None
    """When the audit ended."""
    gmt_online: datetime.datetime | None = None
    """When it went online."""
    gmt_offline: datetime.datetime | None = None
    """When it went offline."""
    base_audit: str | None = None
    """`PASS` or `REJECT`; only under `AuditRule.BASE_PROMOTE`, like the four fields below."""
    promote_audit: str | None = None
    """`PASS` or `REJECT`."""
    can_release: bool | None = None
    """Whether it may go online although the audit of marketing rejected it."""
    base_audit_record: AuditRecord | None = None
    promote_audit_record: AuditRecord | None = None
    extra: Mapping[str, object] = attrs.field(factory=dict)
    """What else was in the reply, as JSON values."""
    meta: ReplyMeta
    """How the reply came about."""


@final
@attrs.frozen(kw_only=True)
class Resolution:
    """What the platform proves of a submission whose outcome was unknown.

    Attributes:
        landed: `True` if the version is in audit because of it, `False` if it did not arrive and
            may be sent again, `None` if the platform's answer proves neither: the version is in
            audit since another moment or with other texts, say.
        detail: the answer; `None` if there is none.
    """

    landed: bool | None
    detail: VersionDetail | None = None
