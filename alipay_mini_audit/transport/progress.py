"""How far a request came, which decides the outcome of a failure, and the watch for stalled ones."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable
from typing import Final

import attrs
from aiohttp.abc import AbstractStreamWriter

from alipay_mini_audit.errors import CallError, SendInterrupted

__all__ = ["Phase", "Progress"]

_SETTLE_SECONDS: Final = 1.0


class Phase(enum.IntEnum):
    """How far a request came."""

    CONNECTING = 0
    """No byte of it has left."""
    SENDING = 1
    """A part of it has left."""
    WAITING = 2
    """All of it has left, nothing has come back."""
    READING = 3
    """The head of the reply is here."""


@attrs.define
class Progress:
    """How far one attempt came, and why its body was cut, if it was."""

    stall: float
    """Seconds without a byte moving after which the body is cut."""
    phase: Phase = Phase.CONNECTING
    sent_whole: bool = False
    failure: CallError | None = None
    on_sent: Callable[[], None] | None = None
    """Called once, when all of the request has left."""
    on_bytes: Callable[[int], None] | None = None
    total: int = 0
    _settled: asyncio.Event | None = None

    async def track(
        self, write: Callable[[AbstractStreamWriter], Awaitable[None]], writer: AbstractStreamWriter
    ) -> None:
        """Run `write` under watch."""
        self._settled = asyncio.Event()
        watch = _StallWatch(writer, self)
        try:
            await write(writer)
            self.sent()
        except CallError as error:
            self.failure = error
            raise
        finally:
            watch.stop()
            self._settled.set()

    def leaving(self, transport: asyncio.WriteTransport | None) -> None:
        """Note that what is written to `transport` from here on may arrive."""
        if transport is not None and not transport.is_closing():
            self.phase = max(self.phase, Phase.SENDING)

    def sent(self) -> None:
        """Note that all of the request has left."""
        self.sent_whole = True
        self.phase = max(self.phase, Phase.WAITING)
        if self.on_sent is not None:
            self.on_sent()

    async def settle(self) -> None:
        """Wait until the body is no longer written, its files are closed: at most a second."""
        if self._settled is not None and not self._settled.is_set():
            waiting = asyncio.ensure_future(self._settled.wait())
            try:
                await asyncio.wait({waiting}, timeout=_SETTLE_SECONDS)
            finally:
                waiting.cancel()


class _StallWatch:
    """Gives up when no byte moves; aiohttp has no such limit. A slow line is no stalled one.

    It breaks the connection rather than a wait: aiohttp's drain cannot be awaited again once it was
    cancelled.
    """

    def __init__(self, writer: AbstractStreamWriter, progress: Progress) -> None:
        self._writer = writer
        self._progress = progress
        self._loop = asyncio.get_running_loop()
        self._moved, self._since = 0, self._loop.time()
        self._timer = self._loop.call_later(progress.stall / 4, self._look)

    def stop(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        transport, stall, now = self._writer.transport, self._progress.stall, self._loop.time()
        if transport is None or transport.is_closing():
            return
        moved = self._writer.output_size - transport.get_write_buffer_size()
        if moved != self._moved:
            self._moved, self._since = moved, now
        elif now - self._since >= stall:
            self._progress.failure = SendInterrupted(
                f"No byte of the request moved for {stall:g} s."
            )
            transport.abort()
            return
        self._timer = self._loop.call_later(stall / 4, self._look)
