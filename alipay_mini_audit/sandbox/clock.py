"""`ShiftedClock`: the platform's clock, which can be set wrong while the gateway runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import attrs

__all__ = ["ShiftedClock"]


@final
@attrs.define
class ShiftedClock:
    """A clock that is some seconds ahead of another.

    Attributes:
        clock: the other one, in seconds since 1970.
        offset_s: how far this one is ahead, in seconds; negative for behind.
    """

    clock: Callable[[], float]
    offset_s: float = 0.0

    def __call__(self) -> float:
        """Return the time, in seconds since 1970."""
        return self.clock() + self.offset_s
