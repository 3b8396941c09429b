"""`Walker`: feeds a parser with a file as it arrives, and holds only what the parser asks for.

A parser is a generator: it yields how much it wants, or how much it wants left out. No I/O here.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, final

import attrs

__all__ = ["Skip", "Take", "Walk", "Walker"]

_MOST_STEPS: Final = 50_000
"""A real picture has a few hundred; a file of nothing but headers would take long to walk."""


@final
@attrs.frozen
class Take:
    """The next bytes are wanted; what is sent back has exactly so many."""

    count: int


@final
@attrs.frozen
class Skip:
    """The next bytes are not wanted; what is sent back is empty."""

    count: int


Walk = Generator[Take | Skip, bytes, None]


@final
class Walker:
    """Drives one parser. Holds at most what the parser takes in one step.

    Args:
        walk: the parser, not started yet. If the file ends early it is never told; what it has
            noted until then stands.

    Attributes:
        has_given_up: whether the parser was stopped for taking too many steps.
    """

    def __init__(self, walk: Walk) -> None:
        self.has_given_up = False
        self._walk = walk
        self._taken = bytearray()
        self._steps = 0
        self._step: Take | Skip | None = next(walk, None)
        self._left = 0 if self._step is None else self._step.count

    def feed(self, content: bytes) -> None:
        """Give the parser what has arrived; nothing is done once it has ended.

        Args:
            content: the next bytes of the file.
        """
        position = 0
        while self._step is not None:
            if self._left == 0:
                self._advance()
                continue
            if position == len(content):
                return
            end = min(position + self._left, len(content))
            if isinstance(self._step, Take):
                self._taken += content[position:end]
            self._left -= end - position
            position = end

    def _advance(self) -> None:
        self._steps += 1
        taken = bytes(self._taken)
        self._taken.clear()
        self.has_given_up = self._steps == _MOST_STEPS
        try:
            self._step = None if self.has_given_up else self._walk.send(taken)
        except StopIteration:
            self._step = None
        self._left = 0 if self._step is None else self._step.count
