"""A zip by its directory; `zipfile` is asked as well."""

import functools
import io
import random
import struct
import zipfile

import pytest
from support.seen import opened, seen

from alipay_mini_audit.preflight.probing.zips import look_at_zip


def packed(count: int = 3, *, comment: bytes = b"", data: bytes = b"data") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"报告{number}.txt", data)
        archive.comment = comment
    return file.getvalue()


def encrypted(content: bytes, entry: int) -> bytes:
    """Set the flag of one entry in the directory."""
    place = -1
    for _ in range(entry + 1):
        place = content.index(b"PK\x01\x02", place + 1)
    return content[: place + 8] + bytes([content[place + 8] | 1]) + content[place + 9 :]


def damaged(content: bytes) -> bytes:
    """Damage the second entry of the directory."""
    place = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    return content[:place] + bytes([content[place] ^ 0x80]) + content[place + 1 :]


def signed() -> bytes:
    """Return a zip whose directory ends with a signature."""
    content = packed()
    end = content.rindex(b"PK\x05\x06")
    signature = b"PK\x05\x05\3\0key"
    length = int.from_bytes(content[end + 12 : end + 16], "little") + len(signature)
    last = content[end : end + 12] + length.to_bytes(4, "little") + content[end + 16 :]
    return content[:end] + signature + last


@functools.cache
def large() -> bytes:
    """Return a zip whose end is told in 64 bits."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(66_000):
            archive.writestr(str(number), b"")
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        packed(),
        packed(0),
        packed(500),
        packed(comment=b"made by hand"),
        packed(comment=b"c" * 65_535),
        b"#!/bin/unpack\n" * 900 + packed(),
        b"MZ" + bytes(900) + packed(comment=b"c" * 65_000),
        b"PK\x07\x08" + packed(),
        b"PK00PK" + packed(),
        packed(data=random.Random(1).randbytes(200_000)),
    ],
)
def test_an_archive_that_can_be_listed_asks_for_nothing(content: bytes) -> None:
    assert zipfile.is_zipfile(io.BytesIO(content))
    found = seen(content)
    assert (found.format, found.is_broken, found.is_encrypted) == ("zip", False, False)


@pytest.mark.parametrize("behind", [b"", b"!", bytes(40)])
def test_a_comment_may_have_in_it_what_the_end_begins_with(behind: bytes) -> None:
    found = seen(packed(comment=b"see PK\x05\x06" + behind))
    assert (found.is_broken, found.is_encrypted) == (False, False)


def test_what_was_appended_or_stands_between_does_no_harm() -> None:
    assert not seen(packed(comment=b"comment") + b"appended" * 9).is_broken
    end = packed().rindex(b"PK\x05\x06")
    assert not seen(packed()[:end] + b"between" + packed()[end:]).is_broken
    assert not seen(signed()).is_broken


def test_a_comment_of_ends_takes_no_time_and_does_no_harm() -> None:
    found = seen(packed(comment=b"PK\x05\x06" * 9_000))
    assert (found.is_broken, found.is_encrypted) == (False, False)


@pytest.mark.parametrize("entry", [0, 1, 2])
def test_a_password_of_any_entry_is_seen(entry: int) -> None:
    content = encrypted(packed(comment=b"x" * 300), entry)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert [each.flag_bits & 1 for each in archive.infolist()].index(1) == entry
    assert seen(content).is_encrypted is True


@pytest.mark.parametrize(
    "content",
    [
        packed()[:-1],
        packed()[:-22],
        packed()[:60],
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(90_000),
        packed().replace(b"PK\x01\x02", b"PK\x01\x03"),
        packed()[:-10] + b"\xff\xff\xff\x7f\xff\xff\xff\x7f\0\0",
        damaged(packed()),
        b"PK\x03\x04PK\x01\x02" + struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 0, 0, 4, 0, 0),
        damaged(packed(9_000)),
        damaged(packed(comment=b"c" * 65_000)),
    ],
)
def test_one_without_a_directory_is_broken(content: bytes) -> None:
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(content)).close()
    assert seen(content).is_broken


def test_a_directory_of_64_bits_is_found() -> None:
    content = large()
    assert b"PK\x06\x06" in content[-120:]
    found = look_at_zip(opened(content, len(content)))
    assert (found.is_broken, found.is_encrypted) == (False, False)
    moved = b"before" + content
    assert not look_at_zip(opened(moved, len(moved))).is_broken
    hidden = encrypted(content, 65_999)
    assert look_at_zip(opened(hidden, len(hidden))).is_encrypted is True


def test_a_directory_that_is_too_large_to_be_read_is_taken_to_be_a_good_one() -> None:
    found = seen(large())
    assert (found.format, found.is_broken, found.is_encrypted) == ("zip", False, None)


def test_names_that_zipfile_cannot_read_are_no_matter() -> None:
    content = packed().replace("报告".encode(), b"\xff\xfe\xff\xfe\xff\xfe")
    with pytest.raises(UnicodeDecodeError):
        zipfile.ZipFile(io.BytesIO(content)).close()
    assert not seen(content).is_broken
