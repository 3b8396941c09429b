import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.cli.night.forecast import forecast

# 20:00 in Beijing.
NOW = datetime.datetime(2026, 11, 26, 12, 0, tzinfo=datetime.UTC).timestamp()
MIDNIGHT = datetime.datetime(2026, 11, 26, 16, 0, tzinfo=datetime.UTC).timestamp()
DAY = 86_400.0


def test_without_a_rate_nobody_knows_the_end() -> None:
    ahead = forecast({"": 10}, {}, now=NOW, quota=None, rate=None)
    assert (ahead.today, ahead.fits, ahead.later) == (10, 10, 0)
    assert ahead.ends_at is None
    assert ahead.last_day is None


def test_a_rate_tells_the_end() -> None:
    assert forecast({"": 10, "t": 10}, {}, now=NOW, quota=None, rate=2.0).ends_at == NOW + 10


def test_a_quota_leaves_some_for_other_days() -> None:
    waiting, used = {"a": 12, "b": 2, "": 100}, {"a": 2}
    ahead = forecast(waiting, used, now=NOW, quota=5, rate=1.0)
    assert (ahead.today, ahead.later) == (3 + 2 + 100, 9)
    assert ahead.last_day == MIDNIGHT + DAY  # five tomorrow, four the day after


@pytest.mark.parametrize(("count", "days"), [(5, None), (6, 0), (10, 0), (11, 1)])
def test_the_last_day_is_the_one_with_the_last_place(count: int, days: int | None) -> None:
    ahead = forecast({"t": count}, {}, now=NOW, quota=5, rate=None)
    assert ahead.last_day == (None if days is None else MIDNIGHT + days * DAY)


def test_what_there_is_no_time_for_is_not_in_the_end() -> None:
    ahead = forecast({"": 100}, {}, now=NOW, quota=None, rate=2.0, until=NOW + 10)
    assert (ahead.today, ahead.fits, ahead.ends_at) == (100, 20, NOW + 10)
    assert forecast({"": 9}, {}, now=NOW, quota=None, rate=2.0, until=NOW - 1).fits == 0


@given(
    st.dictionaries(st.sampled_from(["", "a", "b"]), st.integers(0, 50)),
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 9)),
    st.integers(1, 7) | st.none(),
)
def test_each_entry_is_today_or_later(
    waiting: dict[str, int], used: dict[str, int], quota: int | None
) -> None:
    ahead = forecast(waiting, used, now=NOW, quota=quota, rate=None)
    assert ahead.today + ahead.later == sum(waiting.values())
    assert (ahead.last_day is None) == (ahead.later == 0)
