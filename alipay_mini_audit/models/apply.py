"""`AuditApply`.

The 22 fields of part `data` (official OpenAPI schema of 2026-10-08), and their wire form.
"""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Mapping, Sequence
from typing import Final, Self, SupportsIndex, final

import attrs

from alipay_mini_audit.errors import Problem, ValidationError
from alipay_mini_audit.models.text import text_problems

__all__ = ["AuditApply", "AuditRule", "BundleId", "RegionInfo", "RegionType"]


class AuditRule(enum.StrEnum):
    """How a version is audited."""

    NONE = "NONE"
    """One audit; the platform's default."""
    BASE_PROMOTE = "BASE_PROMOTE"
    """Access and marketing are audited apart."""


class RegionType(enum.StrEnum):
    """Where a mini-program offers its service."""

    GLOBAL = "GLOBAL"
    CHINA = "CHINA"
    LOCATION = "LOCATION"
    """In the places of `service_region_info`."""


class BundleId(enum.StrEnum):
    """The application that a mini-program runs in."""

    WALLET = "com.alipay.alipaywallet"
    """The Alipay wallet; the platform's default."""
    IOT = "com.alipay.iot.xpaas"
    DINGTALK = "com.alibaba.android.rimet"
    AMAP = "com.amap.app"
    TMALL_GENIE = "com.alibaba.ailabs.genie.webapps"


def _wire(name: str | None = None, *, secret: bool = False, lines: bool = False) -> str | None:
    metadata = {"wire": name, "lines": lines}
    return attrs.field(default=None, repr=not secret, metadata=metadata)  # type: ignore[no-any-return]


@final
@attrs.frozen(kw_only=True)
class RegionInfo:
    """One place of service: a province, a city in it, or an area in that. Codes are the platform's.

    Raises:
        ValidationError: a field is no text.
    """

    province_code: str | None = None
    province_name: str | None = None
    city_code: str | None = None
    city_name: str | None = None
    area_code: str | None = None
    area_name: str | None = None

    def __attrs_post_init__(self) -> None:
        problems = [found for field in attrs.fields(type(self)) for found in _problems(self, field)]
        if problems:
            raise ValidationError(problems)


@final
@attrs.frozen(kw_only=True)
class AuditApply:
    """What is said about the version that is submitted. A field left at `None` is not sent.

    The platform fills what is not sent from earlier settings; an empty string counts as not given.
    Lengths marked (2) count a Chinese character as two.

    Raises:
        ValidationError: a field has another type than its annotation says, or characters that no
        field can
            have; every problem of all fields at once.
    """

    app_version: str | None = _wire()
    """The version, e.g. `0.0.1`; it must be in development. Needed on every call."""
    version_desc: str | None = _wire(lines=True)
    """Its main changes, 30 to 500 characters (2). Needed on every call."""
    app_name: str | None = _wire()
    """3 to 40 characters (2): Chinese, letters, digits, `_`, `+`, `-`."""
    app_english_name: str | None = _wire()
    """3 to 30 letters and digits."""
    app_slogan: str | None = _wire()
    """10 to 32 characters (2)."""
    app_desc: str | None = _wire(lines=True)
    """20 to 400 characters (2)."""
    memo: str | None = _wire(lines=True)
    """A remark to the auditors, up to 500 characters (2)."""
    service_phone: str | None = _wire()
    """5 to 30 digits and `-`; a phone number or an e-mail address is needed."""
    service_email: str | None = _wire()
    region_type: RegionType | str | None = _wire()
    """Where the service is offered; any other text than the known ones is sent as it is."""
    service_region_info: Sequence[RegionInfo] | None = attrs.field(
        default=None, metadata={"wire": None}
    )
    """The places, needed for `RegionType.LOCATION`."""
    app_category_ids: str | None = _wire()
    """Old category tree: `first_second;first_second`, e.g. `11_12;12_13`."""
    mini_category_ids: str | None = _wire()
    """New category tree: `XS1001_XS2001_XS3002;XS1011_XS2089`; it wins over `app_category_ids`."""
    license_name: str | None = _wire(secret=True)
    license_no: str | None = _wire(secret=True)
    license_valid_date: datetime.date | None = attrs.field(default=None, metadata={"wire": None})
    """Last day of the business licence; `date(9999, 12, 31)` has no end."""
    audit_rule: AuditRule | str | None = _wire()
    auto_online: bool | None = attrs.field(default=None, metadata={"wire": None})
    """Go online by itself once the audit is passed; the platform's default is no."""
    speed_up: bool | None = attrs.field(default=None, metadata={"wire": None})
    """Use an entitlement to a faster audit if there is one; the platform's default is yes."""
    bundle_id: BundleId | str | None = _wire()
    test_account: str | None = _wire("test_accout", secret=True)
    """Login for the auditors. The wire name lacks an `n`, as the official schema does."""
    test_password: str | None = _wire(secret=True)
    extra: Mapping[str, object] = attrs.field(factory=dict, repr=False)
    """Fields newer than this package, by their wire names, as JSON values."""

    def __attrs_post_init__(self) -> None:
        problems = [found for field in _FIELDS for found in _problems(self, field)]
        problems += _extra_problems(self.extra, {_wire_name(field) for field in _FIELDS})
        if problems:
            raise ValidationError(problems)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[object, ...]:
        if self.test_account or self.test_password:
            raise TypeError(
                "an AuditApply with a test account is not pickled; add the account where it is sent"
            )
        return super().__reduce_ex__(protocol)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def to_wire(self) -> dict[str, object]:
        """Return the JSON object that is sent, fields in the order of the schema."""
        wire = {_wire_name(field): _value(getattr(self, field.name)) for field in _FIELDS}
        return {name: value for name, value in wire.items() if value not in (None, "", [])} | dict(
            self.extra
        )


_FIELDS: Final = tuple(field for field in attrs.fields(AuditApply) if field.name != "extra")
_BOOLEANS: Final = ("auto_online", "speed_up")


def _wire_name(field: attrs.Attribute[object]) -> str:
    return field.metadata.get("wire") or field.name


def _value(value: object) -> object:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime.date():
            return value.isoformat()
        case str():
            return str.__str__(value)
        case Sequence():
            return [
                attrs.asdict(item, filter=lambda _, part: part not in (None, "")) for item in value
            ]
    return value


def _problems(owner: object, field: attrs.Attribute[object]) -> list[Problem]:
    value, name = getattr(owner, field.name), field.name
    if value is None:
        return []
    if name in _BOOLEANS:
        good, wanted = isinstance(value, bool), "True, False or None"
    elif name == "license_valid_date":
        good = isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
        wanted = "a datetime.date (not a datetime) or None"
    elif name == "service_region_info":
        good = isinstance(value, Sequence) and all(isinstance(item, RegionInfo) for item in value)
        wanted = "a list of RegionInfo or None"
    else:
        return text_problems(name, value, lines=bool(field.metadata.get("lines")))
    found = type(value).__name__
    return (
        []
        if good
        else [Problem(name, "wrong_type", f"expected {wanted}, not an object of type {found}.")]
    )


def _extra_problems(extra: Mapping[str, object], known: set[str]) -> list[Problem]:
    if not isinstance(extra, Mapping):
        return [
            Problem("extra", "wrong_type", "expected a mapping from wire names to JSON values.")
        ]
    problems = [
        Problem(
            f"extra[{name!r}]", "known_field", "this is a field of AuditApply.", "Give it there."
        )
        for name in extra
        if name in known
    ]
    for name, value in extra.items():
        try:
            json.dumps({name: value}, allow_nan=False, ensure_ascii=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            problems.append(
                Problem(
                    f"extra[{name!r}]",
                    "not_json",
                    f"this is no JSON value: {type(error).__name__}.",
                )
            )
    return problems
