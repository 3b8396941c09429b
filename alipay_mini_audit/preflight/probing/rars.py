"""RAR archives of version 4 and 5 (RARLAB, technote.txt): their headers only."""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.attachments.heads import Details
from alipay_mini_audit.preflight.probing.reading import BoundedReader, OverBudget

__all__ = ["look_at_rar"]

_RAR5: Final = b"Rar!\x1a\x07\x01\x00"
_RAR4: Final = b"Rar!\x1a\x07\x00"
_PEEK: Final = 64
_LONGEST_EXTRA: Final = 1024
_BARE_HEADER: Final = 7


class _NoHeader(Exception):
    """What stands where a header should be is none."""


def look_at_rar(file: BoundedReader) -> Details:
    """Return whether a rar has headers, and whether it asks for a password.

    Its last header may be missing; an archive that ends before is truncated.
    """
    try:
        if file.start.startswith(_RAR5):
            return _look_at_rar5(file)
        if file.start.startswith(_RAR4):
            return _look_at_rar4(file)
        return Details(format="rar")  # of a version that is not known here
    except OverBudget:
        return Details(format="rar")
    except _NoHeader:
        return Details(format="rar", is_broken=True)


def _cut(*, is_first: bool) -> Details:
    """Return what is said of an archive that ends within a header."""
    if is_first:
        raise _NoHeader
    return Details(format="rar", is_encrypted=False, is_truncated=True)


def _look_at_rar4(file: BoundedReader) -> Details:
    main, entry, end = 0x73, 0x74, 0x7B
    position = len(_RAR4)
    first = True
    while (head := file.at(position, _PEEK)) or first:
        length = int.from_bytes(head[5:7], "little")
        if len(head) < _BARE_HEADER or length < _BARE_HEADER or (first and head[2] != main):
            if first:
                raise _NoHeader
            break
        if position + length > file.size:
            return _cut(is_first=first)
        kind, flags = head[2], int.from_bytes(head[3:5], "little")
        if (kind == main and flags & 0x80) or (kind == entry and flags & 0x04):
            return Details(format="rar", is_encrypted=True)
        if kind == end:
            return Details(format="rar", is_encrypted=False, is_truncated=False)
        if kind == entry or flags & 0x8000:
            length += int.from_bytes(head[7:11], "little")
        if kind == entry and flags & 0x100:  # a file of more than 4 GiB
            length += int.from_bytes(head[32:36], "little") << 32
        position += length
        first = False
    return Details(format="rar", is_encrypted=False, is_truncated=position > file.size)


def _look_at_rar5(file: BoundedReader) -> Details:
    main, entry, encryption, end = 1, 2, 4, 5
    position = len(_RAR5)
    first = True
    while (head := file.at(position, _PEEK)) or first:
        try:
            size, start = _number(head, 4)
            kind, at = _number(head, start)
            flags, at = _number(head, at)
            extra, at = _number(head, at) if flags & 1 else (0, at)
            data, at = _number(head, at) if flags & 2 else (0, at)
        except IndexError:
            size = kind = 0
        if not size or (first and kind not in (main, encryption)):
            if first:
                raise _NoHeader
            break
        after = position + start + size
        if after > file.size:
            return _cut(is_first=first)
        if kind == encryption or (
            kind == entry and extra <= size and _asks(file, after - extra, extra)
        ):
            return Details(format="rar", is_encrypted=True)
        if kind == end:
            return Details(format="rar", is_encrypted=False, is_truncated=False)
        position = after + data
        first = False
    return Details(format="rar", is_encrypted=False, is_truncated=position > file.size)


def _asks(file: BoundedReader, position: int, length: int) -> bool:
    """Return whether the records of an entry have one of encryption."""
    area = file.at(position, min(length, _LONGEST_EXTRA))
    at = 0
    while at < len(area):
        try:
            size, start = _number(area, at)
            kind, _ = _number(area, start)
        except IndexError:
            return False
        if kind == 1 or not size:
            return bool(size)
        at = start + size
    return False


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends.

    Raises:
        IndexError: it has no end.
    """
    value = 0
    for shift in range(0, 70, 7):
        value |= (data[at] & 0x7F) << shift
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    raise IndexError
