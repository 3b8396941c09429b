"""What comes back, as attrs objects.

The platform sends booleans as texts, times without a zone, and may send more or other than its
schema says: a field that does not have the documented shape stays `None` here and is kept, as it
came, in `extra`.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from typing import Any, Final, TypeVar, final, get_origin

import attrs
import cattrs
from cattrs.cols import list_structure_factory
from cattrs.dispatch import StructureHook
from cattrs.gen import make_dict_structure_fn

from alipay_mini_audit.models.apply import RegionInfo

__all__ = [
    "ApplyReply",
    "AuditRecord",
    "CancelReply",
    "Category",
    "Memo",
    "PackageInfo",
    "ReplyMeta",
    "VersionDetail",
    "VersionStatus",
    "read_model",
]

BEIJING: Final = datetime.timezone(datetime.timedelta(hours=8), "Asia/Shanghai")


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
class ReplyMeta:
    """How a reply came about.

    Attributes:
        request_id: our id of the last attempt, header `alipay-request-id`.
        trace_id: the platform's id of the answer; quote it to their support. `None` if it sent
            none.
        http_status: status of the answer.
        attempts: how many attempts were made.
        elapsed: seconds from the call to the reply.
        resolved: the answer was established by asking the platform after a lost reply.
    """

    request_id: str
    trace_id: str | None
    http_status: int
    attempts: int = 1
    elapsed: float = 0.0
    resolved: bool = False


@final
@attrs.frozen(kw_only=True)
class ApplyReply:
    """The platform took the version into audit.

    Attributes:
        speed_up: whether the audit is expedited; `None` if the platform does not say.
        speed_up_memo: why, or why not.
        extra: what else was in the reply.
        meta: how it came about.
    """

    speed_up: bool | None = None
    speed_up_memo: str | None = None
    extra: Mapping[str, object] = attrs.field(factory=dict)
    meta: ReplyMeta


@final
@attrs.frozen(kw_only=True)
class CancelReply:
    """The platform took the version out of audit.

    Attributes:
        extra: what was in the reply; the schema has no fields.
        meta: how it came about.
    """

    extra: Mapping[str, object] = attrs.field(factory=dict)
    meta: ReplyMeta


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


def _text(value: object, _: object) -> str:
    return str(_only(str, value))


def _flag(value: object, _: object) -> bool:
    return {"true": True, "false": False}[str(value).lower()]


def _time(value: object, _: object) -> datetime.datetime:
    return datetime.datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)


def _status(value: object, _: object) -> VersionStatus | str:
    text = _text(value, None)
    return VersionStatus(text) if text in VersionStatus.__members__ else text


def _as_object(kind: Any, converter: cattrs.Converter) -> StructureHook:
    usual: StructureHook = make_dict_structure_fn(kind, converter)
    return lambda value, _: usual(_only(dict, value), kind)


def _as_list(kind: Any, converter: cattrs.Converter) -> StructureHook:
    usual = list_structure_factory(kind, converter)
    return lambda value, _: usual(_only(list, value), kind)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _only(shape: type, value: object) -> Any:
    """Return the value if it has the shape; a text would pass for a list of texts."""
    if not isinstance(value, shape):
        raise TypeError(type(value).__name__)
    return value


_converter = cattrs.Converter()
_converter.register_structure_hook_factory(attrs.has, _as_object)
_converter.register_structure_hook_factory(_is_list, _as_list)
_converter.register_structure_hook(str, _text)
_converter.register_structure_hook(bool, _flag)
_converter.register_structure_hook(datetime.datetime, _time)
_converter.register_structure_hook(VersionStatus | str | None, _status)

_Model = TypeVar("_Model", ApplyReply, CancelReply, VersionDetail)


def read_model(model: type[_Model], body: Mapping[str, object], meta: ReplyMeta) -> _Model:
    """Build a reply object from the JSON object that came.

    Args:
        model: the class to build.
        body: the JSON object of the reply.
        meta: how the reply came about.
    """
    types = {field.name: field.type for field in attrs.fields(attrs.resolve_types(model))}
    known: dict[str, object] = {}
    extra: dict[str, object] = {}
    for name, value in body.items():
        if name not in types or name in ("extra", "meta"):
            extra[name] = value
        elif value is not None:
            try:
                known[name] = _converter.structure(value, types[name])
            except Exception:  # noqa: BLE001  # cattrs raises groups of anything; the value is kept
                extra[name] = value
    return model(**known, extra=extra, meta=meta)  # type: ignore[arg-type]
