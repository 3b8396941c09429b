"""What can be sent as a stream, what is refused at construction and why, and what it is called."""

import asyncio
import functools
import gzip
import io
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiofiles
import attrs
import pytest
from aiohttp.web import FileField
from multidict import CIMultiDict, CIMultiDictProxy
from starlette.datastructures import UploadFile

from alipay_mini_audit.attachments import StreamSource
from alipay_mini_audit.attachments.sources import to_source
from alipay_mini_audit.attachments.streams import stream_problem
from alipay_mini_audit.errors import Problem

CONTENT = b"\x89PNG\r\n\x1a\n...."


def spooled() -> Any:
    file = tempfile.SpooledTemporaryFile()  # noqa: SIM115  # a caller keeps it open
    file.write(CONTENT)
    return file


def field() -> FileField:
    headers = CIMultiDictProxy(CIMultiDict[str]())
    return FileField("logo", "field.png", spooled(), "image/png", headers)  # type: ignore[arg-type]


@attrs.define
class Storage:
    """Werkzeug's and Django's are like this: they read what they hold."""

    stream: io.BytesIO = attrs.field(factory=lambda: io.BytesIO(CONTENT))
    filename: str | None = None
    name: str = "field"

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


@pytest.mark.parametrize(
    "make",
    [
        lambda: io.BytesIO(CONTENT),
        lambda: io.BufferedReader(io.BytesIO(CONTENT)),  # type: ignore[arg-type]
        lambda: UploadFile(spooled(), filename="a.png"),
        spooled,
        tempfile.TemporaryFile,
        tempfile.NamedTemporaryFile,
        lambda: gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(CONTENT))),
        field,
        Storage,
    ],
)
def test_whatever_can_seek_is_taken_as_it_is(make: Callable[[], Any]) -> None:
    value = make()
    source = to_source(value, "p")
    assert isinstance(source, StreamSource)
    assert source.file is value
    assert source.stream.tell() >= 0
    assert to_source(source, "p") is source
    source.stream.close()  # type: ignore[attr-defined]


def test_an_open_file_is_taken_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(CONTENT)
    with (tmp_path / "a.png").open("rb") as file, (tmp_path / "a.png").open("rb", 0) as raw:
        for opened in (file, raw):
            source = to_source(opened, "p")
            assert isinstance(source, StreamSource)
            assert source.stream is opened
            assert source.filename == "a.png"
            assert opened.tell() == 0


def test_an_upload_is_read_through_its_own_file() -> None:
    with spooled() as file:
        assert StreamSource(UploadFile(file, filename="a.png")).stream is file


def test_a_stream_has_the_name_that_it_is_given_or_its_own() -> None:
    named = io.BytesIO(CONTENT)
    named.name = "dir/logo.png"
    assert StreamSource(io.BytesIO(CONTENT)).filename is None
    assert StreamSource(named).filename == "logo.png"
    assert StreamSource(named, "other.png").filename == "other.png"
    assert StreamSource(named, filename="other.png").filename == "other.png"
    assert StreamSource(UploadFile(named, filename="up.png")).filename == "up.png"
    assert StreamSource(UploadFile(io.BytesIO(CONTENT))).filename is None
    with (given := field()).file:
        assert StreamSource(given).filename == "field.png"  # type: ignore[arg-type]


def test_the_number_of_a_descriptor_is_no_name() -> None:
    with tempfile.TemporaryFile() as file:
        assert StreamSource(file).filename is None


def test_content_is_not_printed_and_two_of_them_are_two() -> None:
    file = io.BytesIO(b"canary")
    assert repr(StreamSource(file, "a.png")) == "StreamSource(file=<BytesIO>)"
    assert StreamSource(file) != StreamSource(file)


def problem(value: object) -> Problem:
    found = to_source(value, "attachments.app_logo")
    assert isinstance(found, Problem)
    assert found.path == "attachments.app_logo"
    assert "path" in found.advice or "rb" in found.advice
    return found


def generator() -> Iterator[bytes]:
    yield b"x"


async def asynchronous() -> AsyncIterator[bytes]:
    yield b"x"


@pytest.mark.parametrize("make", [generator, asynchronous, lambda: iter([b"x"])])
def test_an_iterator_can_be_read_once(make: Callable[[], object]) -> None:
    assert problem(make()).code == "one_shot_source"


def test_a_pipe_can_be_read_once() -> None:
    ends = os.pipe()
    with os.fdopen(ends[0], "rb") as reading, os.fdopen(ends[1], "wb"):
        for pipe in (reading, StreamSource(reading, "a.png")):
            found = problem(pipe)
            assert found.code == "one_shot_source"
            assert "once" in found.message


async def test_a_stream_of_asyncio_can_be_read_once() -> None:
    assert problem(asyncio.StreamReader()).code == "one_shot_source"


async def test_what_is_read_asynchronously_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(CONTENT)
    async with aiofiles.open(tmp_path / "a.png", "rb") as file:
        assert problem(file).code == "unsupported_source"


@pytest.mark.parametrize(
    "make",
    [
        lambda: io.StringIO("x"),
        functools.partial(tempfile.SpooledTemporaryFile, mode="w+"),
        functools.partial(tempfile.NamedTemporaryFile, mode="w+"),
        lambda: io.TextIOWrapper(io.BytesIO(b"x")),
        lambda: StreamSource(io.StringIO("x"), "a.txt"),  # type: ignore[arg-type]
    ],
)
def test_a_file_that_is_open_as_text_is_refused(make: Callable[[], Any]) -> None:
    value = make()
    assert problem(value).code == "text_stream"
    getattr(value, "file", value).close()


def test_a_closed_stream_is_told_when_it_is_looked_at() -> None:
    file = io.BytesIO(b"x")
    file.close()
    assert stream_problem(file, "p") is None


@pytest.mark.parametrize("value", [5, None, b"x", "a.png"])
def test_a_stream_source_of_something_else_is_no_source(value: object) -> None:
    assert problem(StreamSource(value)).code == "unsupported_source"  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is not a binary file that can seek"):
        _ = StreamSource(value).stream  # type: ignore[arg-type]
