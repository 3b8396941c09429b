"""`PaceBook`: where the paces of an application are kept; and one in the memory of this process.

Every limit has a key; that of the application itself is `APP`, narrower ones are a merchant's or a
template's. What is done to them is the same in every book: functions over a dictionary of states.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.batch.pace import controller
from alipay_mini_audit.batch.pace.controller import PaceState

__all__ = [
    "AHEAD",
    "APP",
    "MemoryPaceBook",
    "PaceBook",
    "Reservation",
    "accept",
    "limits_of",
    "reserve",
    "throttle",
]

APP: Final = ""
"""The key of the application's own limit."""
AHEAD: Final = 0.1
"""Seconds: moments that are further away are not reserved yet, so that a refusal is heeded soon."""


@final
@attrs.frozen(kw_only=True)
class Reservation:
    """Moments that were given away.

    Attributes:
        moments: when the first of the calls may start, in their order, in seconds since 1970; at
            least one, and no more than are near.
        free_at: the application's first moment that is not given away.
    """

    moments: tuple[float, ...]
    free_at: float


class PaceBook(Protocol):
    """Where the paces of an application are kept. A `Pace` uses it, and closes it.

    `now` is the time in seconds since 1970 by the caller's clock. Each method may raise
    `BatchError` if the book cannot be used.
    """

    async def limits(self, now: float) -> Mapping[str, float]:
        """Return the keys for which a limit is known -> no call before then."""
        ...

    async def reserve(
        self, calls: Sequence[Collection[str]], *, now: float, ceiling: float | None
    ) -> Reservation:
        """Give moments to the first of some calls, each of which names all its keys."""
        ...

    async def accepted(self, counts: Mapping[str, Mapping[int, int]], *, now: float) -> None:
        """Note key -> slot (see `controller.slot_of`) -> how many calls were accepted."""
        ...

    async def throttled(
        self, keys: Collection[str], *, now: float, retry_after: float | None
    ) -> Mapping[str, float]:
        """Note that a call was refused because there were too many; return `limits`."""
        ...

    async def aclose(self) -> None:
        """Give back what the book holds; nothing of it may be used afterwards."""
        ...


@final
class MemoryPaceBook:
    """Paces that end with the process; any number of `Pace` objects of a loop may share it."""

    def __init__(self) -> None:
        self._states: dict[str, PaceState] = {}

    async def limits(self, now: float) -> Mapping[str, float]:
        """See `PaceBook`."""
        return limits_of(self._states, now)

    async def reserve(
        self, calls: Sequence[Collection[str]], *, now: float, ceiling: float | None
    ) -> Reservation:
        """See `PaceBook`."""
        return reserve(self._states, calls, now, ceiling)

    async def accepted(self, counts: Mapping[str, Mapping[int, int]], *, now: float) -> None:
        """See `PaceBook`."""
        accept(self._states, counts, now)

    async def throttled(
        self, keys: Collection[str], *, now: float, retry_after: float | None
    ) -> Mapping[str, float]:
        """See `PaceBook`."""
        throttle(self._states, keys, now, retry_after)
        return limits_of(self._states, now)

    async def aclose(self) -> None:
        """Do nothing: it holds nothing."""


def limits_of(states: Mapping[str, PaceState], now: float) -> dict[str, float]:
    """Return the keys for which a limit is known -> no call before then."""
    as_of_now = {key: controller.advance(state, now) for key, state in states.items()}
    return {
        key: state.hold_until
        for key, state in as_of_now.items()
        if controller.rate_of(state) is not None or state.hold_until > now
    }


def reserve(
    states: dict[str, PaceState],
    calls: Sequence[Collection[str]],
    now: float,
    ceiling: float | None,
) -> Reservation:
    """Give moments to the first of some calls: each has the latest of its keys' moments.

    The first gets one, however far away; the others only while the application's are near.
    """
    moments: list[float] = []
    for keys in calls:
        if moments and _state(states, APP).free_at > now + AHEAD:
            break
        latest = now
        for key in keys:
            top = ceiling if key == APP else None
            states[key], moment = controller.reserve(_state(states, key), now, top)
            latest = max(latest, moment)
        moments.append(latest)
    return Reservation(moments=tuple(moments), free_at=_state(states, APP).free_at)


def accept(
    states: dict[str, PaceState], counts: Mapping[str, Mapping[int, int]], now: float
) -> None:
    """Note key -> slot -> how many calls were accepted."""
    for key, slots in counts.items():
        states[key] = controller.accept(_state(states, key), now, slots)


def throttle(
    states: dict[str, PaceState], keys: Collection[str], now: float, retry_after: float | None
) -> None:
    """Note that a call with these keys was refused because there were too many."""
    for key in keys:
        states[key] = controller.throttle(_state(states, key), now, retry_after)


def _state(states: Mapping[str, PaceState], key: str) -> PaceState:
    return states.get(key, PaceState())
