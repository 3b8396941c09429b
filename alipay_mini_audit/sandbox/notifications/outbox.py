"""`Outbox`: what waits to be sent, and when its time has come. No I/O here."""

from __future__ import annotations

import heapq
import itertools
import threading
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.notifications.messages import Message
from alipay_mini_audit.sandbox.notifications.mischief import Fate

__all__ = ["SCHEDULE", "Letter", "Outbox"]

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
SCHEDULE: Final = (
    *(4 * _MINUTE, 10 * _MINUTE, 10 * _MINUTE),
    *(1 * _HOUR, 2 * _HOUR, 6 * _HOUR, 15 * _HOUR),
)
"""Seconds between one attempt and the next, as published for payments: eight attempts in all."""
_HELD: Final = _MINUTE


@final
@attrs.define(kw_only=True, eq=False)
class Letter:
    """A message on its way.

    Attributes:
        message: what is told.
        due: when it is to be sent next, in seconds since 1970.
        attempt: the number of the attempt that is due, from 1.
        forged: what a forger did to it; `None` if it is genuine.
        draw: chooses what exactly.
        once: whether it is sent once only, however it is answered.
        mischief: what befell it, by the names of `Delivery.mischief`.
    """

    message: Message
    due: float
    attempt: int = 1
    forged: str | None = None
    draw: int = 0
    once: bool = False
    mischief: tuple[str, ...] = ()


@final
class Outbox:
    """Letters in the order in which they are due. It may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._order = itertools.count()
        self._letters: list[tuple[float, int, Letter]] = []
        self._held: list[Letter] = []
        """Those that wait for the next message to overtake them."""

    def __len__(self) -> int:
        return len(self._letters)

    def post(self, message: Message, fate: Fate, now: float, delay_s: float) -> None:
        """Put a new message in line, with what befalls it.

        Args:
            message: what is told; not one that is lost.
            fate: what befalls it.
            now: seconds since 1970.
            delay_s: how late a late message comes.
        """
        harm = [
            name
            for name, strikes in (("late", fate.late), ("overtaken", fate.overtaken))
            if strikes
        ]
        due = now + (delay_s if fate.late else 0.0) + (_HELD if fate.overtaken else 0.0)
        letter = Letter(message=message, due=due, mischief=tuple(harm))
        with self._lock:
            self._push(letter)
            if fate.overtaken:
                self._held.append(letter)
            else:
                self._overtake(letter)
            if fate.duplicated:
                twin = attrs.evolve(letter, once=True, mischief=(*harm, "duplicate"))
                self._push(twin)
                if fate.overtaken:
                    self._held.append(twin)

    def put(self, letter: Letter) -> None:
        """Put a letter in line, behind those that are due at the same moment.

        Args:
            letter: with its moment.
        """
        with self._lock:
            self._push(letter)

    def put_again(self, letter: Letter, sent: float) -> None:
        """Put a letter that did not arrive in line for its next attempt, if it has one left.

        Args:
            letter: as it was sent.
            sent: when, in seconds since 1970.
        """
        if letter.once or letter.attempt > len(SCHEDULE):
            return
        due = sent + SCHEDULE[letter.attempt - 1]
        self.put(attrs.evolve(letter, due=due, attempt=letter.attempt + 1))

    def take(self, now: float) -> Letter | None:
        """Take the letter that is due first out of the line; `None` if none is due.

        Args:
            now: seconds since 1970.
        """
        with self._lock:
            if not self._letters or self._letters[0][0] > now:
                return None
            letter = heapq.heappop(self._letters)[2]
            if letter in self._held:
                self._held.remove(letter)
            return letter

    def next_due(self) -> float | None:
        """Return when the first letter is due, in seconds since 1970; `None` if none waits."""
        with self._lock:
            return self._letters[0][0] if self._letters else None

    def clear(self) -> None:
        """Throw away what waits."""
        with self._lock:
            self._letters.clear()
            self._held.clear()

    def _push(self, letter: Letter) -> None:
        heapq.heappush(self._letters, (letter.due, next(self._order), letter))

    def _overtake(self, letter: Letter) -> None:
        """Put those that wait for it right behind a letter, unless it comes later than they do."""
        passed = [each for each in self._held if letter.due <= each.due]
        if not passed:
            return
        self._held = [each for each in self._held if each not in passed]
        self._letters = [entry for entry in self._letters if entry[2] not in passed]
        heapq.heapify(self._letters)
        for each in passed:
            each.due = letter.due
            self._push(each)
