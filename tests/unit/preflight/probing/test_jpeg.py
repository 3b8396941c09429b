"""A JPEG by its markers."""

import struct

import pytest
from support.seen import seen, tiff

from alipay_mini_audit.attachments.heads import Colours

DATA = bytes.fromhex("1234ff00ffd3567800") * 60


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def frame(width: int = 7, height: int = 5, components: int = 3, marker: int = 0xC0) -> bytes:
    start = struct.pack(">BHHB", 8, height, width, components)
    return segment(marker, start + bytes(3 * components))


def adobe(transform: int) -> bytes:
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def jpeg(*segments: bytes, data: bytes = DATA, end: bytes = b"\xff\xd9") -> bytes:
    return b"\xff\xd8" + b"".join(segments) + segment(0xDA, bytes(10)) + data + end


EXIF = segment(0xE1, b"Exif\0\0" + tiff(8))


@pytest.mark.parametrize(
    ("segments", "colours"),
    [
        ([frame(components=1)], Colours.GREY),
        ([frame(components=3)], Colours.RGB),
        ([frame(components=4)], Colours.CMYK),
        ([adobe(0), frame(components=4)], Colours.CMYK),
        ([adobe(2), frame(components=4)], Colours.YCCK),
        ([frame(components=4), adobe(2)], Colours.YCCK),
        ([adobe(1), frame(components=3)], Colours.RGB),
        ([frame(components=2)], None),
    ],
)
def test_colours_are_told_by_components_and_adobes_marker(
    segments: list[bytes], colours: Colours | None
) -> None:
    found = seen(jpeg(*segments))
    assert (found.format, found.width, found.height) == ("jpg", 7, 5)
    assert (found.colours, found.is_broken, found.is_truncated) == (colours, False, False)


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCF])
def test_each_kind_of_frame_has_a_size(marker: int) -> None:
    found = seen(jpeg(segment(0xC4, b"\xff" * 30), frame(2160, 3840, marker=marker)))
    assert (found.width, found.height) == (2160, 3840)


def test_large_segments_are_stepped_over() -> None:
    large = [segment(0xE2, bytes(65_000))] * 100
    found = seen(jpeg(EXIF, *large, frame()))
    assert (found.width, found.orientation, found.is_truncated) == (7, 8, False)


def test_one_with_more_segments_than_may_be_read_is_not_called_broken() -> None:
    found = seen(jpeg(*[segment(0xE2, bytes(300))] * 400, frame()))
    assert (found.format, found.width, found.is_broken) == ("jpg", None, False)


def test_one_of_very_many_segments_is_given_up_and_not_called_broken() -> None:
    found = seen(jpeg(*[segment(0xE2, b"")] * 1000, frame()))
    assert (found.format, found.width, found.is_broken) == ("jpg", None, False)
    assert seen(jpeg(*[segment(0xE2, b"")] * 500, frame())).width == 7


def test_the_last_frame_counts() -> None:
    found = seen(jpeg(frame(7, 5, 4), frame(9, 8), segment(0xC0, b"\x08\0")))
    assert (found.width, found.height, found.colours) == (9, 8, Colours.RGB)


@pytest.mark.parametrize("between", [b"\xff\xff", b"\0\0\0", b"rubbish", b"\xff\0", b"\xff\x01"])
def test_what_stands_before_a_marker_is_skipped_as_decoders_do(between: bytes) -> None:
    found = seen(jpeg(segment(0xE0, b"JFIF\0" + bytes(9)), between, EXIF, between, frame()))
    assert (found.width, found.orientation) == (7, 8)


def test_only_the_first_exif_data_count() -> None:
    other = segment(0xE1, b"Exif\0\0" + tiff(3))
    assert seen(jpeg(segment(0xE1, b"http://ns.adobe.com/"), EXIF, other, frame())).orientation == 8


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        jpeg(),
        jpeg(frame(width=0)),
        jpeg(frame(height=0)),
        jpeg(frame())[:8],
        b"\xff\xd8\xff" + b"<html>" * 100,
        b"\xff\xd8" + b"\xff" * 5000,
        b"\xff\xd8\xff\xe0\0\0" * 50,
    ],
)
def test_one_without_a_size_is_broken(content: bytes) -> None:
    assert seen(content).is_broken


@pytest.mark.parametrize("end", [b"\xff\xd9", b"\xff\xd9\0\0", b"\xff\xd9" + b"appended" * 400])
def test_one_that_goes_on_behind_its_end_is_whole(end: bytes) -> None:
    assert seen(jpeg(frame(), end=end)).is_truncated is False


@pytest.mark.parametrize(
    "end",
    [
        b"\xff\xd9" + bytes(9000),
        b"\xff\xd9" + b"ftypmp42" * 2000,
        b"\xff\xd9" + bytes(5000) + b"\xff\xfe\xff\xc4" * 9,
    ],
)
def test_nobody_knows_whether_one_is_whole_that_ends_with_something_else(end: bytes) -> None:
    assert seen(jpeg(frame(), end=end)).is_truncated is None


@pytest.mark.parametrize(
    "content",
    [
        jpeg(frame(), end=b""),
        jpeg(frame(), data=DATA * 40, end=b""),
        jpeg(frame(), data=b"\x12\x34", end=b"\xff"),
        jpeg(frame(), data=b"", end=b""),
        b"\xff\xd8" + frame(),
    ],
)
def test_one_that_ends_within_its_data_is_truncated(content: bytes) -> None:
    assert seen(content).is_truncated is True
