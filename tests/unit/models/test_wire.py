"""One value and its wire form, for each type of value."""

import datetime
import enum

import pytest

from alipay_mini_audit.errors import Problem
from alipay_mini_audit.models import RegionInfo
from alipay_mini_audit.models.fields import FieldSpec, Need, ValueType
from alipay_mini_audit.models.wire import (
    BEIJING,
    flag_from_wire,
    time_from_wire,
    value_problems,
    wire_value,
)


class Choice(str, enum.Enum):  # noqa: UP042  # the old spelling of a string enum is the point
    NEW = "NEW_CHOICE"


def spec(value_type: ValueType, *, lines: bool = False) -> FieldSpec:
    return FieldSpec(
        attribute="field",
        wire_name="wired",
        type=value_type,
        need=Need.NEVER,
        allows_line_breaks=lines,
    )


@pytest.mark.parametrize("value_type", ValueType)
def test_nothing_is_wrong_with_none_and_it_stays_none(value_type: ValueType) -> None:
    assert value_problems(spec(value_type), None) == []
    assert wire_value(spec(value_type), None) is None


@pytest.mark.parametrize(
    ("value_type", "value", "expected"),
    [
        (ValueType.TEXT, "文字", "文字"),
        (ValueType.TEXT, "", ""),
        (ValueType.CHOICE, "ANY_OTHER", "ANY_OTHER"),
        (ValueType.CHOICE, Choice.NEW, "NEW_CHOICE"),
        (ValueType.FLAG, True, "true"),
        (ValueType.FLAG, False, "false"),
        (ValueType.DATE, datetime.date(27, 3, 4), "0027-03-04"),
        (ValueType.REGIONS, [], []),
        (
            ValueType.REGIONS,
            (RegionInfo(city_code="330100", area_code=""),),
            [{"city_code": "330100"}],
        ),
    ],
)
def test_a_value_is_written_by_its_type(
    value_type: ValueType, value: object, expected: object
) -> None:
    assert value_problems(spec(value_type), value) == []
    written = wire_value(spec(value_type), value)
    assert written == expected
    assert type(written) is type(expected)


@pytest.mark.parametrize(
    ("value_type", "value", "message"),
    [
        (ValueType.TEXT, 5, "expected a text, not a number."),
        (ValueType.CHOICE, b"GLOBAL", "expected a text, not bytes."),
        (ValueType.FLAG, "true", "expected True, False or None, not a text."),
        (ValueType.FLAG, 1, "expected True, False or None, not a number."),
        (
            ValueType.DATE,
            datetime.datetime(2027, 3, 4, tzinfo=datetime.UTC),
            "expected a datetime.date (not a datetime) or None, not a moment.",
        ),
        (
            ValueType.DATE,
            "2027-03-04",
            "expected a datetime.date (not a datetime) or None, not a text.",
        ),
        (ValueType.REGIONS, RegionInfo(), "expected a list of RegionInfo or None, not RegionInfo."),
        (ValueType.REGIONS, {RegionInfo()}, "expected a list of RegionInfo or None, not set."),
    ],
)
def test_another_type_is_named_under_the_attribute(
    value_type: ValueType, value: object, message: str
) -> None:
    assert value_problems(spec(value_type), value) == [Problem("field", "wrong_type", message)]


@pytest.mark.parametrize("value_type", [ValueType.TEXT, ValueType.CHOICE])
def test_line_breaks_are_for_the_fields_that_allow_them(value_type: ValueType) -> None:
    found = value_problems(spec(value_type), "a\nb")
    assert [(problem.path, problem.code) for problem in found] == [("field", "bad_character")]
    assert value_problems(spec(value_type, lines=True), "a\nb") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("false", False), ("True", True), (True, True), (False, False)],
)
def test_a_flag_is_read_as_text_or_as_json(value: object, expected: bool) -> None:
    assert flag_from_wire(value) is expected


@pytest.mark.parametrize("value", ["", "yes", 1, 0, None])
def test_what_is_not_a_flag_is_not_read(value: object) -> None:
    with pytest.raises(KeyError):
        flag_from_wire(value)


def test_a_time_is_read_as_beijings() -> None:
    time = time_from_wire("2026-03-04 05:06:07")
    assert time == datetime.datetime(2026, 3, 3, 21, 6, 7, tzinfo=datetime.UTC)
    assert time.tzinfo is BEIJING
    assert str(BEIJING) == "Asia/Shanghai"


@pytest.mark.parametrize("value", ["", "2026-03-04", "2026-13-04 05:06:07", 1700000000000, None])
def test_what_is_not_a_time_is_not_read(value: object) -> None:
    with pytest.raises(ValueError, match="does not match format"):
        time_from_wire(value)
