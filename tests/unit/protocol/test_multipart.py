"""The body of an upload, read back by the standard library."""

from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path

import pytest

from alipay_mini_audit.attachments import BytesSource, FilePart, PathSource
from alipay_mini_audit.protocol import body_of, part_head

LOGO = FilePart(
    "app_logo", "attachments.app_logo", PathSource(Path("logo.png")), "logo.png", "image/png", 4
)
SHOT = FilePart(
    "first_screen_shot", "", BytesSource(b"\xff\xd8\r\n--x\r\n"), "1.jpg", "image/jpeg", 9
)


def test_a_file_part_has_type_name_and_file_name() -> None:
    assert part_head("app_logo", "image/png", "logo.png") == (
        "Content-Type: image/png\r\n"
        'Content-Disposition: form-data; name="app_logo"; filename="logo.png"\r\n\r\n'
    )


def test_the_data_part_has_no_file_name() -> None:
    assert part_head("data", "application/json") == (
        'Content-Type: application/json\r\nContent-Disposition: form-data; name="data"\r\n\r\n'
    )


def test_a_body_is_the_known_bytes() -> None:
    first, second, file, last = body_of("b0", '{"memo":"图"}', "application/json", [LOGO])
    assert first == (
        b"--b0\r\nContent-Type: application/json\r\n"
        b'Content-Disposition: form-data; name="data"\r\n\r\n'
        b'{"memo":"\xe5\x9b\xbe"}'
    )
    assert second == (
        b"\r\n--b0\r\nContent-Type: image/png\r\n"
        b'Content-Disposition: form-data; name="app_logo"; filename="logo.png"\r\n\r\n'
    )
    assert file is LOGO
    assert last == b"\r\n--b0--\r\n"


@pytest.mark.parametrize("data", ["{}", ""])
@pytest.mark.parametrize("files", [[], [LOGO], [LOGO, SHOT]])
def test_a_body_is_what_a_mail_reader_reads(data: str, files: list[FilePart]) -> None:
    body = b"".join(
        piece if isinstance(piece, bytes) else b"LOGO"
        for piece in body_of("b0", data, "application/json", files)
    )
    message = message_from_bytes(
        b"Content-Type: multipart/form-data; boundary=b0\r\n\r\n" + body, policy=HTTP
    )
    found = [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]
    expected = [
        ("app_logo", "logo.png", b"LOGO"),
        ("first_screen_shot", "1.jpg", b"\xff\xd8\r\n--x\r\n"),
    ]
    assert found == [("data", None, data.encode())] * bool(data) + expected[: len(files)]
