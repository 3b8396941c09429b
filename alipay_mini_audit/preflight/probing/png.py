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
_START: Final = struct.Struct(">8sI4sIIBB")
_END: Final = b"IEND\xaeB`\x82"
_TAIL: Final = 4096
"""Where the end is looked for if something was appended to the file."""
_COLOURS: Final = {
    0: Colours.GREY,
    2: Colours.RGB,
    3: Colours.PALETTE,
    4: Colours.GREY,
    6: Colours.RGB,
}


def look_at_png(file: BoundedReader) -> Details:
    """Return what the chunks of a PNG say."""
    if len(file.start) < _START.size:
        return Details(format="png", is_broken=True)
    _, length, kind, width, height, _, colours = _START.unpack_from(file.start)
    if kind != b"IHDR" or not width or not height or colours not in _COLOURS:
        return Details(format="png", is_broken=True)
    frames, orientation = _before_data(file, 8 + length + _AROUND)
    return Details(
        format="png",
        width=width,
        height=height,
        colours=_COLOURS[colours],
        orientation=orientation,
        is_animated=frames > 1,
        is_truncated=_is_truncated(file),
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
            orientation = orientation_at(file, position + _CHUNK.size, length)
        position += length + _AROUND
    return frames, orientation


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
