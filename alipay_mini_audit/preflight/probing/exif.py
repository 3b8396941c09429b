"""The orientation in EXIF data (CIPA DC-008, TIFF 6.0)."""

from __future__ import annotations

import struct
from typing import Final

from alipay_mini_audit.preflight.probing.reading import BoundedReader

__all__ = ["orientation_at"]

_TAG: Final = 0x0112
_SHORT: Final = 3
_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_HEADER_BYTES: Final = 8
_ENTRY_BYTES: Final = 12
_MOST_ENTRIES: Final = 128
_KNOWN: Final = range(1, 9)


def orientation_at(file: BoundedReader, start: int, length: int) -> int | None:
    """Return the orientation, 1 to 8; `None` if there is none that can be read.

    Args:
        file: the picture.
        start: where the TIFF header begins in it.
        length: how many bytes of EXIF data there are.
    """
    header = file.at(start, min(length, _HEADER_BYTES))
    order = _ORDERS.get(header[:4])
    if order is None or len(header) < _HEADER_BYTES:
        return None
    (directory,) = struct.unpack_from(f"{order}I", header, 4)
    counted = file.at(start + directory, min(2, length - directory))
    count = struct.unpack(f"{order}H", counted)[0] if len(counted) == struct.calcsize("H") else 0
    bytes_left = max(0, length - directory - 2)
    wanted = min(min(count, _MOST_ENTRIES) * _ENTRY_BYTES, bytes_left)
    entries = file.at(start + directory + 2, wanted)
    for position in range(0, len(entries) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        tag, kind, values, value = struct.unpack_from(f"{order}HHIH", entries, position)
        if tag == _TAG:
            return value if kind == _SHORT and values == 1 and value in _KNOWN else None
    return None
