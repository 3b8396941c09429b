"""The bodies of requests, as aiohttp writes them."""

from __future__ import annotations

import asyncio
from typing import Final, final

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload

from alipay_mini_audit.files.reader import BodyReader, size_of
from alipay_mini_audit.files.resources import UploadResources
from alipay_mini_audit.protocol import Request, body_of
from alipay_mini_audit.transport.exchange import Exchange
from alipay_mini_audit.transport.progress import Progress

__all__ = ["EmptyBody", "JsonBody", "UploadBody"]

_ENCRYPTED_BYTES: Final = 3 * 16 * 1024
"""Three records of TLS: less costs turns of the event loop, more the memory of each connection."""


class _WatchedBody(BytesPayload):
    """A body that leaves in one piece, under watch."""

    def __init__(self, content: bytes, content_type: str | None, exchange: Exchange) -> None:
        super().__init__(content, content_type=content_type)
        self._exchange = exchange

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write it, and the head of the request with it; `aiohttp` calls this."""
        await self._exchange.write(self._write, writer)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write it, and the head of the request with it; `aiohttp` calls this."""
        del content_length
        await self.write(writer)

    async def _write(self, writer: AbstractStreamWriter) -> None:
        self._exchange.leaving(self.size or 0)
        await super().write(writer)


@final
class EmptyBody(_WatchedBody):
    """No body at all; it is there to be told when there is a connection."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(b"", None, exchange)

    async def _write(self, writer: AbstractStreamWriter) -> None:
        self._exchange.leaving(0)
        writer.send_headers()


@final
class JsonBody(_WatchedBody):
    """A JSON text or its ciphertext."""

    def __init__(self, request: Request, progress: Progress, exchange: Exchange) -> None:
        content = request.body.encode()
        super().__init__(content, request.content_type, exchange)
        progress.total = len(content)


@final
class UploadBody(aiohttp.MultipartWriter):
    """Part `data` and the file parts, with an exact length.

    It is written in large pieces instead of part by part.
    """

    def __init__(
        self,
        request: Request,
        progress: Progress,
        exchange: Exchange,
        resources: UploadResources,
    ) -> None:
        super().__init__("form-data")
        self._exchange = exchange
        self._resources = resources
        self._gate = progress.gate
        self._pieces = body_of(
            self.boundary, request.body, request.content_type, request.call.files
        )
        progress.total = self.size

    @property
    def size(self) -> int:
        """How many bytes it has, framing included."""
        return size_of(self._pieces)

    async def write(
        self,
        writer: AbstractStreamWriter,
        close_boundary: bool = True,  # noqa: FBT001, FBT002  # aiohttp's signature
    ) -> None:
        """Write all parts; `aiohttp` calls this."""
        del close_boundary
        await self._exchange.write(self._write, writer)

    async def _write(self, writer: AbstractStreamWriter) -> None:
        on_read = None if self._gate is None else self._gate.on_read
        if self._gate is not None:
            self._gate.begin()
        reader = BodyReader(self._pieces, self._resources, on_read)
        transport = writer.transport
        if transport is not None:
            # drain() now returns only when the write buffer is empty, and the piece free again.
            transport.set_write_buffer_limits(high=1, low=0)
        try:
            while not reader.is_at_end:
                await self._write_piece(reader, writer, transport)
        finally:
            await reader.aclose()
        if transport is not None:
            transport.set_write_buffer_limits()

    async def _write_piece(
        self,
        reader: BodyReader,
        writer: AbstractStreamWriter,
        transport: asyncio.WriteTransport | None,
    ) -> None:
        is_free = False
        try:
            piece = await reader.next()
            for part in _cut(piece, self._most_bytes(transport)):
                if self._gate is not None and not self._gate.is_open:
                    await self._exchange.wait(self._gate.before_piece(len(part)))
                self._exchange.leaving(len(part))
                await writer.write(part)
                await writer.drain()
            # An aborted transport keeps no promise: drain() returns, and it may hold the piece.
            is_free = transport is not None and not transport.get_write_buffer_size()
        finally:
            reader.release(is_free=is_free)

    def _most_bytes(self, transport: asyncio.WriteTransport | None) -> int | None:
        """Return how much may be written in one go; `None` for any amount.

        A TLS connection keeps four thirds of what it ever encrypted in one go, and once more what
        the socket did not take of it.
        """
        most = None if self._gate is None else self._gate.most_bytes
        if transport is None or transport.get_extra_info("sslcontext") is None:
            return most
        return _ENCRYPTED_BYTES if most is None else min(most, _ENCRYPTED_BYTES)


def _cut(piece: memoryview, most: int | None) -> list[memoryview]:
    if most is None:
        return [piece]
    return [piece[start : start + most] for start in range(0, len(piece), most)]
