"""`CallWatch`: an observer that knows how far a call came, whoever ends it."""

from __future__ import annotations

import datetime
import time
from typing import final

from alipay_mini_audit.errors import Outcome
from alipay_mini_audit.events import AttemptStarted, CallEnded, CallStarted, Event, ReplyReceived

__all__ = ["CallWatch"]


@final
class CallWatch:
    """Remembers what a signal would hide: `asyncio` then tells of a cancelled task alone.

    Attributes:
        began: when the call began, aware; `None` if it has not.
        request_id: of the last attempt; `None` if there was none.
        clock_offset: seconds that the platform's clock is ahead of ours, negative for behind, as
            its last answer states; `None` if it states no time.
    """

    def __init__(self) -> None:
        self.began: datetime.datetime | None = None
        self.request_id: str | None = None
        self.clock_offset: float | None = None
        self._ended: CallEnded | None = None

    def on_event(self, event: Event) -> None:
        """Take note of an event."""
        if event.resolves is not None:
            return
        if isinstance(event, CallStarted):
            self.began = datetime.datetime.now(datetime.UTC)
        elif isinstance(event, AttemptStarted):
            self.request_id = event.request_id
        elif isinstance(event, ReplyReceived) and event.stated_time is not None:
            self.clock_offset = event.stated_time - time.time()
        elif isinstance(event, CallEnded):
            self._ended = event

    @property
    def outcome(self) -> Outcome | None:
        """What the call has done on the platform; `None` if it was accepted."""
        if self.began is None:
            return Outcome.NOT_SENT
        return Outcome.UNKNOWN if self._ended is None else self._ended.outcome
