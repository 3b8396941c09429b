"""Pillow judges what the probing says of pictures.

The long form: `PICTURES=5000 python -m pytest tests/property/test_pictures.py`.
"""

import os
import random
from collections import Counter

import pytest
from support.pictures import Opinion, Picture, picture, pillow_says

from alipay_mini_audit.attachments.heads import Colours
from alipay_mini_audit.preflight.probing import PICTURE_BUDGET, Details, probe, probe_head

COUNT = int(os.environ.get("PICTURES", "500"))
BATCHES = 5
COLOURS = {"L": Colours.GREY, "LA": Colours.GREY, "1": Colours.GREY, "I;16": Colours.GREY}
COLOURS |= {"RGB": Colours.RGB, "RGBA": Colours.RGB, "P": Colours.PALETTE}


def looked_at(content: bytes) -> tuple[Details, int]:
    """Return what is said of a content, and how many bytes were read for it."""
    counts: Counter[str] = Counter()

    def read_at(offset: int, count: int) -> bytes:
        assert offset >= 0
        assert count > 0
        counts["bytes"] += count
        counts["reads"] += 1
        return content[offset : offset + count]

    found = probe(read_at, len(content))
    assert counts["reads"] <= 300
    return found, counts["bytes"]


def colours_of(says: Opinion) -> Colours:
    if says.mode == "CMYK":
        return Colours.YCCK if says.transform == 2 else Colours.CMYK
    return COLOURS[says.mode]


def agree(made: Picture, found: Details, says: Opinion) -> None:
    assert found.format == says.format, made
    if made.made_as.endswith("spoilt") and says.format not in ("png", "jpg"):
        return  # these are refused whatever they hold, and readers differ over damage
    assert (found.width, found.height) == says.size, made
    if found.is_animated is not None and "," not in made.made_as:
        assert found.is_animated is says.is_animated, made
    if says.format in ("png", "jpg"):
        assert not found.is_broken, made
        if "spoilt" not in made.made_as:
            assert found.colours is colours_of(says), made
            assert found.orientation == says.orientation, made


@pytest.mark.parametrize("batch", range(BATCHES))
def test_it_agrees_with_pillow_and_reads_no_more_than_is_said(batch: int) -> None:
    readable = Counter[str]()
    for number in range(batch, COUNT, BATCHES):
        made = picture(number)
        found, read = looked_at(made.content)
        assert read <= PICTURE_BUDGET, made
        says = pillow_says(made.content)
        if says is not None:
            readable[says.format] += 1
            agree(made, found, says)
        if made.made_as in ("png", "apng", "jpeg", "ycck"):
            assert found.is_truncated is False, made
    assert {"png", "jpg", "gif", "webp"} <= readable.keys()


def test_a_heic_that_was_not_cut_has_its_dimensions() -> None:
    whole = [made for made in map(picture, range(COUNT)) if made.made_as == "heic"]
    assert whole
    for made in whole:
        found, _ = looked_at(made.content)
        assert found.format == "heic"
        size = made.content[made.content.index(b"ispe") + 8 :]
        assert found.width == int.from_bytes(size[:4])
        assert found.height == int.from_bytes(size[4:8])


def test_the_start_of_a_picture_never_makes_it_a_bad_one() -> None:
    for number in range(0, COUNT, 5):
        made = picture(number)
        says = pillow_says(made.content)
        if says is None or len(made.content) < 40:
            continue
        for count in (16, 30, len(made.content) // 2, len(made.content) - 1):
            found = probe_head(made.content[:count], len(made.content))
            assert found.format == says.format, made
            assert not found.is_broken, made
            assert not found.is_truncated, made
            if not made.made_as.endswith("spoilt"):
                assert found.width in (None, says.size[0]), made


def test_bytes_without_sense_are_looked_at_without_an_error() -> None:
    chance = random.Random(11)
    starts = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF....WEBP", b"II*\0")
    starts += (b"MM\0*", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypavif", b"PK\x03\x04", b"PK\x05\x06")
    starts += (b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\x01\0", b"")
    for start in starts:
        for _ in range(COUNT // 10):
            noise = chance.randbytes(chance.choice((3, 30, 300)))
            content = start + noise * chance.choice((1, 1, 40, 400))
            found, read = looked_at(content)
            assert read <= 2**20
            assert (found.width is None) is (found.height is None)
