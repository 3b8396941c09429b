"""JPEG (ITU-T T.81): markers up to the picture data, and the last bytes.

Which colours there are is said by the number of components and Adobe's marker (Adobe TN 5116).
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from alipay_mini_audit.attachments.heads import Colours, Details
from alipay_mini_audit.preflight.probing.exif import orientation_at
from alipay_mini_audit.preflight.probing.reading import BoundedReader, OverBudget

__all__ = ["look_at_jpeg"]

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# What stands before a marker is skipped, as decoders do; and those that have no length.
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
_SCAN, _END_OF_IMAGE, _APP1, _APP14 = 0xDA, 0xD9, 0xE1, 0xEE
_EXIF: Final = b"Exif\0\0"
_ADOBE: Final = re.compile(rb"\xff\xee..Adobe.{6}(?P<transform>.)", re.DOTALL)
_PEEK: Final = 64
_FRAME_BYTES: Final = 10
_YCCK: Final = 2
_COMPONENTS: Final = {1: Colours.GREY, 3: Colours.RGB, 4: Colours.CMYK}
_END: Final = b"\xff\xd9"
_TAIL: Final = 4096
# In picture data 0xFF comes with a zero, or is a restart marker (T.81, B.1.1.5).
_FOREIGN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]|\0{12}\Z", re.DOTALL)


@attrs.define
class _Found:
    width: int = 0
    height: int = 0
    components: int = 0
    transform: int | None = None
    orientation: int | None = None
    data: int | None = None
    """Where the picture data begin; `None` if they do not."""

    @property
    def colours(self) -> Colours | None:
        """How it writes its colours; `None` for a number of channels that no decoder expects."""
        found = _COMPONENTS.get(self.components)
        return Colours.YCCK if found is Colours.CMYK and self.transform == _YCCK else found


def look_at_jpeg(file: BoundedReader) -> Details:
    """Return what the markers of a JPEG say."""
    found = _walk(file)
    if not found.width or not found.height:
        return Details(format="jpg", is_broken=True)
    return Details(
        format="jpg",
        width=found.width,
        height=found.height,
        colours=found.colours,
        orientation=found.orientation,
        is_animated=False,
        is_truncated=_is_truncated(file, found.data),
    )


def _walk(file: BoundedReader) -> _Found:
    found = _Found()
    position = 2
    while len(piece := file.at(position, _PEEK)) > 1:
        next_one = _MARKER.search(piece)
        if next_one is None:
            position += len(piece) - 1
            continue
        if next_one.start():
            position += next_one.start()
            continue
        marker = piece[1]
        if marker == _END_OF_IMAGE:
            break
        length = int.from_bytes(piece[2:4])
        if marker == _SCAN:
            found.data = position + 2 + length
            break
        _note(found, file, position, piece, length)
        position += 2 + max(length, 2)
    return found


def _note(found: _Found, file: BoundedReader, position: int, piece: bytes, length: int) -> None:
    marker = piece[1]
    if marker in _FRAMES and len(piece) >= _FRAME_BYTES and length >= _FRAME_BYTES - 2:
        # If there are more of them, the last one counts, as for Pillow.
        found.height = int.from_bytes(piece[5:7])
        found.width = int.from_bytes(piece[7:9])
        found.components = piece[9]
    elif marker == _APP1 and piece[4:10] == _EXIF and found.orientation is None:
        found.orientation = orientation_at(file, position + 10, length - 8)
    elif marker == _APP14 and (adobe := _ADOBE.match(piece)):
        found.transform = adobe["transform"][0]


def _is_truncated(file: BoundedReader, data: int | None) -> bool | None:
    """Return whether the end is missing; `None` if the file goes on with something else.

    Decoders take zeros, a film or a second picture behind the end, and phones write them.
    """
    if data is None or data >= file.size:
        return True
    if _END in file.last(min(12, file.size - data)):
        return False
    try:
        tail = file.last(min(_TAIL, file.size - data))
    except OverBudget:
        return None
    if _END in tail:
        return False
    # Of so much picture data, one byte in 256 would be 0xFF.
    is_foreign = _FOREIGN.search(tail) or (len(tail) == _TAIL and b"\xff" not in tail)
    return None if is_foreign else True
