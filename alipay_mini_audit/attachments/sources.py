"""Where the bytes of a file part come from. No I/O here.

A source is opened when its turn has come, once per attempt; if a submission is checked before it is
sent, once more for its first bytes.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol, TypeGuard, final

import attrs

from alipay_mini_audit.attachments.streams import (
    SeekableFile,
    StreamSource,
    Upload,
    stream_problem,
)
from alipay_mini_audit.problems import Problem, told

__all__ = [
    "AnySource",
    "BytesSource",
    "PathSource",
    "Readable",
    "Source",
    "SourceLike",
    "is_source",
    "to_source",
]

_EMPTY_PATH: Final = (("the path is empty.", ""), ("路径为空。", ""))


class Readable(Protocol):
    """An open source."""

    async def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        ...


class Source(Protocol):
    """Something that can be read again and again.

    Implement it to send from an object store, say.
    """

    @property
    def filename(self) -> str:
        """Its name with the extension of its format; the platform judges the format by it."""
        ...

    @property
    def size(self) -> int:
        """Its exact size in bytes."""
        ...

    def open(self) -> AbstractAsyncContextManager[Readable]:
        """Return a context that yields it from its first byte on, each time."""
        ...


@final
@attrs.frozen
class PathSource:
    """A file on disk. It is not touched before its submission begins."""

    path: Path

    @property
    def filename(self) -> str:
        """The last component of the path."""
        return self.path.name


@final
@attrs.frozen
class BytesSource:
    """Content that is in memory already."""

    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")
    filename: str = ""
    """Empty: the name is made from the part's name and the format of the content."""

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.content)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Readable]:
        """Read the content from its start."""
        yield _Cursor(self.content)


AnySource = PathSource | StreamSource | Source
"""Where the bytes of a part come from: a file or stream, which `files` reads, or what opens itself.
"""

SourceLike = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | PathSource
    | StreamSource
    | SeekableFile
    | Upload
    | Source
)
"""What `Attachments` takes: a path, the content itself, an open file, or a `Source`."""


@attrs.define
class _Cursor:
    content: bytes
    position: int = 0

    async def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        piece = self.content[self.position : self.position + size]
        self.position += len(piece)
        return piece


def is_source(value: object) -> TypeGuard[Source]:
    """Say whether `value` has what a `Source` has.

    It is not asked for its size, which may touch the disk.
    """
    return all(
        inspect.getattr_static(value, name, None) is not None
        for name in ("filename", "size", "open")
    )


def to_source(value: object, path: str) -> AnySource | Problem:
    """Turn what a user gave into a source, or say what is wrong with it.

    Args:
        value: a `SourceLike`, or anything else.
        path: where the user gave it, for the problem.
    """
    if isinstance(value, Path):
        return PathSource(value)  # what it has worked out of itself is kept with it
    if isinstance(value, str | os.PathLike):
        text = os.fsdecode(value)  # an entry of a folder may be named in bytes
        return PathSource(Path(text)) if text else told(path, "empty_path", *_EMPTY_PATH)
    if isinstance(value, bytes | bytearray | memoryview):
        return BytesSource(bytes(value))
    if isinstance(value, PathSource) or is_source(value):
        return value
    if not isinstance(value, StreamSource):
        value = StreamSource(value)  # type: ignore[arg-type]  # the next line looks at it
    return stream_problem(value.file, path) or value
