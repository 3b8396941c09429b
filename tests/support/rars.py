"""RAR archives by hand: headers as RARLAB's technote.txt has them."""

import struct
import zlib


def rar4(*entries: bytes, main_flags: int = 0, end: bool = True) -> bytes:
    blocks = block4(0x73, main_flags, bytes(6)) + b"".join(entries)
    return b"Rar!\x1a\x07\0" + blocks + (block4(0x7B, 0x4000, b"") if end else b"")


def block4(kind: int, flags: int, rest: bytes) -> bytes:
    content = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(content) & 0xFFFF) + content


def entry4(name: bytes, data: bytes, *, encrypted: bool = False) -> bytes:
    fixed = struct.pack("<IIBIIBBHI", len(data), len(data), 3, 0, 0, 20, 0x30, len(name), 0o644)
    return block4(0x74, 0x8000 | (4 if encrypted else 0), fixed + name) + data


def number(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def block5(kind: int, flags: int, fields: bytes, extra: bytes = b"", data: bytes = b"") -> bytes:
    flags |= (1 if extra else 0) | (2 if data else 0)
    head = number(kind) + number(flags)
    head += number(len(extra)) if extra else b""
    head += number(len(data)) if data else b""
    head += fields + extra
    sized = number(len(head)) + head
    return struct.pack("<I", zlib.crc32(sized)) + sized + data


def entry5(name: bytes, data: bytes, *, encrypted: bool = False, times: int = 0) -> bytes:
    records = b"".join(number(1 + 5) + number(3) + bytes(5) for _ in range(times))
    if encrypted:
        records += number(1 + 33) + number(1) + bytes(33)
    fields = number(0) + number(len(data)) + number(0o644) + number(0) + number(1)
    return block5(2, 0, fields + number(len(name)) + name, records, data)


def rar5(*entries: bytes, first: bytes | None = None, end: bool = True) -> bytes:
    first = block5(1, 0, number(0)) if first is None else first
    last = block5(5, 0, number(0)) if end else b""
    return b"Rar!\x1a\x07\x01\0" + first + b"".join(entries) + last
