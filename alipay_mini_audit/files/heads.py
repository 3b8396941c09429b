"""A look at the content of each file, by a few bytes of it: what preflight judges by.

It is part of the one look that a file gets before it is sent. What was seen of a file on disk is
kept for as long as the file stays as it was, since templates are submitted with the same pictures
again and again.
"""

from __future__ import annotations

from typing import Final, final

import attrs

from alipay_mini_audit.attachments import FilePart, Source, StreamSource
from alipay_mini_audit.attachments.formats import HEAD_BYTES
from alipay_mini_audit.attachments.heads import FileHead, values_of
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files.access import BLOCKING, FileAccess, WouldBlock
from alipay_mini_audit.files.source_reader import SourceReader
from alipay_mini_audit.files.state import StateCache
from alipay_mini_audit.files.streams import piece_of
from alipay_mini_audit.preflight.probing import (
    PICTURE_BUDGET,
    START_BYTES,
    Details,
    ReadAt,
    TakesLong,
    other_format,
    probe,
)

__all__ = [
    "Content",
    "ContentCache",
    "head_of",
    "look_at_bytes",
    "look_at_file",
    "look_at_stream",
    "start_of_source",
]

_RAR: Final = b"Rar!\x1a\x07"
"""Its headers lie all over the archive, as many as somebody likes: a worker thread walks them."""
_SMALL: Final = 64 * 1024
"""In a worker thread such a file is read at once: each further read waits for the interpreter."""


@final
@attrs.frozen
class Content:
    """What was seen of a content.

    Attributes:
        first: its first bytes, for the name that is sent.
        details: what preflight judges by; `None` if nobody asked for it.
    """

    first: bytes
    details: Details | None = None


ContentCache = StateCache[Content]
"""What was seen of the files on disk, for all calls of a client."""


def look_at_file(fd: int, size: int, access: FileAccess) -> Content:
    """Look at an open file.

    Args:
        fd: its descriptor.
        size: in bytes; not 0.
        access: how it is read.

    Raises:
        WouldBlock: not in this way; also if it takes long: a large directory, endless headers.
        OSError: it cannot be read.
    """

    def read_at(offset: int, count: int) -> bytes:
        """Read a piece."""
        piece = bytearray(count)
        filled = 0
        while filled < count:
            more = access.read(fd, memoryview(piece)[filled:], offset + filled)
            if not more:
                break
            filled += more
        return bytes(piece[:filled])

    may_wait = access is BLOCKING
    start = read_at(0, size if may_wait and size <= _SMALL else min(START_BYTES, size))
    if not may_wait and _takes_long(start):
        raise WouldBlock

    def read_on(offset: int, count: int) -> bytes:
        """Read a piece, the start of the file not once more."""
        if offset + count <= len(start):
            return start[offset : offset + count]
        return read_at(offset, count)

    return Content(start[:HEAD_BYTES], _probed(read_on, size, may_wait=may_wait))


def look_at_bytes(content: bytes, *, may_wait: bool = True) -> Details:
    """Look at a content in memory.

    Raises:
        WouldBlock: it may not take long, and does: a large directory, endless headers.
    """
    if not may_wait and _takes_long(content):
        raise WouldBlock
    return _probed(
        lambda offset, count: content[offset : offset + count], len(content), may_wait=may_wait
    )


def _takes_long(start: bytes) -> bool:
    """Say so of archives with headers all over, and of pictures that a library is loaded for."""
    return start.startswith(_RAR) or other_format(start) is not None


def _probed(read_at: ReadAt, size: int, *, may_wait: bool, spent: int = 0) -> Details:
    if may_wait:
        return probe(read_at, size, spent=spent)
    try:
        details = probe(read_at, size, directory_budget=PICTURE_BUDGET, spent=spent, is_quick=True)
    except TakesLong:
        raise WouldBlock from None
    if _is_unfinished(details):
        raise WouldBlock
    return details


def _is_unfinished(details: Details) -> bool:
    may_be_archive = details.format in (None, "zip", "rar")  # a program may stand before a zip
    return may_be_archive and details.is_encrypted is None and not details.is_broken


def look_at_stream(source: StreamSource, size: int, *, spent: int) -> Details:
    """Look at a stream, which stays where it stands; blocks.

    Args:
        source: the stream.
        size: in bytes.
        spent: how many bytes of it were read before.

    Raises:
        Exception: whatever the stream raises.
    """
    return probe(lambda offset, count: piece_of(source, offset, count), size, spent=spent)


async def start_of_source(part: FilePart, source: Source) -> bytes | None:
    """Open a source of the user's for its first 64 KiB; `None` if that fails."""
    reader = SourceReader(part, source)
    start = memoryview(bytearray(min(part.size, PICTURE_BUDGET)))
    filled = 0
    try:
        while filled < len(start):
            await reader.fetch(len(start) - filled)
            filled += reader.fill(start[filled:], BLOCKING)
    except (SendInterrupted, WouldBlock):
        return None  # it will fail again when it is sent, and say why
    finally:
        await reader.aclose()
    return start.tobytes()


def head_of(part: str, location: str, filename: str, size: int, details: Details) -> FileHead:
    """Return what preflight is told of a file."""
    return FileHead(
        part=part, location=location, filename=filename, size=size, **values_of(details)
    )
