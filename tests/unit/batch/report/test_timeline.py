from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.report.timeline import Interval, Timeline

DONE, REFUSED, UNKNOWN = EntryState.DONE, EntryState.REFUSED, EntryState.UNKNOWN
TEN = 1_795_701_600
"""2026-11-26 22:00 in Beijing."""


def test_entries_are_counted_by_what_became_of_them() -> None:
    timeline = Timeline()
    timeline.add(DONE, TEN + 0.2)
    timeline.add(DONE, TEN + 0.9)
    timeline.add(REFUSED, TEN + 2.5)
    timeline.add(UNKNOWN, TEN + 2.0)
    timeline.add(EntryState.SENDING, TEN + 2.0)
    assert timeline.intervals() == (
        Interval(TEN, 1, accepted=2),
        Interval(TEN + 1, 1),
        Interval(TEN + 2, 1, refused=1, unknown=2),
    )


def test_what_was_not_sent_is_not_counted() -> None:
    timeline = Timeline()
    timeline.add(DONE, None)
    timeline.add(EntryState.INVALID, TEN)
    timeline.add(EntryState.PLANNED, TEN)
    assert timeline.intervals() == ()


def test_a_night_has_five_minutes_a_bar() -> None:
    timeline = Timeline()
    for second in range(0, 7 * 3600, 60):
        timeline.add(DONE, TEN + second)
    intervals = timeline.intervals()
    assert {each.seconds for each in intervals} == {300}
    assert {each.accepted for each in intervals} == {5}
    assert intervals[0].begins == TEN


def test_days_are_those_of_beijing() -> None:
    timeline = Timeline()
    timeline.add(DONE, TEN)
    timeline.add(DONE, TEN + 90 * 86_400)
    first = timeline.intervals()[0]
    assert (first.seconds, first.begins) == (86_400, TEN - 22 * 3600)


moments = st.floats(min_value=0, max_value=2.5e11)


@given(st.lists(st.tuples(st.sampled_from([DONE, REFUSED, UNKNOWN]), moments), max_size=60))
def test_none_is_lost_and_the_bars_are_few(entries: list[tuple[EntryState, float]]) -> None:
    timeline = Timeline()
    for state, moment in entries:
        timeline.add(state, moment)
    intervals = timeline.intervals()
    counts = Counter(state for state, _ in entries)
    assert sum(each.accepted for each in intervals) == counts[DONE]
    assert sum(each.refused for each in intervals) == counts[REFUSED]
    assert sum(each.unknown for each in intervals) == counts[UNKNOWN]
    assert len(intervals) <= 96
    for state, moment in entries:
        (home,) = (
            each for each in intervals if each.begins <= int(moment) < each.begins + each.seconds
        )
        assert home.total, state
