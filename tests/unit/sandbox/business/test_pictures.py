import struct

import pytest
from support.sandbox_files import PRINT, chunk, exif, jpeg, png, segment

from alipay_mini_audit.sandbox.business.pictures import Picture, walk_jpeg, walk_png
from alipay_mini_audit.sandbox.business.walks import Walker


def read(content: bytes) -> Picture:
    picture = Picture()
    walk = walk_png if content.startswith(b"\x89") else walk_jpeg
    walker = Walker(walk(picture))
    for start in range(0, len(content), 7):
        walker.feed(content[start : start + 7])
    return picture


def test_a_png_tells_its_size_and_turn() -> None:
    assert read(png(30, 40)) == Picture(width=30, height=40)
    assert read(png(30, 40, orientation=6)) == Picture(width=30, height=40, orientation=6)
    assert read(png(30, 40, orientation=3, is_late=True)).orientation == 3


def test_a_jpeg_tells_its_size_turn_and_colours() -> None:
    assert read(jpeg(30, 40)) == Picture(width=30, height=40)
    assert read(jpeg(30, 40, orientation=8)) == Picture(width=30, height=40, orientation=8)
    assert read(jpeg(30, 40, channels=PRINT)) == Picture(width=30, height=40, is_for_print=True)
    assert read(jpeg(30, 40, profile=180_000)).width == 30


def test_the_turn_before_the_data_of_a_png_counts_and_the_last_frame_of_a_jpeg() -> None:
    def late(content: bytes, orientation: int) -> bytes:
        return content[:-12] + chunk(b"eXIf", exif(orientation)) + content[-12:]

    assert read(late(png(30, 40, orientation=3), 6)).orientation == 3
    assert read(late(late(png(30, 40), 6), 8)).orientation == 8
    others = jpeg(9, 8, channels=PRINT, orientation=6)[2:-1]
    start = others[: others.index(b"\xff\xda")]
    found = read(b"\xff\xd8" + start + jpeg(30, 40, orientation=3)[2:])
    assert found == Picture(width=30, height=40, orientation=6)


def test_a_png_needs_a_header_that_means_something() -> None:
    for depth, colour in ((8, 1), (8, 5), (8, 7), (3, 0), (1, 2), (16, 3), (4, 4), (0, 6)):
        header = struct.pack(">IIBBBBB", 30, 40, depth, colour, 0, 0, 0)
        start = b"\x89PNG\r\n\x1a\n"
        assert read(start + chunk(b"IHDR", header) + chunk(b"IEND")).is_broken
        header = struct.pack(">IIBBBBB", 30, 40, 1, 0, 0, 0, 0)
        assert read(start + chunk(b"IHDR", header + b"!") + chunk(b"IEND")).width == 30
        assert read(start + chunk(b"IHDR", header[:12]) + chunk(b"IEND")).is_broken


def test_only_a_quarter_turn_exchanges_the_sides() -> None:
    turned = [number for number in range(1, 9) if Picture(orientation=number).is_turned]
    assert turned == [5, 6, 7, 8]


def test_what_ends_before_its_dimensions_is_broken() -> None:
    whole = png(30, 40)
    assert {read(whole[:length]).is_broken for length in range(8, 29)} == {True}
    assert not read(whole[:29]).is_broken
    assert read(jpeg(30, 40)[:30]).is_broken
    assert read(b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"x" * 13)).is_broken
    assert read(png(0, 40)).is_broken
    assert read(jpeg(30, 0)).is_broken
    assert read(b"\xff\xd8" + segment(0xDA, b"") + jpeg(30, 40)[2:]).is_broken
    assert read(b"\xff\xd8" + segment(0xC0, b"\0")).is_broken
    assert read(b"\xff\xd8" + b"\xff" * 200_000).is_broken


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        b"II*\0" + struct.pack("<I", 2**32 - 1),
        exif(6)[:20],
        exif(9),
        exif(6).replace(b"II", b"XX"),
        b"II*\0" + struct.pack("<IH", 8, 65535),
    ],
)
def test_an_unreadable_turn_is_none(block: bytes) -> None:
    content = b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + block) + jpeg(30, 40)[2:]
    assert read(content) == Picture(width=30, height=40)
