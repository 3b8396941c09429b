"""How a pace is learnt from what the platform accepts and refuses. No I/O and no clock here.

A refusal sets the rate to nine tenths of what was accepted lately; then it grows as TCP CUBIC's
window does (RFC 9438): fast, slowly around the rate at which it was refused, and fast again.

Times are seconds since 1970, rates are calls a second. The clock may jump: a step back moves all
that is kept with it, and a step forward lets the rate grow by two seconds at the most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, final

import attrs

__all__ = [
    "COOL_DOWN",
    "FLOOR",
    "PaceState",
    "accept",
    "advance",
    "interval_of",
    "rate_of",
    "reserve",
    "slot_of",
    "throttle",
]

FLOOR: Final = 0.5
"""Calls a second; no refusal makes it slower, but a `ceiling` may."""
COOL_DOWN: Final = 2.0
"""Seconds after a refusal in which further ones change nothing, and growth waits."""
_BACK_OFF: Final = 0.9
_GROWTH: Final = 0.0005
"""Calls a second, for each cubed second: the C of CUBIC."""
_NO_LIMIT: Final = 1000.0
"""Calls a second; who has grown past it is not limited any more."""
_SLOT: Final = 0.25
"""Seconds in which accepted calls are counted together."""
_LONGEST_HOLD: Final = 86_400.0
"""Seconds: a `Retry-After` of more than a day is a mistake, and would stop later runs too."""
_LEAST_WINDOW: Final = 1.0
_USUAL_WINDOW: Final = 2.0
_LONGEST_WINDOW: Final = 10.0
_ENOUGH: Final = 30
"""Accepted calls, without which the window of the measurement is longer than usual."""
_LONGEST_STEP: Final = 2.0
"""Seconds of growth between two looks: neither idle hours nor a jump of the clock prove a rate."""
_STEP_BACK: Final = 1.0
"""Seconds that several processes may disagree about the order of their looks."""


@final
@attrs.frozen(kw_only=True)
class PaceState:
    """What is known of one limit.

    Attributes:
        seen_at: when it was last looked at; `None` for never.
        free_at: the first moment that is not given away.
        hold_until: no call before then (`Retry-After`).
        peak: the measured rate at the last refusal; `None` if there was none: no limit is known.
        growth: seconds that the rate has grown for; negative during the cool-down.
        accepted: how many calls were accepted in which slot of a quarter of a second; no empty
            ones, oldest first, about ten seconds.
    """

    seen_at: float | None = None
    free_at: float = 0.0
    hold_until: float = 0.0
    peak: float | None = None
    growth: float = 0.0
    accepted: tuple[tuple[int, int], ...] = ()


def slot_of(at: float) -> int:
    """Return the slot in which a call that was accepted at this time is counted."""
    return math.floor(at / _SLOT)


def advance(state: PaceState, now: float) -> PaceState:
    """Return the state as of `now`: the rate has grown, or the clock was put back."""
    if state.seen_at is None:
        return attrs.evolve(state, seen_at=now)
    step = now - state.seen_at
    if step < -_STEP_BACK:
        return _moved(state, now, step)
    if step <= 0:
        return state
    grown = max(0.0, now - max(state.seen_at, state.hold_until))
    return attrs.evolve(state, seen_at=now, growth=state.growth + min(grown, _LONGEST_STEP))


def _moved(state: PaceState, now: float, step: float) -> PaceState:
    slots = round(step / _SLOT)
    return attrs.evolve(
        state,
        seen_at=now,
        free_at=state.free_at + step,
        hold_until=state.hold_until + step,
        accepted=tuple((slot + slots, count) for slot, count in state.accepted),
    )


def rate_of(state: PaceState, ceiling: float | None = None) -> float | None:
    """Return the calls a second that may be made; `None` if no limit is known.

    Args:
        state: as of now.
        ceiling: the most that the user wants; greater than 0, `None` for no limit.
    """
    if state.peak is None:
        return ceiling
    rises_for = max(state.growth, 0.0) - math.cbrt((1 - _BACK_OFF) * state.peak / _GROWTH)
    rate = max(_GROWTH * rises_for**3 + state.peak, FLOOR)
    if rate > max(_NO_LIMIT, 2 * state.peak):
        return ceiling
    return rate if ceiling is None else min(rate, ceiling)


def interval_of(state: PaceState, ceiling: float | None = None) -> float:
    """Return the seconds between two calls; 0 if no limit is known."""
    rate = rate_of(state, ceiling)
    return 0.0 if rate is None else 1 / rate


def reserve(state: PaceState, now: float, ceiling: float | None = None) -> tuple[PaceState, float]:
    """Give the next free moment away, and return it.

    Moments that nobody took are gone: they do not add up to a burst.
    """
    state = advance(state, now)
    interval = interval_of(state, ceiling)
    moment = max(now, state.hold_until, state.free_at if interval else now)
    return attrs.evolve(state, free_at=moment + interval), moment


def accept(state: PaceState, now: float, counts: Mapping[int, int]) -> PaceState:
    """Note how many calls were accepted in which slots."""
    state = advance(state, now)
    merged = dict(state.accepted)
    for slot, count in counts.items():
        merged[slot] = merged.get(slot, 0) + count
    newest = slot_of(now)
    oldest = newest - round(_LONGEST_WINDOW / _SLOT)
    kept = tuple((slot, merged[slot]) for slot in sorted(merged) if oldest <= slot <= newest)
    return attrs.evolve(state, accepted=kept)


def throttle(state: PaceState, now: float, retry_after: float | None = None) -> PaceState:
    """Note that a call was refused because there were too many.

    Args:
        state: as it was.
        now: when it was refused.
        retry_after: seconds that the platform asks to wait, a day at most; `None` if it does not.
            They are waited in the cool-down too.
    """
    state = advance(state, now)
    if retry_after is not None:
        until = now + min(retry_after, _LONGEST_HOLD)
        state = attrs.evolve(state, hold_until=max(state.hold_until, until))
    if state.peak is not None and state.growth < 0:
        return state
    peak = max(_measured(state, now), FLOOR / _BACK_OFF)
    return attrs.evolve(state, peak=peak, growth=-COOL_DOWN)


def _measured(state: PaceState, now: float) -> float:
    """Return the calls a second that were accepted lately.

    Two seconds tell it soon after a limit has changed. Where they hold few calls, one more or less
    would make a difference, so that up to ten seconds are looked at.
    """
    total = 0
    covered = _LEAST_WINDOW
    for slot, count in reversed(state.accepted):
        age = now - slot * _SLOT
        if age > _LONGEST_WINDOW or (age > _USUAL_WINDOW and total >= _ENOUGH):
            covered = max(covered, min(age - _SLOT, _USUAL_WINDOW))
            break
        total += count
        covered = max(covered, age)
    return total / covered
