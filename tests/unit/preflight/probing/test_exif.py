"""The orientation in EXIF data, of either byte order."""

import struct

import pytest
from support.seen import opened, tiff

from alipay_mini_audit.preflight.probing.exif import orientation_at


def read(data: bytes) -> int | None:
    return orientation_at(opened(b"??" + data), 2, len(data))


@pytest.mark.parametrize("order", ["<", ">"])
def test_each_orientation_is_read(order: str) -> None:
    assert [read(tiff(each, order)) for each in range(1, 9)] == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"II*\0",
        b"XX*\0" + tiff(6)[4:],
        tiff(0),
        tiff(9),
        tiff(6, kind=4),
        tiff(6, count=0),
        tiff(6, count=3),
        tiff(6)[:9],
        tiff(6)[:20],
        b"II*\0" + struct.pack("<I", 2**32 - 1),
        b"II*\0" + struct.pack("<IH", 8, 65535),
    ],
)
def test_what_makes_no_sense_is_none(data: bytes) -> None:
    assert read(data) is None


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_first_one_that_can_be_read_counts(order: str) -> None:
    start = tiff(9, order)[:4] + struct.pack(f"{order}IH", 8, 5003)
    others = struct.pack(f"{order}HHII", 0x010F, 2, 1, 0) * 5000
    ours = [struct.pack(f"{order}HHIHH", 0x0112, 3, 1, each, 0) for each in (9, 6, 3)]
    assert read(start + others + b"".join(ours)) == 6


def test_it_does_not_look_behind_its_data() -> None:
    data = tiff(6)
    assert orientation_at(opened(data), 0, 10) is None
