"""A PNG by its chunks."""

import struct
import zlib

import pytest
from support.seen import seen, tiff

from alipay_mini_audit.attachments.heads import Colours


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(
    *chunks: bytes,
    width: int = 7,
    height: int = 5,
    depth: int = 8,
    colour: int = 2,
    more: bytes = b"",
    end: bytes = b"",
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0) + more
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + b"".join(chunks) + chunk(b"IDAT", bytes(9000)) + chunk(b"IEND") + end


@pytest.mark.parametrize(
    ("colour", "colours"),
    [
        (0, Colours.GREY),
        (2, Colours.RGB),
        (3, Colours.PALETTE),
        (4, Colours.GREY),
        (6, Colours.RGB),
    ],
)
def test_size_and_colours_are_those_of_the_header(colour: int, colours: Colours) -> None:
    found = seen(png(colour=colour, width=2160, height=2**31 - 1))
    assert (found.format, found.width, found.height) == ("png", 2160, 2**31 - 1)
    assert (found.colours, found.is_broken, found.is_truncated) == (colours, False, False)
    assert (found.is_animated, found.orientation) == (False, None)


@pytest.mark.parametrize(
    "content",
    [
        png()[:8],
        png()[:25],
        png(width=0),
        png(height=0),
        png()[:28],
        png(colour=1),
        png(colour=5),
        png(depth=3),
        png(depth=16, colour=3),
        png(depth=4, colour=2),
        png().replace(b"IHDR", b"IHDX"),
    ],
)
def test_one_without_a_readable_header_is_broken(content: bytes) -> None:
    assert seen(content).is_broken


def test_pictures_in_the_plural_are_an_animation() -> None:
    assert seen(png(chunk(b"acTL", struct.pack(">II", 2, 0)))).is_animated
    assert not seen(png(chunk(b"acTL", struct.pack(">II", 1, 0)))).is_animated


def test_the_orientation_is_that_of_its_exif_data() -> None:
    assert seen(png(chunk(b"tEXt", bytes(50_000)), chunk(b"eXIf", tiff(6)))).orientation == 6


def test_a_header_may_be_longer_as_for_pillow() -> None:
    found = seen(png(chunk(b"eXIf", tiff(6)), more=b"!"))
    assert (found.width, found.is_broken, found.orientation) == (7, False, 6)


def test_exif_data_behind_the_picture_count_for_want_of_others() -> None:
    def late(content: bytes, orientation: int) -> bytes:
        return content[:-12] + chunk(b"eXIf", tiff(orientation)) + content[-12:]

    assert seen(late(png(), 6)).orientation == 6
    assert seen(late(late(png(), 6), 8)).orientation == 8
    assert seen(late(png(chunk(b"eXIf", tiff(3))), 6)).orientation == 3
    assert seen(late(png(chunk(b"eXIf", b"?")), 6)).orientation == 6
    assert seen(png(chunk(b"tEXt", b"eXIf" * 3000))).orientation is None


def test_what_was_appended_does_not_make_it_truncated_but_a_missing_end_does() -> None:
    assert seen(png(end=bytes(4000))).is_truncated is False
    assert seen(png()[:-1]).is_truncated is True
    assert seen(png()[:-5000]).is_truncated is True


def test_one_whose_chunks_are_too_many_to_be_read_still_has_its_size() -> None:
    found = seen(png(*[chunk(b"tEXt", bytes(300))] * 400, chunk(b"eXIf", tiff(6))))
    assert (found.width, found.height, found.is_broken) == (7, 5, False)
    assert (found.orientation, found.is_truncated) == (None, False)
