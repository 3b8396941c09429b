"""Whether a zip or rar archive can be listed, and whether it asks for a password. No I/O here."""

from __future__ import annotations

import struct
from collections.abc import Generator
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.business.walks import Skip, Take, Walk

__all__ = ["Archive", "ZipTail", "walk_rar"]

_RAR4: Final = b"Rar!\x1a\x07\x00"
_MAIN4, _FILE4, _END4 = 0x73, 0x74, 0x7B
_MAIN5, _FILE5, _LOCKED5, _END5 = 1, 2, 4, 5
_MOST_HEADER: Final = 64 * 1024
_HEAD: Final = 64
_TAIL: Final = 128 * 1024
"""The longest comment of a zip is half of it; the rest holds several hundred entries."""
_ENTRY: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_LOCATOR_64: Final = b"PK\x06\x07"
_SIZE_64: Final = 2**32 - 1
_MOST_STARTS: Final = 64


@final
@attrs.define
class Archive:
    """What is known of an archive.

    Attributes:
        is_listed: whether its table of contents can be read.
        is_encrypted: whether it or one of its files asks for a password.
    """

    is_listed: bool = False
    is_encrypted: bool = False


@final
class ZipTail:
    """Lists a zip by its last bytes, where its directory is; it holds about 256 KiB at most.

    Of a directory that begins before them only the last entries are read.
    """

    def __init__(self) -> None:
        self._head = b""
        self._tail = bytearray()
        self._size = 0

    def feed(self, content: bytes) -> None:
        """Take what has arrived.

        Args:
            content: the next bytes of the file.
        """
        if len(self._head) < _HEAD:
            self._head += content[: _HEAD - len(self._head)]
        self._size += len(content)
        self._tail += content
        if len(self._tail) > 2 * _TAIL:
            del self._tail[:-_TAIL]

    def list_into(self, archive: Archive) -> None:
        """Read the directory of the file that has come whole.

        Args:
            archive: where to note what it says.
        """
        tail = bytes(self._tail[-_TAIL:])
        self._tail.clear()
        end = tail.rfind(_END)
        if end < 0 or end + 22 > len(tail):
            return
        (size,) = struct.unpack_from("<I", tail, end + 12)
        if tail[max(0, end - 20) : end].startswith(_LOCATOR_64) and size == _SIZE_64:
            end = tail.rfind(_END_64, 0, end)
            if end < 0:
                return
            (size,) = struct.unpack_from("<Q", tail, end + 40)
        if size > self._size - (len(tail) - end):
            return
        start = end - size
        if start >= 0:
            flags = _flags(tail, start, end)
        else:  # it begins before what is held: find an entry from which the rest can be read
            flags = _late_flags(tail, end)
            if flags is not None and self._head.startswith(b"PK\x03\x04"):
                flags |= int.from_bytes(self._head[6:8], "little")
        archive.is_listed = flags is not None
        archive.is_encrypted = bool((flags or 0) & 1)


def walk_rar(archive: Archive) -> Walk:
    """Walk the headers of a rar of version 4 or 5.

    Args:
        archive: where to note what they say.
    """
    signature = yield Take(7)
    if signature == _RAR4:
        yield from _walk_rar4(archive)
    else:
        yield Skip(1)
        yield from _walk_rar5(archive)


def _walk_rar4(archive: Archive) -> Walk:
    is_first = True
    while True:
        kind, flags, size = struct.unpack("<xxBHH", (yield Take(7)))
        if size < 7 or (is_first and kind != _MAIN4):  # noqa: PLR2004  # the header itself
            return
        rest = yield Take(size - 7)
        archive.is_listed = True
        if flags & (0x80 if is_first else 0x04) and kind in (_MAIN4, _FILE4):
            archive.is_encrypted = True
            return
        if kind == _END4:
            return
        data = 0
        if kind == _FILE4 or flags & 0x8000:
            data = int.from_bytes(rest[:4], "little")
            if kind == _FILE4 and flags & 0x100:
                data |= int.from_bytes(rest[25:29], "little") << 32
        yield Skip(data)
        is_first = False


def _walk_rar5(archive: Archive) -> Walk:
    is_first = True
    while True:
        yield Skip(4)
        size = yield from _take_number()
        header = yield Take(min(size, _MOST_HEADER))
        yield Skip(max(0, size - _MOST_HEADER))
        kind, position = _number(header, 0)
        flags, position = _number(header, position)
        extra, position = _number(header, position) if flags & 1 else (0, position)
        data, _ = _number(header, position) if flags & 2 else (0, position)
        if size == 0 or (is_first and kind not in (_MAIN5, _LOCKED5)):
            return
        archive.is_listed = True
        if kind == _LOCKED5 or (kind == _FILE5 and _is_locked(header[len(header) - extra :])):
            archive.is_encrypted = True
            return
        if kind == _END5:
            return
        yield Skip(data)
        is_first = False


def _is_locked(extra: bytes) -> bool:
    """Say whether one of the extra records of a file is that of its encryption."""
    position = 0
    while position < len(extra):
        size, start = _number(extra, position)
        if size == 0:
            return False
        if _number(extra, start)[0] == 1:
            return True
        position = start + size
    return False


def _number(content: bytes, position: int) -> tuple[int, int]:
    """Return a number of rar 5, seven bits a byte, and where it ends."""
    value = shift = 0
    while position < len(content) and shift < 70:  # noqa: PLR2004  # ten bytes at most
        byte = content[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004  # the last byte
            break
    return value, position


def _take_number() -> Generator[Take | Skip, bytes, int]:
    content = b""
    while len(content) < 3:  # noqa: PLR2004  # a header has two megabytes at most
        content += yield Take(1)
        if content[-1] < 0x80:  # noqa: PLR2004  # the last byte
            break
    return _number(content, 0)[0]


def _flags(content: bytes, position: int, end: int) -> int | None:
    """Return the flags of all entries of a directory together; `None` if it is none."""
    flags = 0
    while position < end:
        if content[position : position + 4] != _ENTRY or position + 46 > end:
            return None
        flags |= int.from_bytes(content[position + 8 : position + 10], "little")
        position += 46 + sum(struct.unpack_from("<HHH", content, position + 28))
    return flags if position == end else None


def _late_flags(content: bytes, end: int) -> int | None:
    position = -1
    for _ in range(_MOST_STARTS):
        position = content.find(_ENTRY, position + 1, end)
        if position < 0:
            break
        flags = _flags(content, position, end)
        if flags is not None:
            return flags
    return None
