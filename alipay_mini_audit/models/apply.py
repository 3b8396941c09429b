"""`AuditApply`: the 22 fields of part `data`. Their wire form and limits are in `fields`."""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Mapping, Sequence
from typing import Final, Self, SupportsIndex, final

import attrs

from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.models.forms import read_fields
from alipay_mini_audit.models.regions import RegionInfo
from alipay_mini_audit.models.wire import value_problems, wire_value
from alipay_mini_audit.problems import Problem, told

__all__ = ["AuditApply", "AuditRule", "BundleId", "RegionType"]

_NO_MAPPING: Final = (
    ("expected a mapping from wire names to JSON values.", ""),
    ("应为以接口参数名为键、JSON 值为值的映射，例如 dict。", ""),
)
_OWN_FIELD: Final = (
    ("this is a field of AuditApply.", "Give it there."),
    ("这是 AuditApply 已有的字段。", "请直接填写该字段。"),
)
_NO_JSON: Final = (
    ("this is not a JSON value: {error}.", ""),
    ("不是 JSON 值：{error}。", ""),
)


class AuditRule(enum.StrEnum):
    """How a version is audited."""

    NONE = "NONE"
    """One audit; the platform's default."""
    BASE_PROMOTE = "BASE_PROMOTE"
    """Access and marketing are audited separately."""


class RegionType(enum.StrEnum):
    """Where a mini-program offers its service."""

    GLOBAL = "GLOBAL"
    """Everywhere."""
    CHINA = "CHINA"
    """In the whole of China."""
    LOCATION = "LOCATION"
    """In the places of `service_region_info`."""


class BundleId(enum.StrEnum):
    """The application that a mini-program runs in."""

    WALLET = "com.alipay.alipaywallet"
    """The Alipay wallet; the platform's default."""
    IOT = "com.alipay.iot.xpaas"
    """Alipay's IoT devices."""
    DINGTALK = "com.alibaba.android.rimet"
    AMAP = "com.amap.app"
    TMALL_GENIE = "com.alibaba.ailabs.genie.webapps"


def _from_table(_: type, fields: list[attrs.Attribute[object]]) -> list[attrs.Attribute[object]]:
    """Keep out of `repr` what the table of fields calls a secret."""
    return [
        field if field.name == "extra" else field.evolve(repr=not FIELDS[field.name].is_secret)
        for field in fields
    ]


def _own_copy(extra: Mapping[str, object]) -> Mapping[str, object]:
    """Copy it: what is added to the caller's own later was never checked."""
    return dict(extra) if isinstance(extra, Mapping) else extra


@final
@attrs.frozen(kw_only=True, field_transformer=_from_table)
class AuditApply:
    """What is said about the version that is submitted. A field left at `None` is not sent.

    The platform fills what is not sent from earlier settings; an empty string counts as not given.
    Lengths marked (2) count a Chinese character as two.

    Raises:
        ValidationError: a field has another type than its annotation says, or characters that no
            field can have; every problem of all fields at once.
    """

    app_version: str | None = None
    """The version, e.g. `0.0.1`, up to 64 characters; it must be in development. Needed on every
    call.
    """
    version_desc: str | None = None
    """Its main changes, 30 to 500 characters (2). Needed on every call."""
    app_name: str | None = None
    """3 to 40 characters (2): Chinese, letters, digits, `_`, `+`, `-`."""
    app_english_name: str | None = None
    """3 to 30 characters (2): letters and digits."""
    app_slogan: str | None = None
    """10 to 32 characters (2)."""
    app_desc: str | None = None
    """20 to 400 characters (2)."""
    memo: str | None = None
    """A remark to the auditors, up to 500 characters (2)."""
    service_phone: str | None = None
    """5 to 30 characters: digits and `-`. A phone number or an e-mail address is needed."""
    service_email: str | None = None
    """Needed if there is no phone number."""
    region_type: RegionType | str | None = None
    """Where the service is offered; a string other than the known ones is sent as it is."""
    service_region_info: Sequence[RegionInfo] | None = None
    """The places, needed for `RegionType.LOCATION`."""
    app_category_ids: str | None = None
    """Old category tree: `first_second;first_second`, e.g. `11_12;12_13`."""
    mini_category_ids: str | None = None
    """New category tree: `XS1001_XS2001_XS3002;XS1011_XS2089`; it wins over `app_category_ids`."""
    license_name: str | None = None
    """The name on the business licence, for categories that demand one; never printed."""
    license_no: str | None = None
    """The number of the business licence; never printed."""
    license_valid_date: datetime.date | None = None
    """Last day of the business licence; `date(9999, 12, 31)` if it does not expire."""
    audit_rule: AuditRule | str | None = None
    """How the version is audited; a string other than the known ones is sent as it is."""
    auto_online: bool | None = None
    """Go online automatically once the audit is passed; by default the platform does not."""
    speed_up: bool | None = None
    """Use an entitlement to a faster audit if there is one; by default the platform does."""
    bundle_id: BundleId | str | None = None
    """The application that the mini-program runs in; any other string is sent as it is."""
    test_account: str | None = None
    """Login for the auditors; never printed. Its wire name lacks an `n`, as in the schema."""
    test_password: str | None = None
    """The password of that account; never printed, and sent as it is."""
    extra: Mapping[str, object] = attrs.field(factory=dict, converter=_own_copy, repr=False)
    """Fields newer than this package, by their wire names, as JSON values; a copy is kept."""

    def __attrs_post_init__(self) -> None:
        problems = [
            problem
            for spec in FIELDS.values()
            for problem in value_problems(spec, getattr(self, spec.attribute))
        ]
        problems += _extra_problems(self.extra)
        if problems:
            raise ValidationError(problems)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[object, ...]:
        if self.test_account or self.test_password:
            raise TypeError(
                "an AuditApply with a test account cannot be pickled; "
                "add the account where it is sent"
            )
        return super().__reduce_ex__(protocol)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    @classmethod
    def from_wire(cls, fields: Mapping[str, object]) -> Self:
        """Build from wire names and wire values, as a form, a JSON object or a table has them.

        Args:
            fields: values by wire name; `None` and an empty text count as not given. A flag is
                `"true"` or `"false"`, also `1`, `0`, `yes`, `no`, `on`, `off`, in any case; a day
                is `yyyy-MM-dd`; `service_region_info` is a list of objects, or its JSON text. What
                the attributes take is taken as well.

        Raises:
            ValidationError: a name is unknown, a value cannot be read, or as for the class; every
                problem at once.
            TypeError: `fields` is no mapping.
        """
        if not isinstance(fields, Mapping):
            raise TypeError(f"fields must be a mapping by wire name, not {type(fields).__name__}")
        values, problems = read_fields(fields)
        if problems:
            raise ValidationError(problems)
        return cls(**values)  # type: ignore[arg-type]  # they were checked

    def to_wire(self) -> dict[str, object]:
        """Return the JSON object that is sent, fields in the order of the schema."""
        wire = {
            spec.wire_name: wire_value(spec, getattr(self, spec.attribute))
            for spec in FIELDS.values()
        }
        given = {name: value for name, value in wire.items() if value not in (None, "", [])}
        return given | dict(self.extra)


def _extra_problems(extra: Mapping[str, object]) -> list[Problem]:
    if not isinstance(extra, Mapping):
        return [told("extra", "wrong_type", *_NO_MAPPING)]
    known = {spec.wire_name for spec in FIELDS.values()}
    problems = [
        told(f"extra[{name!r}]", "known_field", *_OWN_FIELD) for name in extra if name in known
    ]
    for name, value in extra.items():
        try:
            json.dumps({name: value}, allow_nan=False, ensure_ascii=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raised = {"error": type(error).__name__}
            problems.append(told(f"extra[{name!r}]", "not_json", *_NO_JSON, values=raised))
    return problems
