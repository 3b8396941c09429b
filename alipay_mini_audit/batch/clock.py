"""`RunClock`: the time since 1970 as it was when the run began, and from then on without jumps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import final

__all__ = ["RunClock"]


def _steady() -> float:
    """Return a time that is never set, and goes on while the machine sleeps where that is known."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@final
class RunClock:
    """Returns the time in seconds since 1970; a clock that is set meanwhile moves no window.

    Args:
        wall: returns the time in seconds since 1970.
        steady: returns a time that is never set, in seconds.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = _steady
    ) -> None:
        self._steady = steady
        self._offset = wall() - steady()

    def __call__(self) -> float:
        """Return the time in seconds since 1970."""
        return self._offset + self._steady()
