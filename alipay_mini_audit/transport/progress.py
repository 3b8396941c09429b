"""How far a request came, which decides the outcome of a failure; and the watch for stalls."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import math
from collections.abc import Awaitable, Callable
from typing import Final, final

import attrs
from aiohttp.abc import AbstractStreamWriter

from alipay_mini_audit.errors import CallError, SendInterrupted

__all__ = ["Phase", "Progress"]

_SETTLE_SECONDS: Final = 1.0
_TELL_SECONDS: Final = 0.1


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


@final
@attrs.define(kw_only=True)
class Progress:
    """How far one attempt came, and why its body was cut, if it was."""

    stall: float
    """Seconds without a byte moving after which the body is cut."""
    phase: Phase = Phase.CONNECTING
    sent_whole: bool = False
    """All of the request has left."""
    first_byte_at: float | None = None
    """When its first byte left, in the time of the event loop; `None` before."""
    failure: CallError | None = None
    """Why the body was cut, if it was."""
    total: int = 0
    """Size of the body in bytes, framing included; 0 if there is none."""
    handed_over: int = 0
    """Bytes of the body that the transport was given; it may hold some of them still."""
    on_sent: Callable[[], None] | None = None
    """Called once, when all of the request has left."""
    on_bytes: Callable[[int], None] | None = None
    """Called while the body is sent, with how many of its bytes have moved so far.

    Never twice within 0.1 s, and not at all when nothing has moved since; so a body that takes less
    than that has no call, and the last call has less than `total`. Over TLS what was encrypted
    counts as moved. `None` costs nothing.
    """
    _settled: asyncio.Event | None = attrs.field(default=None, init=False)

    @property
    def may_still_arrive(self) -> bool:
        """Whether the platform may receive all of the request, now or later."""
        return self.phase is not Phase.CONNECTING

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

    def leaving(self, transport: asyncio.WriteTransport | None, count: int) -> None:
        """Note that `count` bytes of the body, which are written to `transport` now, may arrive."""
        if transport is not None and not transport.is_closing():
            self._note_first_byte()
            self.phase = max(self.phase, Phase.SENDING)
            self.handed_over += count

    def sent(self) -> None:
        """Note that all of the request has left."""
        self.sent_whole = True
        self._note_first_byte()
        self.phase = max(self.phase, Phase.WAITING)
        if self.on_sent is not None:
            self.on_sent()

    def _note_first_byte(self) -> None:
        if self.first_byte_at is None:
            self.first_byte_at = asyncio.get_running_loop().time()

    async def settle(self) -> None:
        """Wait until the body is no longer written and its files are closed: at most a second."""
        if self._settled is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SETTLE_SECONDS):
                    await self._settled.wait()


@final
class _StallWatch:
    """Gives up when no byte moves; aiohttp has no such limit. A slow line is not a stalled one.

    Args:
        writer: of the request.
        progress: says how long is too long, and who listens.
    """

    def __init__(self, writer: AbstractStreamWriter, progress: Progress) -> None:
        self._writer = writer
        self._progress = progress
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._moved = 0
        self._since = now
        self._told = 0
        self._tell_at = math.inf if progress.on_bytes is None else now + _TELL_SECONDS
        self._timer = self._look_again()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _look_again(self) -> asyncio.TimerHandle:
        look_at = min(self._loop.time() + self._progress.stall / 4, self._tell_at)
        return self._loop.call_at(look_at, self._look)

    def _look(self) -> None:
        transport = self._writer.transport
        if transport is None or transport.is_closing():
            return
        now = self._loop.time()
        held = transport.get_write_buffer_size()
        moved = self._writer.output_size - held
        if moved != self._moved:
            self._moved = moved
            self._since = now
        elif now - self._since >= self._progress.stall:
            self._give_up(transport)
            return
        if now < self._tell_at:
            self._timer = self._look_again()
            return
        try:
            self._tell(self._progress.handed_over - held)
        finally:  # a listener that raises does not end the watch
            self._tell_at = self._loop.time() + _TELL_SECONDS
            self._timer = self._look_again()

    def _give_up(self, transport: asyncio.WriteTransport) -> None:
        stall = self._progress.stall
        self._progress.failure = SendInterrupted(f"No byte of the request moved for {stall:g} s.")
        # Not by cancelling who waits: once cancelled, aiohttp's drain() cannot be awaited again.
        transport.abort()

    def _tell(self, sent: int) -> None:
        # The head of the request goes first, so while it is held `sent` is below zero.
        if sent > self._told and self._progress.on_bytes is not None:
            self._told = sent
            self._progress.on_bytes(sent)
