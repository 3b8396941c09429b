import asyncio

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from alipay_mini_audit.sandbox.protocol.chunks import ChunkedBody, TooManyChunks


def source(*chunks: bytes) -> StreamReader:
    """A body that has come whole, in these chunks."""
    loop = asyncio.get_running_loop()
    reader = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    for chunk in chunks:
        reader.begin_http_chunk_receiving()
        reader.feed_data(chunk)
        reader.end_http_chunk_receiving()
    reader.feed_eof()
    return reader


async def test_it_is_read_as_a_stream() -> None:
    body = ChunkedBody(source(b"ab\nc", b"d\n", b"efgh"), 3)
    assert await body.readline() == b"ab\n"
    assert await body.readline() == b"cd\n"
    assert await body.read(3) == b"efg"
    body.unread_data(b"fg")
    assert not body.at_eof()
    assert await body.readany() == b"fgh"
    assert (await body.readany(), await body.readline(), await body.read(1)) == (b"", b"", b"")
    assert body.at_eof()


async def test_the_last_line_may_have_no_end() -> None:
    body = ChunkedBody(source(b"a", b"b"), 9)
    assert await body.readline() == b"ab"
    assert body.at_eof()


async def test_more_chunks_than_allowed_are_refused_and_no_fewer() -> None:
    exact = ChunkedBody(source(*[b"x"] * 100), 100)
    assert await exact.readline() == b"x" * 100
    many = ChunkedBody(source(*[b"x"] * 101), 100)
    with pytest.raises(TooManyChunks):
        await many.readline()


async def test_a_line_has_an_end_in_sight() -> None:
    body = ChunkedBody(source(*[b"x" * 20_000] * 4), 9)
    with pytest.raises(ValueError, match="too long"):
        await body.readline()
    body = ChunkedBody(source(b"x" * 20 + b"\n"), 9)
    with pytest.raises(ValueError, match="too long"):
        await body.readline(max_line_length=10)


async def test_an_error_of_the_body_is_passed_on() -> None:
    loop = asyncio.get_running_loop()
    reader = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    reader.set_exception(ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        await ChunkedBody(reader, 9).read(1)
