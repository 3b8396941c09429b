"""The orientation in EXIF data (CIPA DC-008, TIFF 6.0)."""

from __future__ import annotations

import re
import struct
from typing import Final

from alipay_mini_audit.preflight.probing.reading import BoundedReader

__all__ = ["orientation_at"]

_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_HEADER_BYTES: Final = 8
_ENTRY_BYTES: Final = 12
# Tag 0x0112, a short number, one or two of them; all entries before it have any tag.
_ORIENTATIONS: Final = {
    "<": re.compile(rb"(?:.{12})*?\x12\x01\x03\0[\x01\x02]\0\0\0([\x01-\x08])\0", re.DOTALL),
    ">": re.compile(rb"(?:.{12})*?\x01\x12\0\x03\0\0\0[\x01\x02]\0([\x01-\x08])", re.DOTALL),
}


def orientation_at(file: BoundedReader, start: int, length: int) -> int | None:
    """Return the orientation, 1 to 8; `None` if there is none that can be read.

    Args:
        file: the picture.
        start: where the TIFF header begins in it.
        length: how many bytes of EXIF data there are.

    Raises:
        OverBudget: as for `BoundedReader.at`.
    """
    header = file.at(start, min(length, _HEADER_BYTES))
    order = _ORDERS.get(header[:4])
    if order is None or len(header) < _HEADER_BYTES:
        return None
    (directory,) = struct.unpack_from(f"{order}I", header, 4)
    counted = file.at(start + directory, min(2, length - directory))
    count = struct.unpack(f"{order}H", counted)[0] if len(counted) == struct.calcsize("H") else 0
    bytes_left = max(0, length - directory - 2)
    entries = file.at(start + directory + 2, min(count * _ENTRY_BYTES, bytes_left))
    found = _ORIENTATIONS[order].match(entries[: len(entries) // _ENTRY_BYTES * _ENTRY_BYTES])
    return None if found is None else found[1][0]
