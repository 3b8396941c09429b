"""PNG (W3C PNG, third edition): chunks up to the first picture data, and the last bytes."""

from __future__ import annotations

import struct
from typing import Final

from alipay_mini_audit.attachments.heads import Colours, Details
from alipay_mini_audit.preflight.probing.exif import orientation_at
from alipay_mini_audit.preflight.probing.reading import BoundedReader, OverBudget

__all__ = ["look_at_png"]

_CHUNK: Final = struct.Struct(">I4s")
_AROUND: Final = 12
"""Length, type and checksum of a chunk, in bytes."""
_START: Final = struct.Struct(">8sI4sIIBB3x")
_HEADER_BYTES: Final = 13
"""The least; what is behind them is skipped, as by Pillow."""
_END: Final = b"IEND\xaeB`\x82"
_TAIL: Final = 4096
"""Where the end is looked for if something was appended to the file."""
_LATE: Final = 16 * 1024
"""Where EXIF data behind the picture data are looked for: to walk these would take long."""
_MOST_LATE: Final = 8
_COLOURS: Final = {
    0: Colours.GREY,
    2: Colours.RGB,
    3: Colours.PALETTE,
    4: Colours.GREY,
    6: Colours.RGB,
}


_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


def look_at_png(file: BoundedReader) -> Details:
    """Return what the chunks of a PNG say."""
    if len(file.start) < _START.size:
        return Details(format="png", is_broken=True)
    _, length, kind, width, height, depth, colours = _START.unpack_from(file.start)
    is_header = kind == b"IHDR" and length >= _HEADER_BYTES
    if not is_header or not width or not height or depth not in _DEPTHS.get(colours, ()):
        return Details(format="png", is_broken=True)
    frames, orientation = _before_data(file, 8 + length + _AROUND)
    is_truncated = _is_truncated(file)
    if orientation is None and width != height:
        orientation = _behind_data(file)
    return Details(
        format="png",
        width=width,
        height=height,
        colours=_COLOURS[colours],
        orientation=orientation,
        is_animated=frames > 1,
        is_truncated=is_truncated,
    )


def _before_data(file: BoundedReader, position: int) -> tuple[int, int | None]:
    """Return the number of pictures and the orientation, as chunks before the data have them."""
    frames, orientation = 1, None
    while len(found := _at(file, position)) == _AROUND:
        length, kind = _CHUNK.unpack_from(found)
        if kind in (b"IDAT", b"IEND"):
            break
        if kind == b"acTL":
            frames = int.from_bytes(found[_CHUNK.size :])
        elif kind == b"eXIf":
            orientation = orientation_at(file, position + _CHUNK.size, length) or orientation
        position += length + _AROUND
    return frames, orientation


def _behind_data(file: BoundedReader) -> int | None:
    try:
        tail = file.last(_LATE)
    except OverBudget:
        return None
    begins, place = file.size - len(tail), len(tail)
    for _ in range(_MOST_LATE):
        place = tail.rfind(b"eXIf", 0, place)
        if place < 0:
            break
        length = int.from_bytes(tail[max(0, place - 4) : place])
        orientation = orientation_at(file, begins + place + 4, min(length, len(tail) - place - 4))
        if orientation is not None:
            return orientation
    return None


def _at(file: BoundedReader, position: int) -> bytes:
    try:
        return file.at(position, _AROUND)
    except OverBudget:
        return b""


def _is_truncated(file: BoundedReader) -> bool | None:
    """Return whether the end is missing, which something else may come after."""
    if _END in file.last(_AROUND):
        return False
    try:
        return _END not in file.last(_TAIL)
    except OverBudget:
        return None
