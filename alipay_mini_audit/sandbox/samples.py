"""Real pictures and archives of about a wanted size, for demos and tests.

Noise does not compress, so the size follows from the number of pixels. Blocking: call these in a
worker thread.
"""

from __future__ import annotations

import io
import math
import random
import struct
import zipfile
import zlib
from typing import Final

__all__ = ["archive", "png"]

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_OVERHEAD: Final = 68  # signature, three chunks, zlib header and checksum
_RGB: Final = 3
_ARCHIVE_OVERHEAD: Final = 450
_FIRST_DATE: Final = (1980, 1, 1, 0, 0, 0)  # an archive of a seed is the same every day


def png(size: int, *, seed: int, square: bool = False) -> bytes:
    """Return a PNG picture of RGB noise.

    Args:
        size: wanted size in bytes; met within a tenth from 2 KB on.
        seed: another seed gives another picture, the same one the same picture.
        square: as wide as high, for a logo; otherwise upright like a phone's screen.
    """
    pixels = max(1, (size - _OVERHEAD) // _RGB)
    width = max(1, math.isqrt(pixels if square else pixels * 9 // 16))
    height = width if square else max(1, pixels // width)
    noise = random.Random(seed)  # noqa: S311  # no secret
    rows = b"".join(b"\0" + noise.randbytes(width * _RGB) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def archive(size: int, seed: int) -> bytes:
    """Return a zip archive of a short report and a recording of noise.

    Args:
        size: wanted size in bytes; met within a tenth from 2 KB on.
        seed: another seed gives another archive, the same one the same archive.
    """
    source = random.Random(seed)  # noqa: S311  # no secret
    noise = source.randbytes(max(1, size - _ARCHIVE_OVERHEAD))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as target:
        target.writestr(
            zipfile.ZipInfo("report.txt", _FIRST_DATE), f"Test report {seed}: all passed.\n"
        )
        target.writestr(zipfile.ZipInfo("recording.bin", _FIRST_DATE), noise)
    return file.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )
