"""What the probing says of a content, for tests of its parts."""

import struct

from alipay_mini_audit.preflight.probing import BoundedReader, Details, probe


def seen(content: bytes) -> Details:
    return probe(lambda offset, count: content[offset : offset + count], len(content))


def opened(content: bytes, budget: int = 65536) -> BoundedReader:
    return BoundedReader(
        lambda offset, count: content[offset : offset + count], len(content), budget
    )


def tiff(orientation: int, order: str = "<", *, kind: int = 3, count: int = 1) -> bytes:
    """Return EXIF data of one entry."""
    start = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(f"{order}HHIHH", 0x0112, kind, count, orientation, 0)
    return start + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)
