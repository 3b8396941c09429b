"""`SendWatch`: does the request move, and when has the last byte of it gone?

What the kernel has is looked at too: it may hold megabytes, which take minutes on a slow line. It
sees the way to the first peer only. Of what a proxy or relay holds nobody here knows.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Final, final

from aiohttp.abc import AbstractStreamWriter

from alipay_mini_audit.transport.connection import Connection
from alipay_mini_audit.transport.progress import Progress

__all__ = ["SendWatch"]

_TELL_SECONDS: Final = 0.1
_DRAIN_SECONDS: Final = 0.1
_LOOKS_AT_LEAST: Final = 8
_MOST_IN_KERNEL: Final = 4 * 1024 * 1024
_SLOWEST_LINE: Final = 64 * 1024


@final
class SendWatch:
    """Tells that nothing moves, or that everything has gone. A slow line is not a stalled one.

    Args:
        connection: of the request.
        writer: of aiohttp, which counts what was written.
        progress: says how long is too long, and who listens.
        on_stall: called once, if no byte has moved for that long.
        on_gone: called once, with the time from which on nothing was left to send.
    """

    def __init__(
        self,
        connection: Connection,
        writer: AbstractStreamWriter,
        progress: Progress,
        on_stall: Callable[[], None],
        on_gone: Callable[[float], None],
    ) -> None:
        self._connection = connection
        self._writer = writer
        self._progress = progress
        self._on_stall = on_stall
        self._on_gone = on_gone
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._moved = 0
        self._since = now - progress.waited(now)
        self._sent_at: float | None = None
        self._empty_since: float | None = None
        self._told = 0
        self._tell_at = math.inf if progress.on_bytes is None else now + _TELL_SECONDS
        self._timer = self._look_again()

    @property
    def sees_unsent(self) -> bool:
        """Whether some of what was handed over was still to be sent at the last look."""
        return self._sent_at is not None and self._empty_since is None

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def sent(self) -> None:
        """Note that nothing more will be written: wait for what was."""
        self._sent_at = self._loop.time()
        self._tell_at = math.inf
        self._timer.cancel()
        self._look()

    def _look_again(self) -> asyncio.TimerHandle:
        now, pause = self._loop.time(), self._progress.stall / 4
        if self._sent_at is not None:
            # What has taken long may take longer: a hundred uploads share a slow line.
            pause = min(pause, max(_DRAIN_SECONDS, (now - self._sent_at) / _LOOKS_AT_LEAST))
        return self._loop.call_at(min(now + pause, self._tell_at), self._look)

    def _look(self) -> None:
        if self._connection.is_closing:
            return
        now = self._loop.time()
        counted = now - self._progress.waited(now)
        held = self._connection.held()
        in_kernel = self._connection.in_kernel()
        if self._sent_at is not None and self._has_gone(now, held, in_kernel):
            return
        moved = self._writer.output_size - held - (in_kernel or 0)
        if moved != self._moved or self._empty_since is not None:
            self._moved = moved
            self._since = counted
        elif counted - self._since >= self._progress.stall:
            self._on_stall()
            return
        if now < self._tell_at:
            self._timer = self._look_again()
            return
        try:
            self._tell(self._progress.handed_over - held)
        finally:  # a listener that raises does not end the watch
            self._tell_at = self._loop.time() + _TELL_SECONDS
            self._timer = self._look_again()

    def _has_gone(self, now: float, held: int, in_kernel: int | None) -> bool:
        """Say whether all was acknowledged, and tell so.

        A second look is needed: over TLS on uvloop some of it may be where nobody sees it, until
        the kernel takes it.
        """
        if in_kernel is None and not held:
            self._empty_since = now
            self._on_gone(now + self._most_seconds_in_kernel(now))
            return True
        if held or in_kernel:
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = now
        else:
            self._on_gone(self._empty_since)
            return True
        return False

    def _most_seconds_in_kernel(self, now: float) -> float:
        """Return how long what the kernel may hold takes, where it does not tell.

        At the pace of the rest, or at a slow one.
        """
        began = self._progress.first_byte_at
        size = self._writer.output_size
        took = 0.0 if began is None else now - began
        pace = min(_SLOWEST_LINE, size / took) if took > 0 else _SLOWEST_LINE
        return min(size, _MOST_IN_KERNEL) / max(pace, 1.0)

    def _tell(self, sent: int) -> None:
        # The head of the request goes first, so while it is held `sent` is below zero.
        if sent > self._told and self._progress.on_bytes is not None:
            self._told = sent
            self._progress.on_bytes(sent)
