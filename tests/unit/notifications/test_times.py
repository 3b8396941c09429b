"""Times of notifications."""

import datetime

import pytest

from alipay_mini_audit.notifications.times import beijing_time, in_milliseconds, milliseconds

MOMENT = datetime.datetime(2026, 3, 4, 5, 6, 7, 123000, tzinfo=datetime.UTC)


@pytest.mark.parametrize("value", ["1772600767123", 1772600767123])
def test_milliseconds_are_read(value: object) -> None:
    assert milliseconds(value) == MOMENT


@pytest.mark.parametrize("value", [None, "", "x", "-1", 1.5, "9" * 15, "\uff11", "1\n", True, [1]])
def test_what_is_no_number_is_none(value: object) -> None:
    assert milliseconds(value) is None


def test_milliseconds_are_written() -> None:
    assert in_milliseconds(MOMENT) == "1772600767123"


def test_a_time_of_beijing_is_read() -> None:
    assert beijing_time("2026-03-04 13:06:07") == MOMENT.replace(microsecond=0)


@pytest.mark.parametrize("text", [None, "", "2026-03-04", "2026-13-04 13:06:07", "x"])
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert beijing_time(text) is None
