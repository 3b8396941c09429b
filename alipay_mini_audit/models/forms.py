"""From wire names and wire values, as a form or a JSON object has them, to values of fields."""

from __future__ import annotations

import datetime
import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models.fields import FIELDS, REGION_FIELDS, FieldSpec, ValueType
from alipay_mini_audit.models.regions import RegionInfo
from alipay_mini_audit.models.wire import value_problems
from alipay_mini_audit.problems import Problem, told

__all__ = ["read_fields"]

_FLAGS: Final = MappingProxyType(
    {
        **dict.fromkeys(("true", "1", "yes", "on"), True),
        **dict.fromkeys(("false", "0", "no", "off"), False),
    }
)

_NO_FLAG: Final = (
    ("expected one of {names}.", ""),
    ("应为以下值之一：{chinese_names}。", ""),
)
_NO_DAY: Final = (
    ("expected a day such as 2026-12-31.", ""),
    ("应为形如 2026-12-31 的日期。", ""),
)
_NO_JSON: Final = (
    ("expected a JSON list of places, and this is no JSON.", ""),
    ("应为 JSON 格式的服务区域列表，但内容不是合法的 JSON。", ""),
)
_NO_LIST: Final = (
    ("expected a list of places.", ""),
    ("应为服务区域列表。", ""),
)
_NO_PLACE: Final = (
    ("expected an object with {names}.", ""),
    ("应为含有 {chinese_names} 的对象。", ""),
)
_UNKNOWN: Final = ("there is no field of this name.", "没有这个字段。")
_FILE_PART: Final = (
    "It is a file part: give it to Attachments.from_parts.",
    "这是文件参数，请通过 Attachments.from_parts 传入。",
)
_MISSPELT: Final = ("Is it {close}?", "是否应为 {close}？")
_KNOWN: Final = ("There are: {names}.", "可用的字段：{chinese_names}。")


class _Unreadable(Exception):
    """Carries what is wrong with a value."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems


def read_fields(given: Mapping[str, object]) -> tuple[dict[str, object], list[Problem]]:
    """Return the values of fields by attribute, and every problem, in the order of the fields.

    Args:
        given: values by wire name; `None` and an empty text count as not given.
    """
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for spec in FIELDS.values():
        value = given.get(spec.wire_name)
        if value is None or (isinstance(value, str) and not value):
            continue
        try:
            value = _READERS[spec.type](spec, value)
        except _Unreadable as error:
            problems += error.problems
            continue
        problems += value_problems(spec, value)
        values[spec.attribute] = value
    known = [spec.wire_name for spec in FIELDS.values()]
    problems += [_unknown(name, _spelt(name), known) for name in given if name not in known]
    return values, problems


def _read_text(spec: FieldSpec, value: object) -> object:
    del spec
    return value


def _read_flag(spec: FieldSpec, value: object) -> bool:
    flag = _FLAGS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if flag is None:
        raise _Unreadable(told(spec.attribute, "bad_value", *_NO_FLAG, values=_listed(_FLAGS)))
    return flag


def _read_date(spec: FieldSpec, value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return datetime.datetime.strptime(value.strip(), "%Y-%m-%d").date()  # noqa: DTZ007  # a day
    except ValueError:
        raise _Unreadable(told(spec.attribute, "bad_value", *_NO_DAY)) from None


def _read_regions(spec: FieldSpec, value: object) -> object:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise _Unreadable(told(spec.attribute, "not_json", *_NO_JSON)) from None
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise _Unreadable(told(spec.attribute, "wrong_type", *_NO_LIST))
    problems: list[Problem] = []
    places = [
        _read_place(f"{spec.attribute}[{index}]", place, problems)
        for index, place in enumerate(value)
    ]
    if problems:
        raise _Unreadable(*problems)
    return places


def _read_place(path: str, place: object, problems: list[Problem]) -> object:
    """Return a place, and add what is wrong with it."""
    if isinstance(place, RegionInfo):
        return place
    if not isinstance(place, Mapping):
        problems.append(told(path, "wrong_type", *_NO_PLACE, values=_listed(REGION_FIELDS)))
        return None
    known = {spec.wire_name: spec.attribute for spec in REGION_FIELDS.values()}
    problems += [
        _unknown(name, f"{path}.{_spelt(name)}", list(known)) for name in place if name not in known
    ]
    try:
        return RegionInfo(**{known[name]: place[name] for name in place if name in known})
    except ValidationError as error:
        problems += [attrs.evolve(each, path=f"{path}.{each.path}") for each in error.problems]
        return None


def _spelt(name: object) -> str:
    return name if isinstance(name, str) and name.isidentifier() else repr(name)


def _unknown(name: object, path: str, known: list[str]) -> Problem:
    close = difflib.get_close_matches(name, known, 1) if isinstance(name, str) else []
    advice, values = _KNOWN, _listed(known)
    if name in PARTS:
        advice = _FILE_PART
    elif close:
        advice, values = _MISSPELT, {"close": close[0]}
    english, chinese = zip(_UNKNOWN, advice, strict=True)
    return told(path, "unknown_field", english, chinese, values=values)


def _listed(names: Iterable[str]) -> dict[str, str]:
    """Return names as both languages list them."""
    given = tuple(names)
    return {"names": ", ".join(given), "chinese_names": "、".join(given)}


_READERS: Final[Mapping[ValueType, Callable[[FieldSpec, object], object]]] = MappingProxyType(
    {
        ValueType.TEXT: _read_text,
        ValueType.CHOICE: _read_text,
        ValueType.FLAG: _read_flag,
        ValueType.DATE: _read_date,
        ValueType.REGIONS: _read_regions,
    }
)
