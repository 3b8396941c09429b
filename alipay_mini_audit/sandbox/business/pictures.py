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


@final
@attrs.define
class Picture:
    """What is known of a picture; `None` for what its headers did not say.

    Attributes:
        width: in pixels, as stored.
        height: in pixels, as stored.
        orientation: of EXIF, 1 to 8.
        is_for_print: whether its colours are CMYK or YCCK.
    """

    width: int | None = None
    height: int | None = None
    orientation: int = 1
    is_for_print: bool = False

    @property
    def is_broken(self) -> bool:
        """Whether it has no dimensions."""
        return not self.width or not self.height

    @property
    def is_turned(self) -> bool:
        """Whether it is shown with width and height exchanged."""
        return 5 <= self.orientation <= 8  # noqa: PLR2004  # the quarter turns of EXIF


def walk_png(picture: Picture) -> Walk:
    """Walk the chunks of a PNG.

    Args:
        picture: where to note what they say.
    """
    yield Skip(8)
    length, kind = struct.unpack(">I4s", (yield Take(8)))
    if (length, kind) != (13, b"IHDR"):
        return
    picture.width, picture.height = struct.unpack(">II", (yield Take(8)))
    yield Skip(5 + 4)
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", (yield Take(8)))
        taken = min(length, _MOST_EXIF) if kind == b"eXIf" else 0
        if taken:
            picture.orientation = _orientation((yield Take(taken)))
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
            if content.startswith(b"Exif\0\0"):
                picture.orientation = _orientation(content[6:])
        yield Skip(length)


def _read_frame(picture: Picture, length: int) -> Generator[Take | Skip, bytes, int]:
    if length < 6:  # noqa: PLR2004  # precision, height, width, channels
        return 0
    height, width, channels = struct.unpack(">xHHB", (yield Take(6)))
    if picture.is_broken:  # the first one counts
        picture.width, picture.height = width, height
        picture.is_for_print = channels == _FOUR_CHANNELS
    return 6


def _orientation(tiff: bytes) -> int:
    """Return the orientation of a block of EXIF; 1 if it says none."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:  # noqa: PLR2004  # its header
        return 1
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for position in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, position)
        if (tag, kind) == (_ORIENTATION, _SHORT) and 1 <= value <= 8:  # noqa: PLR2004  # of EXIF
            return int(value)
    return 1
