"""The file name that is sent: whatever the file is called, it stays inside its quotes."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from alipay_mini_audit.attachments.formats import content_type, upload_name
from alipay_mini_audit.protocol import part_head

HEADS = {
    b"\x89PNG\r\n\x1a\n" + bytes(8): {"png"},
    b"\xff\xd8\xff\xe0" + bytes(12): {"jpg", "jpeg"},
    b"GIF89a" + bytes(10): {"gif"},
    b"BM" + bytes(14): {"bmp"},
    b"RIFF\x00\x00\x00\x00WEBPVP8 ": {"webp"},
    b"PK\x03\x04" + bytes(12): {"zip"},
    b"Rar!\x1a\x07\x01\x00" + bytes(8): {"rar"},
}
NAMES = st.text() | st.from_regex(
    r"[a-z \"\\/;=%\r\n\x00图.]{0,12}\.?[A-Za-z0-9]{0,10}", fullmatch=True
)
PLAIN = re.compile(r"[A-Za-z0-9_()+. -]+")


@given(NAMES, st.binary(max_size=16) | st.sampled_from(sorted(HEADS)) | st.none())
@example("a.png\n", None)
@example(".", b"")
@example("..", b"")
@example('x".png', None)
def test_the_name_is_plain(filename: str, head: bytes | None) -> None:
    sent = upload_name("first_screen_shot", filename, head)
    assert PLAIN.fullmatch(sent)
    assert not sent.startswith(".")
    assert len(sent) <= 110


@given(NAMES, st.sampled_from(sorted(HEADS)))
def test_the_extension_is_that_of_the_real_format(filename: str, head: bytes) -> None:
    extension = upload_name("app_logo", filename, head).rpartition(".")[2]
    assert extension in HEADS[head]


@given(NAMES, st.binary(max_size=16) | st.none())
def test_the_extension_is_in_lower_case(filename: str, head: bytes | None) -> None:
    sent = upload_name("app_logo", filename, head)
    extension = sent.rpartition(".")[2]
    # What is longer is not an extension, but a part of the name.
    if "." in sent and len(extension) <= 8:
        assert extension == extension.lower()


@given(st.from_regex(r"[a-z0-9_]{1,20}\.(png|jpg|jpeg|zip|rar)", fullmatch=True))
def test_a_plain_name_is_kept_when_nothing_is_known_of_the_content(filename: str) -> None:
    assert upload_name("app_logo", filename, None) == filename


@given(NAMES, st.binary(max_size=16) | st.none())
def test_the_part_headers_are_one_line_each(filename: str, head: bytes | None) -> None:
    sent = upload_name("app_logo", filename, head)
    lines = part_head("app_logo", content_type(sent), sent).split("\r\n")
    assert lines == [
        f"Content-Type: {content_type(sent)}",
        f'Content-Disposition: form-data; name="app_logo"; filename="{sent}"',
        "",
        "",
    ]
    assert lines[1].count('"') == 4
    assert all("\n" not in line and line.isascii() for line in lines)
