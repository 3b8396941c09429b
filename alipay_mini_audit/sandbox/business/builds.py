"""`Build`: a version that is being made of a template. No I/O here."""

from __future__ import annotations

import math
from typing import Final, final

import attrs

__all__ = ["BUILT", "Build"]

_QUEUED, _BUILDING, _BUILT, _FAILED, _CREATED = "0", "1", "2", "3", "6"
_PHASES: Final = (
    (0.25, _QUEUED, _QUEUED),
    (0.75, _BUILDING, _BUILDING),
    (math.inf, _BUILT, _BUILDING),
)
"""Until which part of a build -> `build_status`, `create_status`: built is not created yet."""


@final
@attrs.frozen(kw_only=True)
class Build:
    """A build that ends by the clock. Times are seconds since 1970.

    Attributes:
        began: when it was asked for.
        ends: when it ends.
        fails: whether it fails then.
    """

    began: float
    ends: float
    fails: bool = False

    def has_made_a_version(self, now: float) -> bool:
        """Say whether the version is there.

        Args:
            now: seconds since 1970.
        """
        return now >= self.ends and not self.fails

    def answer(self, now: float) -> dict[str, object]:
        """Return what a build query answers.

        The schema of 2026-10-08 shows `true` and `false` with quotation marks inside the text.
        Here now the one has them and now the other, so that a client has to take both spellings.

        Args:
            now: seconds since 1970.
        """
        phase, build_status, create_status = self._phase(now)
        goes_on = "true" if now < self.ends else "false"
        created = "true" if create_status == _CREATED else "false"
        return {
            "build_status": build_status,
            "create_status": create_status,
            "need_rotation": goes_on if phase % 2 else f'"{goes_on}"',
            "version_created": f'"{created}"' if phase % 2 else created,
        }

    def _phase(self, now: float) -> tuple[int, str, str]:
        if now >= self.ends:
            return (2, _FAILED, _FAILED) if self.fails else (3, _BUILT, _CREATED)
        part = (now - self.began) / (self.ends - self.began)
        return next(
            (number, build_status, create_status)
            for number, (until, build_status, create_status) in enumerate(_PHASES)
            if part < until
        )


BUILT: Final = Build(began=0.0, ends=0.0)
"""Of a version that was there from the start."""
