"""How the rate of calls follows what was accepted and refused."""

from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.batch.pace.controller import (
    COOL_DOWN,
    FLOOR,
    PaceState,
    accept,
    advance,
    interval_of,
    rate_of,
    reserve,
    slot_of,
    throttle,
)

NOW = 1_800_000_000.0
HOUR = 3600.0


def accepted_at(rate: float, *, since: float, until: float) -> PaceState:
    """Return a state in which so many calls a second were accepted, evenly."""
    state = PaceState()
    for number in range(round((until - since) * rate)):
        at = since + number / rate
        state = accept(state, at, {slot_of(at): 1})
    return state


def grown(state: PaceState, seconds: float, *, step: float = 0.5) -> PaceState:
    """Let time pass as it does for somebody who looks often."""
    begin = state.seen_at
    assert begin is not None
    for number in range(1, round(seconds / step) + 1):
        state = advance(state, begin + number * step)
    return state


def throttled(rate: float = 10.0) -> PaceState:
    return throttle(accepted_at(rate, since=NOW - 20, until=NOW), NOW)


def test_nothing_limits_before_the_first_refusal() -> None:
    state = accepted_at(500, since=NOW - 3, until=NOW)
    assert rate_of(state) is None
    assert interval_of(state) == 0
    moments = []
    for _ in range(3):
        state, moment = reserve(state, NOW)
        moments.append(moment)
    assert moments == [NOW, NOW, NOW]


def test_a_ceiling_alone_spaces_the_moments() -> None:
    state, moments = PaceState(), []
    for _ in range(3):
        state, moment = reserve(state, NOW, 4.0)
        moments.append(moment)
    assert moments == [NOW, NOW + 0.25, NOW + 0.5]


@pytest.mark.parametrize("rate", [2.0, 5.0, 10.0, 40.0, 300.0])
def test_a_refusal_sets_nine_tenths_of_what_was_accepted_lately(rate: float) -> None:
    assert rate_of(throttled(rate)) == pytest.approx(0.9 * rate, rel=0.06)


def test_the_measurement_sees_a_change_of_the_last_seconds() -> None:
    state = accepted_at(40, since=NOW - 30, until=NOW - 3)
    for number in range(60):
        at = NOW - 3 + number / 20
        state = accept(state, at, {slot_of(at): 1})
    assert rate_of(throttle(state, NOW)) == pytest.approx(18, rel=0.06)


def test_a_run_that_has_just_begun_is_measured_over_what_there_was_of_it() -> None:
    state = accepted_at(100, since=NOW - 1.5, until=NOW)
    assert rate_of(throttle(state, NOW)) == pytest.approx(90, rel=0.2)


def test_idle_time_before_the_last_seconds_is_not_measured() -> None:
    state = accepted_at(20, since=NOW - 9, until=NOW - 7)
    for number in range(40):
        at = NOW - 2 + number / 20
        state = accept(state, at, {slot_of(at): 1})
    assert rate_of(throttle(state, NOW)) == pytest.approx(18, rel=0.06)


def test_the_floor_is_a_call_in_two_seconds() -> None:
    state = throttle(PaceState(), NOW)
    assert rate_of(state) == FLOOR
    for number in range(1, 20):
        state = throttle(state, NOW + 3 * number)
        assert rate_of(state) == FLOOR == 0.5


def test_a_ceiling_may_be_lower_than_the_floor_and_caps_what_has_grown() -> None:
    assert rate_of(throttle(PaceState(), NOW), 0.1) == 0.1
    assert rate_of(grown(throttled(), 300), 12.0) == 12.0


def test_refusals_in_the_cool_down_change_nothing() -> None:
    state = throttled()
    before = rate_of(state)
    for number in range(10):
        state = throttle(state, NOW + number * 0.19)
    assert rate_of(state) == before
    assert rate_of(throttle(state, NOW + COOL_DOWN + 0.1)) != before


def test_growth_waits_for_the_end_of_the_cool_down() -> None:
    state = throttled()
    assert rate_of(grown(state, COOL_DOWN)) == rate_of(state)
    after = rate_of(grown(state, COOL_DOWN + 1))
    assert after is not None
    assert after > (rate_of(state) or 0)


@pytest.mark.parametrize(("seconds", "rate"), [(12.6, 10.0), (22.6, 10.5), (32.6, 14.0)])
def test_the_growth_is_cubic_around_the_measured_rate(seconds: float, rate: float) -> None:
    # K = cbrt(0.1 * 10 / 0.0005) = 12.6 s; then 0.0005 * (t - K) ** 3 above the 10 of before
    state = attrs.evolve(throttled(), peak=10.0)
    assert rate_of(grown(state, COOL_DOWN + seconds, step=0.1)) == pytest.approx(rate, rel=0.01)


def test_a_rate_that_has_grown_very_large_is_no_limit_any_more() -> None:
    assert rate_of(grown(throttled(), 300)) is None


def test_a_refusal_at_a_very_high_rate_limits_too() -> None:
    state = accept(PaceState(), NOW, {slot_of(NOW) - number: 1000 for number in range(1, 20)})
    assert rate_of(throttle(state, NOW)) == pytest.approx(3600, rel=0.1)


def test_idle_hours_prove_nothing() -> None:
    state = throttled()
    assert rate_of(advance(state, NOW + 8 * HOUR)) == rate_of(state)


def test_no_moment_before_the_end_of_retry_after_and_no_burst_then() -> None:
    state = throttle(throttled(), NOW + 0.1, 30.0)
    moments = []
    for number in range(4):
        state, moment = reserve(state, NOW + 0.2 + number / 100)
        moments.append(moment)
    assert moments[0] == NOW + 30.1
    assert min(after - before for before, after in pairwise(moments)) > 0.1


def test_a_shorter_retry_after_does_not_shorten_a_longer_one() -> None:
    state = throttle(throttle(PaceState(), NOW, 30.0), NOW + 3, 1.0)
    assert state.hold_until == NOW + 30


def test_a_retry_after_without_end_is_taken_for_a_day() -> None:
    assert throttle(PaceState(), NOW, float("inf")).hold_until == NOW + 24 * HOUR


def test_growth_waits_for_the_end_of_retry_after() -> None:
    state = throttle(accepted_at(10, since=NOW - 20, until=NOW), NOW, 30.0)
    assert rate_of(grown(state, 30)) == rate_of(state)
    assert rate_of(grown(state, 30 + COOL_DOWN)) == rate_of(state)
    assert (rate_of(grown(state, 34)) or 0) > (rate_of(state) or 0)


@pytest.mark.parametrize("jump", [-HOUR, -30.0, HOUR])
def test_a_jump_of_the_clock_neither_stops_nor_lets_a_burst_through(jump: float) -> None:
    state = throttled()
    interval = interval_of(state)
    for _ in range(5):
        state, _ = reserve(state, NOW)
    moments = []
    for number in range(40):
        at = NOW + jump + number * interval
        state, moment = reserve(state, at)
        moments.append(moment - at)
    assert max(moments) < 6 * interval
    assert (rate_of(state) or 0) < 10.1


def test_a_clock_that_is_put_back_leaves_retry_after_and_measurement_as_they_were() -> None:
    state = throttle(accepted_at(10, since=NOW - 20, until=NOW), NOW, 30.0)
    moved = advance(state, NOW - HOUR)
    assert moved.hold_until == NOW - HOUR + 30
    again = throttle(attrs.evolve(moved, growth=1.0), NOW - HOUR)
    assert rate_of(again) == rate_of(state)


def test_processes_may_look_in_another_order_than_they_read_the_clock() -> None:
    state = throttled()
    assert advance(state, NOW - 0.5) == state


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "accept", "throttle", "throttle for 5 s"]),
        st.floats(0, 3) | st.sampled_from([-HOUR, HOUR]),
    ),
    max_size=60,
)


@given(EVENTS, st.none() | st.floats(1, 300))
def test_whatever_happens_moments_are_spaced_and_near(
    events: list[tuple[str, float]], ceiling: float | None
) -> None:
    state, now, due, hold = PaceState(), NOW, NOW, NOW
    for what, step in events:
        now += step
        state = advance(state, now)
        if step < 0:  # what is to come moves with the clock
            due, hold = due + step, hold + step
        if what == "accept":
            state = accept(state, now, {slot_of(now): 3})
        elif what == "reserve":
            state, moment = reserve(state, now, ceiling)
            interval = interval_of(state, ceiling)
            assert max(now, hold) - 1e-6 <= moment <= max(now, due, hold) + 1e-6
            if interval:
                assert moment >= due - 1e-6
            due = moment + interval
        else:
            retry_after = 5.0 if what.endswith("s") else None
            state = throttle(state, now, retry_after)
            hold = max(hold, now + (retry_after or 0))
        rate = rate_of(state, ceiling)
        assert rate is None or rate >= FLOOR
        assert len(state.accepted) <= 42
