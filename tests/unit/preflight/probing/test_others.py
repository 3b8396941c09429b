"""Pictures that the platform does not take are told apart; dimensions are a courtesy."""

import io
import struct

import pytest
from PIL import Image
from support.pictures import box, saved
from support.seen import seen

from alipay_mini_audit.preflight.probing.others import look_at_other, other_format

IMAGE = Image.linear_gradient("L").resize((30, 20)).convert("RGB")
FRAMES = [IMAGE.rotate(angle) for angle in (0, 40, 80)]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", None),
        (b"II*\0\x08\0\0\0", "tiff"),
        (b"MM\0*\0\0\0\x08", "tiff"),
        (b"MM\0+\0\x08\0\0", "tiff"),
        (b"\0\0\0\x1cftypavif", "avif"),
        (b"\0\0\0\x1cftypheic", "heic"),
        (b"\0\0\0\x1cftypmif1", "heic"),
        (b"\0\0\0\x1cftypmp42", None),
        (b"BM\x36\0\0\0", "bmp"),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_format_is_told_by_its_first_bytes(start: bytes, kind: str | None) -> None:
    assert other_format(start) == kind


@pytest.mark.parametrize("kind", ["GIF", "BMP", "WEBP", "TIFF"])
def test_a_still_picture_has_its_size(kind: str) -> None:
    found = seen(saved(IMAGE, kind))
    assert (found.format, found.width, found.height) == (kind.lower(), 30, 20)
    assert not found.is_animated
    assert not found.is_broken


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_a_moving_one_is_told(kind: str) -> None:
    assert seen(saved(IMAGE, kind, save_all=True, append_images=FRAMES)).is_animated is True


def test_a_gif_that_is_too_long_to_be_read_may_move_or_not() -> None:
    noise = Image.effect_noise((600, 600), 90)
    content = saved(noise, "GIF", save_all=True, append_images=[noise.rotate(90)])
    assert len(content) > 2 * 65_536
    found = seen(content)
    assert (found.width, found.is_animated) == (600, None)


def test_a_wide_gif_and_an_old_bmp_have_their_sizes() -> None:
    gif = b"GIF89a" + struct.pack("<HHBBB", 40_000, 50_000, 0, 0, 0) + b";"
    assert (seen(gif).width, seen(gif).height) == (40_000, 50_000)
    bmp = b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 300, 200, 1, 24) + bytes(20)
    assert Image.open(io.BytesIO(bmp)).size == (300, 200)
    assert (seen(bmp).width, seen(bmp).height) == (300, 200)


def heic(*boxes: bytes, brand: bytes = b"heic") -> bytes:
    size = box(b"ispe", bytes(4) + struct.pack(">II", 4032, 3024))
    owner = box(b"ipma", bytes(4) + struct.pack(">IHBB", 1, 1, 1, 1))
    items = box(b"pitm", bytes(4) + b"\0\x01") + box(b"iprp", box(b"ipco", size) + owner)
    meta = box(b"meta", bytes(4) + items + b"".join(boxes))
    return box(b"ftyp", brand + bytes(4) + brand) + meta


@pytest.mark.parametrize(
    ("brand", "kind", "moves"),
    [
        (b"heic", "heic", False),
        (b"hevc", "heic", True),
        (b"avif", "avif", False),
        (b"avis", "avif", True),
    ],
)
def test_a_picture_in_boxes_has_the_size_of_its_first_item(
    brand: bytes, kind: str, moves: bool
) -> None:
    found = seen(heic(brand=brand))
    assert (found.format, found.width, found.height) == (kind, 4032, 3024)
    assert found.is_animated is moves


def test_places_of_items_in_great_number_are_not_read() -> None:
    """They are said to be 65,535 each of no length: billions for a few thousand bytes."""
    item = struct.pack(">HHH", 1, 0, 65_535)
    places = box(b"iloc", bytes(6) + struct.pack(">H", 5000) + item * 5000)
    assert seen(heic(places)).width == 4032


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a",
        b"GIF89a" + bytes(20),
        b"BM",
        b"BM" + bytes(60),
        b"II*\0\xff\xff\xff\xff" + bytes(30),
        b"RIFF\x24\0\0\0WEBP????" + bytes(30),
        b"RIFF\x24\0\0\0WEBPVP8X",
        heic()[:60],
    ],
)
def test_one_without_a_size_is_broken(content: bytes) -> None:
    found = seen(content)
    assert found.is_broken
    assert found.format is not None


def test_nothing_is_said_of_the_pictures_in_a_tiff() -> None:
    assert seen(saved(IMAGE, "TIFF")).is_animated is None
    assert look_at_other.__doc__
