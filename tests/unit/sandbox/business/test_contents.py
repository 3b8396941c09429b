import pytest
from support.sandbox_files import archive, jpeg, png, rar4, rar5, segment

from alipay_mini_audit.sandbox.business.archives import Archive
from alipay_mini_audit.sandbox.business.contents import Content
from alipay_mini_audit.sandbox.business.pictures import Picture


def look(content: bytes, piece: int) -> Content:
    found = Content()
    for start in range(0, len(content), piece):
        found.feed(content[start : start + piece])
    found.end()
    return found


@pytest.mark.parametrize("piece", [1, 7, 16_384])
def test_a_format_is_told_by_the_first_bytes(piece: int) -> None:
    files = {"png": png(3, 4), "jpg": jpeg(3, 4), "zip": archive(0), "rar": rar4(), "": rar5()}
    for name, content in files.items():
        found = look(content, piece)
        assert (found.format, found.size) == (name or "rar", len(content))
        is_picture = name in ("png", "jpg")
        assert found.picture == (Picture(width=3, height=4) if is_picture else Picture())
        assert found.archive == (Archive() if is_picture else Archive(is_listed=True))


@pytest.mark.parametrize(
    "before", [b"MZ" + bytes(900), b"#!/bin/sh\n", b"PK\x07\x08", b"PK00PK", b"\x7fELF"]
)
@pytest.mark.parametrize("comment", [b"", b"c" * 65_000])
def test_a_zip_may_have_something_before_it(before: bytes, comment: bytes) -> None:
    found = look(before + archive(comment=comment), 1000)
    assert (found.format, found.archive) == ("zip", Archive(is_listed=True))


def test_a_picture_with_a_zip_behind_it_is_a_picture() -> None:
    for start in (b"GIF89a", b"RIFF....WEBP", b"II*\0", b"\0\0\0\x18ftypheic", b"BM"):
        assert look(start + archive(), 1000).format is None
    assert look(png(3, 4) + archive(), 1000).format == "png"


def test_a_picture_of_too_many_headers_is_left_undecided() -> None:
    many = b"\xff\xd8" + segment(0xE2, b"") * 30_000
    assert look(many + jpeg(3, 4)[2:], 16_384).picture == Picture(is_undecided=True)
    assert look(many[:9], 16_384).picture == Picture()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", None),
        (b"GIF89a" + b"\0" * 20, None),
        (b"\xff\xd8", None),
        (b"\xff\xd8\xff", "jpg"),
        (b"PK\x03\x04", "zip"),
        (b"Rar!\x1a\x07", "rar"),
        (b"\x89PNG\r\n\x1a", None),
    ],
)
def test_a_short_file_has_a_format_or_none(content: bytes, name: str | None) -> None:
    assert look(content, 2).format == name
