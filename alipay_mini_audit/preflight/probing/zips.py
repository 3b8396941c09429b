"""Zip archives (PKWARE APPNOTE 4.3): the central directory only; nothing is unpacked.

`zipfile` would make an object of each entry, which takes a second for a large directory, and it
refuses archives that other programs open: with a name that is no UTF-8, say.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.attachments.heads import Details
from alipay_mini_audit.preflight.probing.reading import BoundedReader, OverBudget

__all__ = ["END_SIGNATURE", "look_at_zip"]

END_SIGNATURE: Final = b"PK\x05\x06"
_END: Final = struct.Struct("<4s4HIIH")
_LONGEST_COMMENT: Final = 0xFFFF
_LOCATOR: Final = struct.Struct("<4sIQI")
_LOCATOR_SIGNATURE: Final = b"PK\x06\x07"
_END_64: Final = struct.Struct("<4sQHHIIQQQQ")
_END_64_SIGNATURE: Final = b"PK\x06\x06"
_ENTRY: Final = struct.Struct("<4sHHH18xHHH12x")
_ENTRY_SIGNATURE: Final = b"PK\x01\x02"
_ENCRYPTED: Final = 0x1


def look_at_zip(file: BoundedReader) -> Details:
    """Return whether a zip can be listed, and whether one of its entries asks for a password.

    A directory that is larger than may be read is taken to be a good one.
    """
    try:
        directory = _directory(file)
    except OverBudget:
        return Details(format="zip")
    if directory is None:
        return Details(format="zip", is_broken=True)
    return Details(format="zip", is_encrypted=any(_flags(directory)))


def _directory(file: BoundedReader) -> bytes | None:
    """Return the directory; `None` if there is none."""
    end = _end_position(file, 512)
    if end is None:
        end = _end_position(file, _END.size + _LONGEST_COMMENT)
    if end is None:
        return None
    _, _, _, _, _, length, offset, _ = _END.unpack(file.at(end, _END.size))
    locator = file.at(end - _LOCATOR.size, _LOCATOR.size)
    if locator.startswith(_LOCATOR_SIGNATURE):
        for start in (end - _LOCATOR.size - _END_64.size, _LOCATOR.unpack(locator)[2]):
            large = file.at(start, _END_64.size)
            if large.startswith(_END_64_SIGNATURE) and len(large) == _END_64.size:
                end, (length, offset) = start, _END_64.unpack(large)[8:]
                break
    # What stands before an archive, a program that unpacks it say, moves all its offsets.
    for start in (end - length, offset):
        found = file.at(start, length)
        if not length or found.startswith(_ENTRY_SIGNATURE):
            return found
    return None


def _end_position(file: BoundedReader, reach: int) -> int | None:
    """Return where the last record is: the one whose comment ends with the file, or the last one.

    A comment may have in it what a record begins with.
    """
    tail = file.last(reach)
    begins = file.size - len(tail)
    found: list[int] = []
    place = len(tail) - _END.size + len(END_SIGNATURE)
    while (place := tail.rfind(END_SIGNATURE, 0, max(0, place))) >= 0:
        if place + _END.size + _END.unpack_from(tail, place)[7] == len(tail):
            return begins + place
        found.append(begins + place)
        place += len(END_SIGNATURE) - 1
    return found[0] if found else None


def _flags(directory: bytes) -> Iterator[int]:
    """Yield of each entry whether it is encrypted; what stands behind the entries is no matter."""
    position = 0
    while directory.startswith(_ENTRY_SIGNATURE, position):
        entry = directory[position : position + _ENTRY.size]
        if len(entry) < _ENTRY.size:
            return
        _, _, _, flags, name, extra, comment = _ENTRY.unpack(entry)
        yield flags & _ENCRYPTED
        position += _ENTRY.size + name + extra + comment
