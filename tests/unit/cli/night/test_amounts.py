import datetime

import pytest

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.night.amounts import bytes_per_second_of, moment_of, quota_of, rate_of


@pytest.mark.parametrize(
    ("text", "rate"),
    [("5", 5.0), ("5/s", 5.0), ("0.5/s", 0.5), ("300/min", 5.0), ("3600/h", 1.0), (None, None)],
)
def test_a_rate_is_calls_a_second(text: str | None, rate: float | None) -> None:
    assert rate_of(text) == rate


@pytest.mark.parametrize("text", ["", "0", "0/s", "-1/s", "5/fortnight", "5 / s", "fast", "1e9"])
def test_what_is_no_rate_is_told_with_the_option(text: str) -> None:
    with pytest.raises(CommandFailed, match="--rate"):
        rate_of(text)


def test_a_quota_is_whole() -> None:
    assert [quota_of(text) for text in ("5", "5/day", "12/d", None)] == [5, 5, 12, None]
    for text in ("0", "0/day", "2.5/day", "5/s"):
        with pytest.raises(CommandFailed, match="--template-quota"):
            quota_of(text)


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("2MB/s", 2 * 1024**2),
        ("500KB", 500 * 1024),
        ("500kb/s", 500 * 1024),
        ("1.5MiB/s", 1.5 * 1024**2),
        ("800", 800.0),
        ("1 GB/s", 1024**3),
    ],
)
def test_a_speed_is_bytes_a_second(text: str, speed: float) -> None:
    assert bytes_per_second_of(text) == speed


def test_what_is_no_speed_is_told_with_the_option() -> None:
    for text in ("0MB/s", "MB", "2Mbit/s"):
        with pytest.raises(CommandFailed, match="--max-bytes-per-second"):
            bytes_per_second_of(text)


@pytest.mark.parametrize(
    ("text", "now", "moment"),
    [
        ("06:00", "2026-11-26T22:15", "2026-11-27T06:00"),
        ("6:00", "2026-11-27T05:59", "2026-11-27T06:00"),
        ("06:00", "2026-11-27T06:00", "2026-11-28T06:00"),
        ("23:59", "2026-11-27T06:00", "2026-11-27T23:59"),
    ],
)
def test_a_moment_is_the_next_such_one_here(text: str, now: str, moment: str) -> None:
    here = datetime.datetime.fromisoformat(now).astimezone()
    assert moment_of(text, here) == datetime.datetime.fromisoformat(moment).astimezone()


def test_what_is_no_moment_is_told_with_the_option() -> None:
    here = datetime.datetime.now().astimezone()
    assert moment_of(None, here) is None
    for text in ("24:00", "6", "06:60", "6am"):
        with pytest.raises(CommandFailed, match="--until"):
            moment_of(text, here)
