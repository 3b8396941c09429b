"""`Timeline`: how many entries were accepted, refused and left unknown, per interval of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.batch.entry import EntryState

__all__ = ["BEIJING_SECONDS", "Interval", "Timeline"]

BEIJING_SECONDS: Final = 8 * 3600
"""How far Beijing is ahead of UTC, all year: the platform's days are days there."""
_MOST_INTERVALS: Final = 96
_WIDTHS: Final = (
    *(1, 5, 10, 30, 60, 300, 600, 1800, 3600),
    *(3 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400, 28 * 86_400, 364 * 86_400),
    *(3640 * 86_400, 36_400 * 86_400, 364_000 * 86_400),
)
"""Seconds; each one is a multiple of the one before."""
_END: Final = 253_370_764_800
"""The year 9999; no clock is that wrong."""
_KINDS: Final = {
    **{state: "accepted" for state in EntryState if state.is_submitted},
    EntryState.REFUSED: "refused",
    EntryState.UNKNOWN: "unknown",
    EntryState.SENDING: "unknown",
}


@final
@attrs.frozen
class Interval:
    """What came of the entries that were sent in an interval.

    Attributes:
        begins: when, in seconds since 1970.
        seconds: how long it is.
        accepted: how many the platform has taken.
        refused: how many it has refused.
        unknown: of how many nobody knows.
    """

    begins: int
    seconds: int
    accepted: int = 0
    refused: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """How many entries there are."""
        return self.accepted + self.refused + self.unknown


@final
class Timeline:
    """Counts entries by the time of their last attempt, in as much memory as a chart has bars."""

    def __init__(self) -> None:
        self._width = 0
        self._counts: Counter[tuple[int, str]] = Counter()
        self._first = 0
        self._last = 0

    def add(self, state: EntryState, moment: float | None) -> None:
        """Count an entry.

        Args:
            state: where it stands; those that were never sent do not count.
            moment: when its last attempt began, in seconds since 1970; `None` if none did.
        """
        kind = _KINDS.get(state)
        if kind is None or moment is None or not 0 <= moment < _END:
            return
        place = self._place_of(int(moment) + BEIJING_SECONDS)
        self._first = min(self._first, place) if self._counts else place
        self._last = max(self._last, place) if self._counts else place
        self._counts[place, kind] += 1
        while self._last - self._first >= _MOST_INTERVALS and self._width < len(_WIDTHS) - 1:
            self._widen()

    def intervals(self) -> tuple[Interval, ...]:
        """Return all intervals from the first to the last, those without entries too."""
        if not self._counts:
            return ()
        width = _WIDTHS[self._width]
        return tuple(
            Interval(place * width - BEIJING_SECONDS, width, **self._of(place))
            for place in range(self._first, self._last + 1)
        )

    def _place_of(self, local: int) -> int:
        return local // _WIDTHS[self._width]

    def _of(self, place: int) -> Mapping[str, int]:
        kinds = ("accepted", "refused", "unknown")
        return {kind: self._counts[place, kind] for kind in kinds if (place, kind) in self._counts}

    def _widen(self) -> None:
        ratio = _WIDTHS[self._width + 1] // _WIDTHS[self._width]
        self._width += 1
        wider: Counter[tuple[int, str]] = Counter()
        for (place, kind), count in self._counts.items():
            wider[place // ratio, kind] += count
        self._counts = wider
        self._first //= ratio
        self._last //= ratio
