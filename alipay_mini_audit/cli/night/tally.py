"""`Tally`: what a running night knows of itself. No I/O and no clock here."""

from __future__ import annotations

import enum
from collections import Counter, deque
from typing import Final, final

import attrs

from alipay_mini_audit.batch import BatchEntry, EntryState
from alipay_mini_audit.errors import RateLimited
from alipay_mini_audit.events import AttemptFailed, AttemptStarted, BytesSent, CallEnded, Event

__all__ = ["Limit", "Phase", "Tally"]

_WINDOW: Final = 60.0
"""Seconds over which a rate is measured."""
_LEAST: Final = 1.0
_SHOWN_PROBLEMS: Final = 5
_NEAR: Final = 0.9
"""Who goes as fast as this share of a limit is limited by it."""
_HEEDED: Final = 30.0
"""Seconds for which a refusal counts as the reason of the pace."""


class Phase(enum.Enum):
    """How far a night is."""

    RUNNING = "running"
    ENDING = "ending"
    """It was asked to stop: what is being sent ends."""
    OVER = "over"


class Limit(enum.Enum):
    """What keeps a night from going faster."""

    THROTTLED = "throttled"
    RATE = "rate"
    BYTES = "bytes"
    QUOTA = "quota"
    LINE = "line"


@final
@attrs.define(kw_only=True)
class Tally:
    """What a running night knows of itself; times are seconds of any clock that goes on.

    Attributes:
        total: how many entries there are.
        began: when it began.
        rate: calls a second at the most; `None` for no limit.
        max_bytes: bytes a second at the most; `None` for no limit.
        phase: how far it is.
        counts: how many entries ended where, in this run.
        problems: the last entries that are not done.
        throttled_at: when the platform last said that there are too many calls; `None` for never.
        quiet_until: until when it asked for no call; 0 if it did not.
        has_called: whether anything was sent or asked for at all.
    """

    total: int
    began: float
    rate: float | None = None
    max_bytes: float | None = None
    phase: Phase = Phase.RUNNING
    counts: Counter[EntryState] = attrs.field(factory=Counter)
    problems: deque[BatchEntry] = attrs.field(factory=lambda: deque(maxlen=_SHOWN_PROBLEMS))
    throttled_at: float | None = None
    quiet_until: float = 0.0
    has_called: bool = False
    _under_way: set[str] = attrs.field(factory=set)
    _answered: deque[float] = attrs.field(factory=deque)
    _sent: deque[tuple[float, int]] = attrs.field(factory=deque)
    _bytes: dict[str, int] = attrs.field(factory=dict)

    @property
    def over(self) -> int:
        """How many entries this run is done with."""
        return self.counts.total()

    @property
    def left(self) -> int:
        """How many entries this run has still to do."""
        return max(0, self.total - self.over)

    @property
    def under_way(self) -> int:
        """How many calls are being made."""
        return len(self._under_way)

    @property
    def is_all_done(self) -> bool:
        """Whether every entry is done."""
        return sum(self.counts[state] for state in EntryState if state.is_submitted) == self.total

    def add(self, entry: BatchEntry, now: float) -> None:
        """Note what became of an entry."""
        self.counts[entry.state] += 1
        if not entry.state.is_submitted:
            self.problems.append(entry)
        if entry.reply is not None or entry.error is not None:  # not one of an earlier run
            self._answered.append(now)

    def hear(self, event: Event, now: float) -> None:
        """Note what happens to a call."""
        match event:
            case AttemptFailed(error=RateLimited() as error):
                self.throttled_at = now
                self.quiet_until = max(self.quiet_until, now + (error.retry_after or 0.0))
            case AttemptStarted():
                self.has_called = True
                self._under_way.add(event.call_id)
            case BytesSent():
                self._move(event.call_id, event.sent, now)
            case CallEnded():
                self._under_way.discard(event.call_id)
                self._bytes.pop(event.call_id, None)

    def _move(self, call_id: str, sent: int, now: float) -> None:
        more = sent - self._bytes.get(call_id, 0)
        self._bytes[call_id] = sent
        self._sent.append((now, more if more > 0 else sent))

    def per_second(self, now: float) -> float | None:
        """Return how many entries a second are answered lately; `None` if that is not known yet."""
        while self._answered and self._answered[0] < now - _WINDOW:
            self._answered.popleft()
        spent = min(_WINDOW, now - self.began)
        if spent < _LEAST or not self._answered:
            return None
        return len(self._answered) / spent

    def bytes_per_second(self, now: float) -> float:
        """Return how many bytes a second leave lately; of quick uploads nothing is known."""
        while self._sent and self._sent[0][0] < now - _WINDOW:
            self._sent.popleft()
        return sum(count for _, count in self._sent) / max(_LEAST, min(_WINDOW, now - self.began))

    def seconds_left(self, now: float) -> float | None:
        """Return how long the rest takes at this rate; `None` if that is not known yet."""
        per_second = self.per_second(now)
        if not self.left:
            return 0.0
        return None if per_second is None else self.left / per_second

    def limit(self, now: float) -> Limit:
        """Return what keeps it from going faster."""
        per_second = self.per_second(now)
        is_heeded = self.throttled_at is not None and now - self.throttled_at < _HEEDED
        if is_heeded or self.quiet_until > now:
            return Limit.THROTTLED
        if self.rate is not None and per_second is not None and per_second >= _NEAR * self.rate:
            return Limit.RATE
        if self.max_bytes is not None and self.bytes_per_second(now) >= _NEAR * self.max_bytes:
            return Limit.BYTES
        if self.counts[EntryState.DEFERRED] and not self._under_way:
            return Limit.QUOTA
        return Limit.LINE
