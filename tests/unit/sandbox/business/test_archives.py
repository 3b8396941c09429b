import struct

import pytest
from support.sandbox_files import RAR4, RAR5, archive, block, rar4, rar5

from alipay_mini_audit.sandbox.business.archives import Archive, ZipTail, walk_rar
from alipay_mini_audit.sandbox.business.walks import Walker

FINE = Archive(is_listed=True)
LOCKED = Archive(is_listed=True, is_encrypted=True)
BROKEN = Archive()


def read_zip(content: bytes) -> Archive:
    tail, found = ZipTail(), Archive()
    for start in range(0, len(content), 1000):
        tail.feed(content[start : start + 1000])
    tail.list_into(found)
    return found


def read_rar(content: bytes) -> Archive:
    found = Archive()
    walker = Walker(walk_rar(found))
    for start in range(0, len(content), 5):
        walker.feed(content[start : start + 5])
    return found


def in_64_bits(content: bytes) -> bytes:
    """The same archive with its directory told in the records for large ones."""
    end = content.rfind(b"PK\x05\x06")
    count, size, offset = struct.unpack_from("<HII", content, end + 10)
    large = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    small = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    return content[:end] + large + locator + small


@pytest.mark.parametrize("comment", [b"", b"c" * 65_535])
@pytest.mark.parametrize("entries", [0, 1, 3, 500, 9_000])
def test_a_zip_is_listed(entries: int, comment: bytes) -> None:
    assert read_zip(archive(entries, comment=comment)) == FINE


def test_a_large_zip_is_listed() -> None:
    assert read_zip(archive(66_000)) == FINE
    assert read_zip(archive(66_000, is_locked=True)) == LOCKED
    assert read_zip(in_64_bits(archive())) == FINE
    assert read_zip(in_64_bits(archive(is_locked=True))) == LOCKED


@pytest.mark.parametrize("entries", [1, 3, 25_000])
def test_a_zip_with_a_password_is_told(entries: int) -> None:
    assert read_zip(archive(entries, is_locked=True)) == LOCKED


def test_the_first_file_of_a_zip_that_is_not_held_is_seen() -> None:
    content = bytearray(archive(25_000))
    assert read_zip(bytes(content)) == FINE
    content[6] |= 1
    assert read_zip(bytes(content)) == LOCKED


def test_a_zip_is_listed_as_other_programs_do() -> None:
    whole = archive()
    end = whole.rfind(b"PK\x05\x06")
    size = int.from_bytes(whole[end + 12 : end + 16], "little")
    signed = struct.pack("<4sH", b"PK\x05\x05", 3) + b"key"
    of_signed = whole[end : end + 12] + struct.pack("<I", size + len(signed)) + whole[end + 16 :]
    assert read_zip(b"MZ" + bytes(900) + whole) == FINE
    assert read_zip(whole + b"appended" * 9) == FINE
    assert read_zip(whole[:end] + signed + of_signed) == FINE
    assert read_zip(whole[:end] + b"between" + whole[end:]) == FINE
    for comment in (b"see PK\x05\x06", b"PK\x05\x06" + bytes(40), b"PK\x05\x06" * 9_000):
        assert read_zip(archive(comment=comment)) == FINE
        assert read_zip(archive(comment=comment, is_locked=True)) == LOCKED


def test_a_zip_whose_later_entry_is_damaged_cannot_be_listed() -> None:
    for entries in (3, 9_000):
        content = bytearray(archive(entries))
        last = content.rfind(b"PK\x01\x02")
        content[last] ^= 1
        assert read_zip(bytes(content)) == BROKEN


def test_a_zip_that_cannot_be_listed_is_told() -> None:
    whole = archive()
    assert read_zip(whole[:-30]) == BROKEN
    assert read_zip(whole[:-5]) == BROKEN
    assert read_zip(b"PK\x03\x04" + b"\0" * 3_000_000) == BROKEN
    assert read_zip(whole.replace(b"PK\x01\x02", b"PK\x01\x03")) == BROKEN
    end = whole.rfind(b"PK\x05\x06")
    assert read_zip(whole[:10] + whole[end:]) == BROKEN
    assert read_zip(whole[: end + 12] + b"\x2e\0\0\0\1" + whole[end + 17 :]) == BROKEN
    beyond = struct.pack("<I", len(whole))
    assert read_zip(whole[:end] + whole[end : end + 12] + b"\5\0\0\0" + beyond + b"\0\0") == BROKEN
    many = b"PK\x01\x02" * 100_000
    false_end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 9, 9, len(many), 0, 0)
    assert read_zip(many + false_end) == BROKEN


def test_records_that_are_longer_than_their_header_are_not_read() -> None:
    header = bytes((2, 3, 0x50, 0)) + b"\0" * 8 + bytes((3, 1, 0, 0))
    assert read_rar(RAR5 + block(bytes((1, 0, 0))) + block(header)) == FINE


def test_a_rar_is_listed_or_asks_for_a_password() -> None:
    assert read_rar(rar4()) == FINE
    assert read_rar(rar4(file_flags=0x04)) == LOCKED
    assert read_rar(rar4(main_flags=0x80)) == LOCKED
    assert read_rar(rar5()) == FINE
    assert read_rar(rar5(is_locked=True)) == LOCKED
    assert read_rar(rar5(has_locked_file=True)) == LOCKED


@pytest.mark.parametrize(
    "content",
    [
        RAR4,
        RAR5,
        RAR4 + b"\0" * 100,
        RAR5 + b"\0" * 100,
        RAR4 + rar4()[27:],
        RAR5 + block(bytes((2, 0))),
        RAR5 + b"\xff" * 100,
    ],
)
def test_a_rar_that_cannot_be_listed_is_told(content: bytes) -> None:
    assert read_rar(content) == BROKEN
