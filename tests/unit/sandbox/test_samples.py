import io
import struct
import zipfile
import zlib

import pytest

from alipay_mini_audit.sandbox.samples import archive, png

SIZES = [2_048, 20_000, 200_000, 1_000_000]


def chunks_of(picture: bytes) -> dict[bytes, bytes]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    found, position = {}, 8
    while position < len(picture):
        (length,) = struct.unpack_from(">I", picture, position)
        kind = picture[position + 4 : position + 8]
        content = picture[position + 8 : position + 8 + length]
        assert struct.unpack_from(">I", picture, position + 8 + length) == (
            zlib.crc32(kind + content),
        )
        found[kind] = content
        position += 12 + length
    assert position == len(picture)
    assert list(found) == [b"IHDR", b"IDAT", b"IEND"]
    return found


@pytest.mark.parametrize("square", [False, True])
@pytest.mark.parametrize("size", [1, 500, *SIZES, 4_000_000])
def test_pictures_are_real_and_of_the_wanted_size(size: int, *, square: bool) -> None:
    picture = png(size, seed=1, square=square)
    chunks = chunks_of(picture)
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour, rest) == (8, 2, [0, 0, 0])
    assert 0 < width <= 2160
    assert 0 < height <= 3840
    assert (width == height) or not square
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == height * (1 + 3 * width)
    assert {rows[i] for i in range(0, len(rows), 1 + 3 * width)} == {0}
    if size >= 2_048:
        assert abs(len(picture) - size) <= size / 10


@pytest.mark.parametrize("size", SIZES)
def test_archives_are_real_and_of_the_wanted_size(size: int) -> None:
    content = archive(size, 1)
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["report.txt", "recording.bin"]
    assert abs(len(content) - size) <= size / 10


def test_each_seed_gives_its_own_file() -> None:
    for make in (png, lambda size, *, seed: archive(size, seed)):
        assert make(3_000, seed=1) == make(3_000, seed=1)
        assert len({make(3_000, seed=seed) for seed in range(20)}) == 20
