import inspect
import re

import pytest

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import Fault
from alipay_mini_audit.sandbox.admin_fields import BadField, Fields, read_fault, show_fault
from alipay_mini_audit.sandbox.faults.faults import DueFault

OPTIONS: dict[str, dict[str, object]] = {
    "close_in_body": {"after_bytes": 10},
    "slow_answer": {"seconds": 0.5},
    "clock_skew": {"seconds": -700},
    "throttled": {"retry_after": "3"},
    "answer": {"code": "DEFAULT_LOGO", "http_status": 403},
}


def test_every_fault_has_its_name_here() -> None:
    constants = [name for name in dir(Fault) if name.isupper()]
    for name in constants:
        assert read_fault(Fields({"name": name})) is getattr(Fault, name)
    made = {name for name, _ in inspect.getmembers(Fault, inspect.ismethod) if name[0] != "_"}
    assert made == set(OPTIONS)
    for name, options in OPTIONS.items():
        fields = Fields({"name": name, **options})
        assert read_fault(fields) == getattr(Fault, name)(**options)
        fields.end()
    assert read_fault(Fields({"name": "throttled"})) == Fault.throttled()
    assert read_fault(Fields({"name": "throttled", "retry_after": 3})) == Fault.throttled("3")
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    found = read_fault(Fields({"name": "throttled", "retry_after": date}))
    assert found == Fault.throttled(date)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_fault_is_shown_as_it_was_given(name: str) -> None:
    given = {"name": name, **OPTIONS[name], "operation": "apply", "call": 7, "times": None}
    fault = getattr(Fault, name)(**OPTIONS[name])
    shown = show_fault(DueFault(fault=fault, operation="apply", call=7, times=None))
    assert shown == given


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": 1}, "name"),
        ({"name": "hang"}, "name"),
        ({"name": "__doc__"}, "name"),
        ({"name": "close_in_body"}, "after_bytes"),
        ({"name": "close_in_body", "after_bytes": True}, "after_bytes"),
        ({"name": "close_in_body", "after_bytes": 1.5}, "after_bytes"),
        ({"name": "slow_answer", "seconds": "1"}, "seconds"),
        ({"name": "slow_answer", "seconds": False}, "seconds"),
        ({"name": "slow_answer", "seconds": 10**400}, "seconds"),
        ({"name": "clock_skew", "seconds": float("-inf")}, "seconds"),
        ({"name": "throttled", "retry_after": "1\r\nX: y"}, "retry_after"),
        ({"name": "throttled", "retry_after": "\ud800"}, "retry_after"),
        ({"name": "throttled", "retry_after": []}, "retry_after"),
    ],
)
def test_what_is_no_fault_is_told_by_its_field(given: dict[str, object], field: str) -> None:
    with pytest.raises(BadField) as raised:
        read_fault(Fields(given))
    assert raised.value.field == field


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadField) as raised:
        read_fault(Fields({"name": "hang"}))
    constants = [name for name in dir(Fault) if name.isupper()]
    assert sorted(re.findall(r"\w+", raised.value.problem)) == sorted(
        ["expected", "one", "of", *constants, *OPTIONS]
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "close_in_body", "after_bytes": -1}, "after_bytes"),
        ({"name": "slow_answer", "seconds": -1}, "seconds"),
    ],
)
def test_the_ranges_are_those_of_the_faults(given: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_fault(Fields(given))
    assert raised.value.setting == field


def test_what_nobody_took_is_unknown() -> None:
    fields = Fields({"name": "HANG", "time": 3})
    read_fault(fields)
    with pytest.raises(BadField) as raised:
        fields.end()
    assert raised.value.field == "time"


def test_operations_are_those_of_the_gateway() -> None:
    for value in (None, "apply", "build_status", "gray_online", "token"):
        assert Fields({"operation": value}).operation("operation") == value
    with pytest.raises(BadField):
        Fields({"operation": "Apply"}).operation("operation")


def test_flags_and_objects_are_taken_as_they_are() -> None:
    fields = Fields({"a": True, "b": False, "c": {"d": 1}, "e": None})
    assert (fields.maybe_flag("a"), fields.maybe_flag("b")) == (True, False)
    assert (fields.maybe_flag("e"), fields.maybe_flag("f")) == (None, None)
    assert (fields.maybe_object("c"), fields.maybe_object("f")) == ({"d": 1}, None)
    fields.end()
    for value in (0, 1, "true", []):
        with pytest.raises(BadField):
            Fields({"a": value}).maybe_flag("a")
        with pytest.raises(BadField):
            Fields({"a": value}).maybe_object("a")
