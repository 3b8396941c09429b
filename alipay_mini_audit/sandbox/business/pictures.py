"""What the headers of a PNG or JPEG picture say. No I/O here."""

from __future__ import annotations

import struct
from collections.abc import Generator
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.business.walks import Skip, Take, Walk

__all__ = ["Picture", "walk_jpeg", "walk_png"]

_MOST_EXIF: Final = 64 * 1024
_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG that begin a frame; the three others are tables."""
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN: Final = 0xDA
_END: Final = 0xD9
_APP1: Final = 0xE1
_FOUR_CHANNELS: Final = 4
_IHDR_BYTES: Final = 13
_SAMPLES: Final = frozenset(
    {(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8)}
    | {(4, 8), (4, 16), (6, 8), (6, 16)}
)
"""Colour types of a PNG, and bits of a sample that go with them."""


@final
@attrs.define
class Picture:
    """What is known of a picture; `None` for what its headers did not say.

    Attributes:
        width: in pixels, as stored.
        height: in pixels, as stored.
        orientation: of EXIF, 1 to 8.
        is_for_print: whether its colours are CMYK or YCCK.
        is_undecided: whether it has more headers than anybody waits for.
    """

    width: int | None = None
    height: int | None = None
    orientation: int | None = None
    is_for_print: bool = False
    is_undecided: bool = False

    @property
    def is_broken(self) -> bool:
        """Whether it has no dimensions."""
        return not self.width or not self.height

    @property
    def is_turned(self) -> bool:
        """Whether it is shown with width and height exchanged."""
        return self.orientation in (5, 6, 7, 8)


def walk_png(picture: Picture) -> Walk:
    """Walk the chunks of a PNG.

    Args:
        picture: where to note what they say.
    """
    yield Skip(8)
    length, kind = struct.unpack(">I4s", (yield Take(8)))
    if kind != b"IHDR" or length < _IHDR_BYTES:
        return
    width, height, depth, colours = struct.unpack(">IIBB3x", (yield Take(_IHDR_BYTES)))
    if (colours, depth) not in _SAMPLES:
        return
    picture.width, picture.height = width, height
    yield Skip(length - _IHDR_BYTES + 4)
    early = late = None
    has_data = False
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", (yield Take(8)))
        has_data = has_data or kind == b"IDAT"
        taken = min(length, _MOST_EXIF) if kind == b"eXIf" else 0
        found = _orientation((yield Take(taken))) if taken else None
        if has_data:
            late = found or late
        else:
            early = found or early
        picture.orientation = early or late  # readers look behind the data for want of another
        yield Skip(length - taken + 4)


def walk_jpeg(picture: Picture) -> Walk:
    """Walk the segments of a JPEG as far as its first scan.

    Args:
        picture: where to note what they say.
    """
    yield Skip(2)
    while True:
        while (yield Take(1)) != b"\xff":  # readers skip what is between two segments
            pass
        marker = 0xFF
        while marker == 0xFF:  # noqa: PLR2004  # any number of these may fill up
            marker = (yield Take(1))[0]
        if marker in (_SCAN, _END):
            return
        if marker == 0 or marker in _WITHOUT_LENGTH:
            continue
        length = max(0, int.from_bytes((yield Take(2)), "big") - 2)
        if marker in _FRAMES:
            length -= yield from _read_frame(picture, length)
        elif marker == _APP1:
            content = yield Take(length)
            length = 0
            if content.startswith(b"Exif\0\0"):  # the first one that says something counts
                picture.orientation = picture.orientation or _orientation(content[6:])
        yield Skip(length)


def _read_frame(picture: Picture, length: int) -> Generator[Take | Skip, bytes, int]:
    if length < 6:  # noqa: PLR2004  # precision, height, width, channels
        return 0
    height, width, channels = struct.unpack(">xHHB", (yield Take(6)))
    picture.width, picture.height = width, height  # the last one counts, if there are more
    picture.is_for_print = channels == _FOUR_CHANNELS
    return 6


def _orientation(tiff: bytes) -> int | None:
    """Return the orientation of a block of EXIF; `None` if it says none."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:  # noqa: PLR2004  # its header
        return None
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return None
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for position in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind, count, value = struct.unpack_from(order + "HHIH", tiff, position)
        is_one = (tag, kind) == (_ORIENTATION, _SHORT) and count in (1, 2)
        if is_one and 1 <= value <= 8:  # noqa: PLR2004  # of EXIF
            return int(value)
    return None
