"""The body of a request on its way out.

How far the body came is kept in `Progress`, since it decides the outcome of a failure.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable
from typing import final

import aiohttp
import attrs
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload

from alipay_mini_audit.errors import CallError, SendInterrupted
from alipay_mini_audit.protocol import Draft, body_of
from alipay_mini_audit.reading import PieceReader, size_of
from alipay_mini_audit.sharing import Shared

__all__ = ["JsonBody", "Phase", "Progress", "UploadBody"]

_SETTLE_SECONDS = 1.0
_ENCRYPTED_BYTES = 256 * 1024
"""A TLS connection keeps as much memory as it ever encrypted in one go."""


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


@final
class JsonBody(BytesPayload):
    """A JSON text or its ciphertext."""

    def __init__(self, draft: Draft, progress: Progress) -> None:
        super().__init__(draft.body.encode(), content_type=draft.content_type)
        self._progress = progress

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the text; `aiohttp` calls this."""
        await self._progress.track(self._write, writer)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write the text; `aiohttp` calls this."""
        del content_length
        await self.write(writer)

    async def _write(self, writer: AbstractStreamWriter) -> None:
        self._progress.leaving(writer.transport)
        await super().write(writer)


@final
class UploadBody(aiohttp.MultipartWriter):
    """Part `data` and the file parts, with an exact length, written in large pieces instead of part
    by part.
    """

    def __init__(self, draft: Draft, progress: Progress, shared: Shared) -> None:
        super().__init__("form-data")
        self._progress = progress
        self._shared = shared
        self._pieces = body_of(self.boundary, draft.body, draft.content_type, draft.files)

    @property
    def size(self) -> int:
        """How many bytes it has, framing included."""
        return size_of(self._pieces)

    async def write(self, writer: AbstractStreamWriter, close_boundary: bool = True) -> None:  # noqa: FBT001, FBT002
        """Write all parts; `aiohttp` calls this."""
        del close_boundary
        await self._progress.track(self._write, writer)

    async def _write(self, writer: AbstractStreamWriter) -> None:
        reader, transport = PieceReader(self._pieces, self._shared), writer.transport
        if transport is not None:
            transport.set_write_buffer_limits(
                high=1, low=0
            )  # a drain then waits for all but a byte
        try:
            while not reader.is_at_end:
                await self._write_piece(reader, writer, transport)
        finally:
            await reader.aclose()
        if transport is not None:
            transport.set_write_buffer_limits()

    async def _write_piece(
        self,
        reader: PieceReader,
        writer: AbstractStreamWriter,
        transport: asyncio.WriteTransport | None,
    ) -> None:
        is_free = False
        try:
            piece = await reader.next()
            self._progress.leaving(transport)
            for part in _cut(piece, transport):
                await writer.write(part)
                await writer.drain()
            is_free = transport is not None and not transport.get_write_buffer_size()
        finally:
            reader.release(is_free=is_free)


def _cut(piece: memoryview, transport: asyncio.WriteTransport | None) -> list[memoryview]:
    if transport is None or transport.get_extra_info("sslcontext") is None:
        return [piece]
    return [
        piece[start : start + _ENCRYPTED_BYTES] for start in range(0, len(piece), _ENCRYPTED_BYTES)
    ]
