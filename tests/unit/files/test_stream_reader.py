"""A stream of the caller's is read from its first byte on, in threads only, and never closed."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from alipay_mini_audit.attachments import FilePart, StreamSource
from alipay_mini_audit.errors import SendInterrupted, ValidationError
from alipay_mini_audit.files import BLOCKING, PageCache, WouldBlock
from alipay_mini_audit.files.kernel import KERNEL
from alipay_mini_audit.files.stream_reader import StreamReader
from alipay_mini_audit.files.streams import streams_reserved

CONTENT = bytes(range(250))


def reader_of(file: Any, size: int = 250) -> StreamReader:
    source = StreamSource(file)
    part = FilePart("app_logo", "attachments.app_logo", source, "a.png", "image/png", size)
    return StreamReader(part, source)


def read(reader: StreamReader, size: int) -> list[bytes]:
    pieces = []
    while not reader.is_at_end:
        buffer = memoryview(bytearray(size))
        pieces.append(bytes(buffer[: reader.fill(buffer, BLOCKING)]))
    return pieces


@pytest.mark.parametrize("size", [1, 100, 125, 250, 1000])
async def test_a_stream_is_read_from_its_first_byte_wherever_it_stands_again_and_again(
    size: int,
) -> None:
    file = io.BytesIO(CONTENT)
    for position in (0, 250, 17):
        file.seek(position)
        reader = reader_of(file)
        expected = [CONTENT[start : start + size] for start in range(0, 250, size)]
        assert read(reader, size) == expected
        reader.close()
        await reader.aclose()
    assert not file.closed


def test_a_stream_that_is_moved_meanwhile_is_read_on_where_it_was_left() -> None:
    file = io.BytesIO(CONTENT)
    reader, buffer = reader_of(file), memoryview(bytearray(100))
    reader.fill(buffer, BLOCKING)
    file.seek(3)
    assert b"".join(read(reader, 100)) == CONTENT[100:]


def test_nothing_of_a_stream_is_touched_on_the_event_loop() -> None:
    class Touchy(io.BytesIO):
        def seek(self, *_: object) -> int:
            raise AssertionError

    reader = reader_of(Touchy(CONTENT))
    assert reader.fetch is None, "a worker thread goes on"
    with pytest.raises(WouldBlock):
        reader.fill(memoryview(bytearray(10)), PageCache(lambda: 0.0, KERNEL))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (CONTENT[:30], "220 of 250 bytes were missing at its end"),
        (CONTENT + b"x", "it is longer than the 250 bytes that it had"),
    ],
)
def test_a_stream_of_another_size_than_it_had_cuts_the_request(content: bytes, text: str) -> None:
    with pytest.raises(SendInterrupted) as caught:
        read(reader_of(io.BytesIO(content)), 30)
    assert text in str(caught.value)
    assert caught.value.path == "attachments.app_logo"


def closed() -> io.BytesIO:
    file = io.BytesIO(CONTENT)
    file.close()
    return file


class Odd(io.BytesIO):
    """Reads what is no piece of a file."""

    answer: object = None

    def read(self, size: int | None = -1, /) -> Any:
        del size
        return self.answer


def odd(answer: object) -> Odd:
    file = Odd(CONTENT)
    file.answer = answer
    return file


@pytest.mark.parametrize(
    "make", [closed, lambda: odd(None), lambda: odd("text"), lambda: odd(b"x" * 300)]
)
def test_a_stream_that_reads_no_piece_of_it_cuts_the_request(make: Callable[[], Any]) -> None:
    file = make()
    reader = reader_of(file)
    with pytest.raises(SendInterrupted):
        reader.fill(memoryview(bytearray(100)), BLOCKING)
    with streams_reserved({"a": StreamSource(file)}.items()):
        pass  # it is free again


def test_a_stream_that_reads_less_than_it_is_asked_for_is_read_on() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7))

    assert b"".join(read(reader_of(Slow(CONTENT)), 100)) == CONTENT


def test_a_stream_that_reads_into_other_things_than_bytes_is_sent() -> None:
    class Views(io.BytesIO):
        def read(self, size: int | None = -1, /) -> Any:
            return bytearray(super().read(size))

    assert b"".join(read(reader_of(Views(CONTENT)), 100)) == CONTENT


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), RuntimeError("gone")])
def test_whatever_a_stream_raises_is_the_cause(error: Exception) -> None:
    class Failing(io.BytesIO):
        def seek(self, *_: object) -> int:
            raise error

    with pytest.raises(SendInterrupted, match="cannot be read any more") as caught:
        reader_of(Failing(CONTENT)).fill(memoryview(bytearray(10)), BLOCKING)
    assert caught.value.__cause__ is error


def test_a_stream_is_in_use_while_a_thread_reads_it() -> None:
    seen: list[type] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            try:
                with streams_reserved({"a": StreamSource(self)}.items()):
                    pass
            except ValidationError as error:
                seen.append(type(error))
            return super().read(size)

    read(reader_of(Watched(CONTENT)), 300)
    assert set(seen) == {ValidationError}
