"""Pictures that the platform does not take: which they are is enough, the rest is a courtesy."""

from __future__ import annotations

import struct
from typing import Final

from alipay_mini_audit.attachments.heads import Details
from alipay_mini_audit.preflight.probing.reading import BoundedReader, OverBudget

__all__ = ["look_at_other", "other_format"]

_AVIF: Final = frozenset({b"avif", b"avis"})
_HEIC: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_SEQUENCES: Final = frozenset({b"avis", b"msf1", b"hevc", b"hevx"})
_WEBP_ANIMATED: Final = 0x02
_GIF_PICTURE, _GIF_EXTENSION, _GIF_END = 0x2C, 0x21, 0x3B
_GIF_TABLE: Final = 0x80
_OLD_BMP_BYTES: Final = 12


def other_format(start: bytes) -> str | None:
    """Return what a file begins as: gif, bmp, webp, tiff, heic or avif; `None` for none of them."""
    if start[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "webp"
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if start[4:8] == b"ftyp":
        return "avif" if start[8:12] in _AVIF else "heic" if start[8:12] in _HEIC else None
    return "bmp" if start[:2] == b"BM" else None


def look_at_other(file: BoundedReader, kind: str) -> Details:
    """Return dimensions and animation of a picture of that kind."""
    try:
        width, height = _dimensions(file, kind)
    except (OverBudget, struct.error):
        width = height = 0
    if width <= 0 or height <= 0:
        return Details(format=kind, is_broken=True)
    is_animated = _is_animated(file, kind)
    return Details(format=kind, width=width, height=height, is_animated=is_animated)


def _dimensions(file: BoundedReader, kind: str) -> tuple[int, int]:
    if kind == "gif":
        width, height = struct.unpack_from("<HH", file.start, 6)
        return width, height
    if kind == "bmp" and file.start[14:15] == bytes([_OLD_BMP_BYTES]):
        width, height = struct.unpack_from("<HH", file.start, 18)
        return width, height
    import imagesize  # noqa: PLC0415  # it brings an XML parser, for pictures that are refused

    # Stored ones. It would read the locations of items for the orientation, of which a HEIC may
    # have so many that they fill the memory.
    width, height = imagesize.get(file, exif_rotation=False)
    return width, height


def _is_animated(file: BoundedReader, kind: str) -> bool | None:
    """Return whether there is more than one picture; `None` if it would take too long to tell."""
    if kind == "gif":
        try:
            return _has_two_pictures(file)
        except OverBudget:
            return None
    if kind == "webp":
        return file.start[12:16] == b"VP8X" and bool(file.start[20] & _WEBP_ANIMATED)
    if kind in ("heic", "avif"):
        return file.start[8:12] in _SEQUENCES
    return False if kind == "bmp" else None


def _has_two_pictures(file: BoundedReader) -> bool | None:
    position = 13 + _table_bytes(file.at(10, 1))
    pictures = 0
    while block := file.at(position, 10):
        if block[0] == _GIF_END:
            return False
        if block[0] == _GIF_PICTURE:
            pictures += 1
            if pictures > 1:
                return True
            position += 11 + _table_bytes(block[9:])
        elif block[0] == _GIF_EXTENSION:
            position += 2
        else:
            return None
        while (length := file.at(position, 1)) > b"\0":
            position += 1 + length[0]
        position += 1
    return None


def _table_bytes(packed: bytes) -> int:
    """Return how long a table of colours is that a byte tells of."""
    return 3 << ((packed[0] & 7) + 1) if packed and packed[0] & _GIF_TABLE else 0
