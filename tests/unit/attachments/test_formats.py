"""Formats by first bytes, and the file name that is sent."""

import pytest

from alipay_mini_audit.attachments.formats import HEAD_BYTES, content_type, sniff, upload_name

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01"
EXIF = b"\xff\xd8\xff\xe1\x00\x18Exif\x00\x00II*\x00"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00"


@pytest.mark.parametrize(
    ("head", "extension"),
    [
        (PNG, "png"),
        (JPEG, "jpg"),
        (EXIF, "jpg"),
        (b"\xff\xd8\xff\xdb", "jpg"),
        (b"GIF87a\x01\x00", "gif"),
        (b"GIF89a\x01\x00", "gif"),
        (b"BM\x36\x00\x00\x00", "bmp"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "webp"),
        (ZIP, "zip"),
        (b"PK\x05\x06" + bytes(12), "zip"),
        (b"Rar!\x1a\x07\x00", "rar"),
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", None),
        (b"\x89PNG", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_format_is_known_by_its_first_bytes(head: bytes, extension: str | None) -> None:
    assert sniff(head) == extension
    assert sniff(head[:HEAD_BYTES]) == extension


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("a.png", "image/png"),
        ("a.PNG", "image/png"),
        ("a.jpg", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.b.zip", "application/zip"),
        ("a.rar", "application/vnd.rar"),
        ("a.exe", "application/octet-stream"),
        ("png", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_a_media_type_follows_the_extension(filename: str, expected: str) -> None:
    assert content_type(filename) == expected


@pytest.mark.parametrize(
    ("filename", "head", "expected"),
    [
        ("logo.png", PNG, "logo.png"),
        ("logo.PNG", PNG, "logo.png"),
        ("logo.jpeg", JPEG, "logo.jpeg"),
        ("logo.JPG", JPEG, "logo.jpg"),
        ("logo.jpg", PNG, "logo.png"),
        ("logo.png", JPEG, "logo.jpg"),
        ("logo", PNG, "logo.png"),
        ("logo.tar.png", PNG, "logo.tar.png"),
        ("report.dat", ZIP, "report.zip"),
        ("logo.gif", b"unknown", "logo.gif"),
        ("logo", b"unknown", "logo"),
        ("logo.gif", None, "logo.gif"),
        ("", PNG, "app_logo.png"),
        ("", None, "app_logo"),
        (".png", PNG, "app_logo.png"),
        ("图片.jpg", JPEG, "app_logo.jpg"),
        ("图片.JPG", PNG, "app_logo.png"),
        ("图片", JPEG, "app_logo.jpg"),
        ("图片.图", PNG, "app_logo.png"),
        ('a"b.png', PNG, "app_logo.png"),
        ("a\r\nX: y.png", PNG, "app_logo.png"),
        ("a.png\n", PNG, "a.png"),
        ("../../etc/a.png", PNG, "app_logo.png"),
        (r"C:\a.png", PNG, "app_logo.png"),
        ("a;b.png", PNG, "app_logo.png"),
        ("a%22.png", PNG, "app_logo.png"),
        ("screen shot (1).png", PNG, "screen shot (1).png"),
        ("a" * 101 + ".png", PNG, "app_logo.png"),
        ("a\x00.png", PNG, "app_logo.png"),
        ("\uff41.png", PNG, "app_logo.png"),
    ],
)
def test_the_name_sent_is_plain_and_has_the_extension_of_the_format(
    filename: str, head: bytes | None, expected: str
) -> None:
    assert upload_name("app_logo", filename, head) == expected
