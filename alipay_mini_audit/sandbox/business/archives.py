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
_TAIL: Final = 1152 * 1024
"""The longest comment of a zip is 64 KiB; the rest holds any directory that an upload has."""
_SPARE: Final = 128 * 1024
_ENTRY: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_LOCATOR_64: Final = b"PK\x06\x07"
_SIGNED: Final = b"PK\x05\x05"
_ENTRY_BYTES: Final = 46
_END_BYTES: Final = 22
_LONGEST_END: Final = _END_BYTES + 65_535
_MOST_ENDS: Final = 4
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
    """Lists a zip by its last bytes, where its directory is; it holds about 1.25 MiB at most.

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
        if len(self._tail) > _TAIL + _SPARE:
            del self._tail[:-_TAIL]

    def list_into(self, archive: Archive) -> None:
        """Read the directory of the file that has come whole.

        Args:
            archive: where to note what it says.
        """
        tail = bytes(self._tail[-_TAIL:])
        self._tail.clear()
        for end in _ends(tail):
            flags = self._flags_before(tail, end)
            if flags is not None:
                archive.is_listed = True
                archive.is_encrypted = bool(flags & 1)
                return

    def _flags_before(self, tail: bytes, end: int) -> int | None:
        """Return the flags of all entries of the directory that a last record tells of."""
        before = self._size - len(tail)
        count, size, offset = struct.unpack_from("<HII", tail, end + 10)
        large = tail.rfind(_END_64, 0, end)
        if tail[max(0, end - 20) : end].startswith(_LOCATOR_64) and 0 <= large <= end - 56:
            end = large
            count, size, offset = struct.unpack_from("<QQQ", tail, end + 32)
        if not size:
            return 0
        # The offset counts from the archive, which a program that unpacks it may stand before.
        for start in (end - size, offset - before):
            if 0 <= start <= len(tail):
                flags = _flags(tail, start, min(start + size, len(tail)), count)
            elif -before <= start < 0:
                flags = self._late_flags(tail, end)
            else:
                flags = None
            if flags is not None:
                return flags
        return None

    def _late_flags(self, tail: bytes, end: int) -> int:
        """Return the flags that are known of a directory that begins before what is held."""
        first = self._head[6:8] if self._head.startswith(b"PK\x03\x04") else b""
        position = -1
        for _ in range(_MOST_STARTS):  # find an entry from which the rest can be read
            position = tail.find(_ENTRY, position + 1, end)
            if position < 0:
                break
            flags = _flags(tail, position, end, count=None)
            if flags is not None:
                return flags | int.from_bytes(first, "little")
        return int.from_bytes(first, "little")


def _ends(tail: bytes) -> list[int]:
    """Return where the last record may be, the likeliest first: a comment may look like one."""
    fitting: list[int] = []
    others: list[int] = []
    position = len(tail)
    first = max(0, len(tail) - _LONGEST_END)
    while (position := tail.rfind(_END, first, position)) >= 0:
        if position + _END_BYTES > len(tail):
            continue
        comment = int.from_bytes(tail[position + 20 : position + _END_BYTES], "little")
        is_last = position + _END_BYTES + comment == len(tail)
        (fitting if is_last else others).append(position)
    return (fitting + others)[:_MOST_ENDS]


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
        records = header[len(header) - extra :] if extra <= len(header) else b""
        if kind == _LOCKED5 or (kind == _FILE5 and _is_locked(records)):
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


def _flags(content: bytes, position: int, end: int, count: int | None) -> int | None:
    """Return the flags of all entries of a directory together; `None` if it cannot be listed.

    Args:
        content: has the directory in it.
        position: where that begins.
        end: where that ends, by the last record.
        count: of the entries, by the last record; `None` if some stand before.
    """
    flags = entries = 0
    while content[position : position + 4] == _ENTRY and position + _ENTRY_BYTES <= end:
        flags |= int.from_bytes(content[position + 8 : position + 10], "little")
        position += _ENTRY_BYTES + sum(struct.unpack_from("<HHH", content, position + 28))
        entries += 1
    # Some programs cut the number to 16 bits, and some sign the directory.
    is_whole = position >= end or content[position : position + 4] == _SIGNED
    is_counted = count is not None and (entries - count) % 2**16 == 0
    return flags if entries and (is_whole or is_counted) else None
