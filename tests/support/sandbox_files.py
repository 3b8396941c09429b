"""Files with every property that the sandbox judges, made by hand."""

import functools
import io
import struct
import zipfile
import zlib

RAR4 = b"Rar!\x1a\x07\x00"
RAR5 = b"Rar!\x1a\x07\x01\x00"
RGB = 3
PRINT = 4
SHORT = 3


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def exif(orientation: int, order: str = "<") -> bytes:
    """A block with one other tag before the orientation."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    tags = struct.pack(order + "HHIHH", 0x0100, SHORT, 1, 6, 0)
    tags += struct.pack(order + "HHIHH", 0x0112, SHORT, 1, orientation, 0)
    return head + struct.pack(order + "IH", 8, 2) + tags + b"\0" * 4


def png(width: int, height: int, *, orientation: int = 0, is_late: bool = False) -> bytes:
    turn = chunk(b"eXIf", exif(orientation)) if orientation else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    body = data + turn if is_late else turn + data
    return b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND")


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def jpeg(
    width: int, height: int, *, channels: int = RGB, orientation: int = 0, profile: int = 0
) -> bytes:
    """A JPEG of headers; `profile` bytes of a colour profile come before its dimensions."""
    turn = segment(0xE1, b"Exif\0\0" + exif(orientation, ">")) if orientation else b""
    parts = [b"ICC_PROFILE\0".ljust(60_000, b"\xff")] * (profile // 60_000)
    frame = struct.pack(">BHHB", 8, height, width, channels) + b"\x01\x11\x00" * channels
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0")
        + turn
        + b"".join(segment(0xE2, part) for part in parts)
        + segment(0xC4, b"\0" * 20)
        + b"\xff\xff"  # fills up
        + segment(0xC2, frame)
        + segment(0xDA, b"\0" * 10)
        + b"\x12\xff\x00\x34" * 30
        + b"\xff\xd9"
    )


def archive(
    entries: int = 2,
    *,
    is_locked: bool = False,
    comment: bytes = b"",
    report: bytes = b"all passed\n",
) -> bytes:
    """A zip; the last of its files has a password if it is locked."""
    content = bytearray(zipped(entries, comment, report))
    if is_locked:
        last = content.rfind(b"PK\x01\x02")
        content[last + 8] |= 1
    return bytes(content)


@functools.cache
def zipped(entries: int, comment: bytes, report: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for number in range(entries):
            target.writestr(f"report-{number}.txt", report)
        target.comment = comment
    return file.getvalue()


def rar4(*, main_flags: int = 0, file_flags: int = 0) -> bytes:
    main = struct.pack("<HBHH", 0, 0x73, main_flags, 13) + b"\0" * 6
    data = b"x" * 50
    file = struct.pack("<HBHHI", 0, 0x74, 0x8000, 36, len(data)) + b"\0" * 25
    last = struct.pack("<HBHHI", 0, 0x74, 0x8000 | file_flags, 36, 0) + b"\0" * 25
    return RAR4 + main + file + data + last + struct.pack("<HBHH", 0, 0x7B, 0x4000, 7)


def rar5(*, is_locked: bool = False, has_locked_file: bool = False) -> bytes:
    main = block(bytes((1, 0, 0)))
    lock = block(bytes((4, 0)) + b"\0" * 20) if is_locked else b""
    extra = bytes((2, 2, 0)) + bytes((3, 1, 0, 0)) if has_locked_file else b""
    data = b"x" * 300
    size = bytes((0x80 | len(data) & 0x7F, len(data) >> 7))
    file = block(bytes((2, 3, len(extra))) + size + b"\0" * 12 + extra) + data
    return RAR5 + lock + main + file + block(bytes((5, 0, 0)))


def block(header: bytes) -> bytes:
    return b"\0" * 4 + bytes((len(header),)) + header
