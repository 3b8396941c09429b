"""Zip archives (PKWARE APPNOTE 4.3): the central directory only; nothing is unpacked.

`zipfile` would make an object of each entry, which takes a second for a large directory, and it
refuses archives that other programs open: with a name that is no UTF-8, say.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.attachments.heads import Details
from alipay_mini_audit.preflight.probing.reading import BoundedReader, OverBudget

__all__ = ["END_SIGNATURE", "ends_as_zip", "look_at_zip"]

END_SIGNATURE: Final = b"PK\x05\x06"
_END: Final = struct.Struct("<4s4HIIH")
_LONGEST_COMMENT: Final = 0xFFFF
_LOCATOR: Final = struct.Struct("<4sIQI")
_LOCATOR_SIGNATURE: Final = b"PK\x06\x07"
_END_64: Final = struct.Struct("<4sQHHIIQQQQ")
_END_64_SIGNATURE: Final = b"PK\x06\x06"
_ENTRY: Final = struct.Struct("<4sHHH18xHHH12x")
_ENTRY_SIGNATURE: Final = b"PK\x01\x02"
_DIGITAL_SIGNATURE: Final = b"PK\x05\x05"
_COUNT_MASK: Final = 0xFFFF
_USUAL_REACH: Final = 512
_MOST_ENDS: Final = 4
_ENCRYPTED: Final = 0x1


def ends_as_zip(file: BoundedReader) -> bool:
    """Return whether a file has at its end what a zip ends with.

    Raises:
        OverBudget: that would be more than may be read.
    """
    return any(True for _ in _ends(file))


def look_at_zip(file: BoundedReader) -> Details:
    """Return whether a zip can be listed, and whether one of its entries asks for a password.

    A directory that is larger than may be read is taken to be a good one.
    """
    try:
        for end in itertools.islice(_ends(file), _MOST_ENDS):
            for directory, count in _directories(file, end):
                is_encrypted = _listed(directory, count)
                if is_encrypted is not None:
                    return Details(format="zip", is_encrypted=is_encrypted)
    except OverBudget:
        return Details(format="zip")
    return Details(format="zip", is_broken=True)


def _ends(file: BoundedReader) -> Iterator[int]:
    """Yield where the last record may be: where its comment ends with the file, or the last ones.

    A comment may have in it what a record begins with.
    """
    told: set[int] = set()
    for reach in (_USUAL_REACH, _END.size + _LONGEST_COMMENT):
        tail = file.last(reach)
        begins = file.size - len(tail)
        others: list[int] = []
        place = len(tail) - _END.size + len(END_SIGNATURE)
        while (place := tail.rfind(END_SIGNATURE, 0, max(0, place))) >= 0:
            if place + _END.size + _END.unpack_from(tail, place)[7] == len(tail):
                if begins + place not in told:
                    told.add(begins + place)
                    yield begins + place
            elif len(others) < _MOST_ENDS:
                others.append(begins + place)
            place += len(END_SIGNATURE) - 1
    yield from others


def _directories(file: BoundedReader, end: int) -> Iterator[tuple[bytes, int]]:
    """Yield what may be the directory, and how many entries it has."""
    _, _, _, _, count, length, offset, _ = _END.unpack(file.at(end, _END.size))
    locator = file.at(end - _LOCATOR.size, _LOCATOR.size)
    if locator.startswith(_LOCATOR_SIGNATURE):
        for start in (end - _LOCATOR.size - _END_64.size, _LOCATOR.unpack(locator)[2]):
            large = file.at(start, _END_64.size)
            if large.startswith(_END_64_SIGNATURE) and len(large) == _END_64.size:
                end, (count, length, offset) = start, _END_64.unpack(large)[7:]
                break
    # What stands before an archive, a program that unpacks it say, moves all its offsets.
    for start in dict.fromkeys((end - length, offset)):
        found = file.at(start, length)
        if not length or found.startswith(_ENTRY_SIGNATURE):
            yield found, count


def _listed(directory: bytes, count: int) -> bool | None:
    """Return whether one of the entries is encrypted; `None` if they cannot be listed.

    What stands behind the last of them is no matter.
    """
    position = entries = flags = 0
    while directory.startswith(_ENTRY_SIGNATURE, position):
        entry = directory[position : position + _ENTRY.size]
        if len(entry) < _ENTRY.size:
            break
        _, _, _, flag, name, extra, comment = _ENTRY.unpack(entry)
        flags |= flag
        position += _ENTRY.size + name + extra + comment
        entries += 1
    is_whole = position >= len(directory) or directory.startswith(_DIGITAL_SIGNATURE, position)
    # Programs that write no records of 64 bits cut the number of entries.
    is_counted = entries > 0 and entries & _COUNT_MASK == count & _COUNT_MASK
    if is_whole or is_counted:
        return bool(flags & _ENCRYPTED)
    return None
