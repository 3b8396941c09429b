"""A RAR by its headers, of both versions."""

import pytest
from support.rars import block4, block5, entry4, entry5, number, rar4, rar5
from support.seen import opened, seen

from alipay_mini_audit.preflight.probing.rars import look_at_rar

DATA = b"packed" * 20_000


@pytest.mark.parametrize(
    "content",
    [
        rar4(entry4(b"a.txt", DATA), entry4(b"b.mp4", DATA)),
        rar4(entry4(b"a.txt", b""), end=False),
        rar5(entry5(b"a.txt", DATA), entry5(b"b.mp4", DATA, times=3)),
        rar5(entry5(b"a.txt", b"x"), end=False),
    ],
)
def test_an_archive_that_can_be_listed_asks_for_nothing(content: bytes) -> None:
    found = seen(content)
    assert (found.format, found.is_broken, found.is_encrypted) == ("rar", False, False)
    assert found.is_truncated is False


@pytest.mark.parametrize(
    "content",
    [
        rar4(entry4(b"a", DATA), entry4(b"b", DATA, encrypted=True)),
        rar4(main_flags=0x80),
        rar5(entry5(b"a", DATA), entry5(b"b", DATA, encrypted=True)),
        rar5(entry5(b"a", DATA, encrypted=True, times=4)),
        rar5(first=block5(4, 0, number(0) * 3 + bytes(16)), end=False) + b"\x99" * 500,
    ],
)
def test_a_password_of_an_entry_or_of_all_headers_is_seen(content: bytes) -> None:
    found = seen(content)
    assert (found.is_broken, found.is_encrypted) == (False, True)


@pytest.mark.parametrize(
    "content",
    [
        b"Rar!\x1a\x07\0",
        b"Rar!\x1a\x07\0" + block4(0x74, 0, bytes(30)),
        b"Rar!\x1a\x07\0" + bytes(40),
        b"Rar!\x1a\x07\x01\0",
        b"Rar!\x1a\x07\x01\0" + bytes(40),
        b"Rar!\x1a\x07\x01\0" + block5(2, 0, bytes(9)),
        b"Rar!\x1a\x07\x01\0" + b"\xff" * 90,
    ],
)
def test_one_without_a_first_header_is_broken(content: bytes) -> None:
    assert seen(content).is_broken


@pytest.mark.parametrize("whole", [rar4(entry4(b"a", DATA)), rar5(entry5(b"a", DATA))])
def test_one_that_ends_within_an_entry_is_truncated(whole: bytes) -> None:
    found = seen(whole[:-5000])
    assert (found.is_truncated, found.is_broken) == (True, False)


@pytest.mark.parametrize(
    "whole",
    [rar4(entry4(b"a", b"", encrypted=True)), rar5(entry5(b"a", b"", encrypted=True))],
)
def test_nothing_is_read_of_a_header_that_is_cut(whole: bytes) -> None:
    found = seen(whole[:-12])
    assert (found.is_truncated, found.is_broken, found.is_encrypted) == (True, False, False)
    assert seen(whole[:13]).is_broken


@pytest.mark.parametrize("records", [number(0) + number(1) * 5, number(0x50) + number(0)])
def test_records_that_mean_nothing_are_not_read(records: bytes) -> None:
    fields = bytes(6) + number(34) + number(1) + bytes(33)
    entry = block5(2, 0, fields, records)
    assert seen(rar5(entry)).is_encrypted is False
    longer = number(2) + number(1) + number(0x50) + fields
    header = bytes(4) + number(len(longer)) + longer
    assert seen(rar5(header)).is_encrypted is False


@pytest.mark.parametrize("content", [rar4(entry4(b"a", DATA)), rar5(entry5(b"a", DATA))])
def test_what_follows_the_entries_and_is_no_header_ends_the_list(content: bytes) -> None:
    found = seen(content[:-7] + b"\0" * 60)
    assert (found.is_broken, found.is_encrypted) == (False, False)


def test_nothing_is_said_of_a_version_that_is_not_known_or_of_too_many_entries() -> None:
    unknown = seen(b"Rar!\x1a\x07\x02\0" + bytes(50))
    assert (unknown.format, unknown.is_broken, unknown.is_encrypted) == ("rar", False, None)
    many = look_at_rar(opened(rar5(*[entry5(b"a", bytes(300))] * 500)))
    assert (many.is_broken, many.is_encrypted) == (False, None)
