"""One value and its wire form: how each type of value is checked, written and read.

The platform's JSON knows no booleans, dates or times: all of them are strings. Times have no zone
and are Beijing's.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from alipay_mini_audit.models.fields import REGION_FIELDS, FieldSpec, ValueType
from alipay_mini_audit.models.regions import RegionInfo
from alipay_mini_audit.models.text import kind_of, text_problems
from alipay_mini_audit.problems import Problem, told

__all__ = ["BEIJING", "flag_from_wire", "time_from_wire", "value_problems", "wire_value"]

BEIJING: Final = datetime.timezone(datetime.timedelta(hours=8), "Asia/Shanghai")

_FLAGS: Final = MappingProxyType({"true": True, "false": False})
_FLAG_WANTED: Final = ("True, False or None", "True、False 或 None")
_DATE_WANTED: Final = (
    "a datetime.date (not a datetime) or None",
    "datetime.date（不能是 datetime）或 None",
)
_REGIONS_WANTED: Final = ("a list of RegionInfo or None", "RegionInfo 列表或 None")

_WRONG_TYPE: Final = (
    ("expected {wanted}, not {given}.", ""),
    ("应为 {chinese_wanted}，而不是{chinese_given}。", ""),
)


def value_problems(spec: FieldSpec, value: object) -> list[Problem]:
    """Return what is wrong with the value of a field: its type, or its characters.

    Args:
        spec: the field.
        value: what was given for it; nothing is wrong with `None`.
    """
    if value is None:
        return []
    return _CONVERSIONS[spec.type].check(spec, value)


def wire_value(spec: FieldSpec, value: object) -> object:
    """Return the JSON value that is sent for a value without problems.

    Args:
        spec: the field.
        value: what was given for it; `None` stays `None`.
    """
    return None if value is None else _CONVERSIONS[spec.type].write(value)


def flag_from_wire(value: object) -> bool:
    """Read `"true"` or `"false"`, in any case, or a boolean of JSON.

    Raises:
        KeyError: it is something else.
    """
    return _FLAGS[str(value).lower()]


def time_from_wire(value: object) -> datetime.datetime:
    """Read a time such as `2026-03-04 05:06:07` as Beijing's.

    Raises:
        ValueError: it has another form.
    """
    return datetime.datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)


def _check_text(spec: FieldSpec, value: object) -> list[Problem]:
    return text_problems(spec.attribute, value, lines=spec.allows_line_breaks)


def _write_text(value: str) -> str:
    # The member of a string enum: str() would give its name, json.dumps() its value.
    return str.__str__(value)


def _check_flag(spec: FieldSpec, value: object) -> list[Problem]:
    if isinstance(value, bool):
        return []
    return [_wrong_type(spec, _FLAG_WANTED, value)]


def _write_flag(value: bool) -> str:  # noqa: FBT001  # the value to write
    return "true" if value else "false"


def _check_date(spec: FieldSpec, value: object) -> list[Problem]:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return []
    return [_wrong_type(spec, _DATE_WANTED, value)]


def _write_date(value: datetime.date) -> str:
    return value.isoformat()


def _check_regions(spec: FieldSpec, value: object) -> list[Problem]:
    if isinstance(value, Sequence) and all(isinstance(item, RegionInfo) for item in value):
        return []
    return [_wrong_type(spec, _REGIONS_WANTED, value)]


def _write_regions(value: Sequence[RegionInfo]) -> list[dict[str, str]]:
    return [_write_region(region) for region in value]


def _write_region(region: RegionInfo) -> dict[str, str]:
    values = {spec.wire_name: getattr(region, spec.attribute) for spec in REGION_FIELDS.values()}
    return {name: _write_text(value) for name, value in values.items() if value}


def _wrong_type(spec: FieldSpec, wanted: tuple[str, str], value: object) -> Problem:
    english, chinese = wanted
    values = {"wanted": english, "chinese_wanted": chinese, **kind_of(value)}
    return told(spec.attribute, "wrong_type", *_WRONG_TYPE, values=values)


@attrs.frozen
class _Conversion:
    check: Callable[[FieldSpec, object], list[Problem]]
    write: Callable[[Any], object]


_CONVERSIONS: Final[Mapping[ValueType, _Conversion]] = MappingProxyType(
    {
        ValueType.TEXT: _Conversion(_check_text, _write_text),
        ValueType.CHOICE: _Conversion(_check_text, _write_text),
        ValueType.FLAG: _Conversion(_check_flag, _write_flag),
        ValueType.DATE: _Conversion(_check_date, _write_date),
        ValueType.REGIONS: _Conversion(_check_regions, _write_regions),
    }
)
