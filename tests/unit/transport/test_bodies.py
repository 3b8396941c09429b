"""Bodies: exactly as long as they say, part by part what the standard library reads."""

import email.parser
import email.policy
import os
from pathlib import Path
from typing import Any

import pytest
from support.content import SomeContent

from alipay_mini_audit.attachments import Attachments, FilePart
from alipay_mini_audit.crypto import ContentCipher
from alipay_mini_audit.files import BufferPool, UploadResources, inspect
from alipay_mini_audit.protocol import APPLY, CANCEL, Caller, Request
from alipay_mini_audit.transport.bodies import JsonBody, UploadBody
from alipay_mini_audit.transport.progress import Phase, Progress

KEY = "MDEyMzQ1Njc4OWFiY2RlZg=="


class Writer:
    """aiohttp's writer, without a connection."""

    transport = None
    output_size = 0

    def __init__(self) -> None:
        self.written = bytearray()

    async def write(self, piece: Any) -> None:
        self.written += piece

    async def drain(self) -> None:
        pass


def request(content: SomeContent, cipher: ContentCipher | None = None) -> Request:
    return Request(
        call=content,
        caller=Caller("1"),
        cipher=cipher,
        request_id="r",
        nonce="n",
        timestamp_ms=1,
    )


def parts_of(body: UploadBody, written: bytes) -> list[tuple[str, str, str | None, bytes]]:
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + written)
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_content_type(),
            part.get_filename(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()  # type: ignore[attr-defined]
    ]


async def files_of(resources: UploadResources, **given: Any) -> tuple[FilePart, ...]:
    return await inspect(Attachments(**given).parts, resources)


@pytest.mark.parametrize("chunk_size", [1, 1000, 100_000])
async def test_an_upload_has_the_length_that_it_says_and_every_byte(
    chunk_size: int, tmp_path: Path
) -> None:
    resources = UploadResources(buffers=BufferPool(chunk_size))
    png = b"\x89PNG\r\n\x1a\n" + os.urandom(3000)
    (tmp_path / "1.png").write_bytes(png)
    files = await files_of(resources, app_logo=png, screen_shots=[tmp_path / "1.png", png])
    progress = Progress(stall=30)
    content = SomeContent(APPLY, APPLY.path, '{"memo":"咖啡"}', files)
    body = UploadBody(request(content), progress, resources)
    writer = Writer()
    await body.write(writer)  # type: ignore[arg-type]
    assert len(writer.written) == body.size == progress.total
    assert parts_of(body, bytes(writer.written)) == [
        ("data", "application/json", None, '{"memo":"咖啡"}'.encode()),
        ("app_logo", "image/png", "app_logo.png", png),
        ("first_screen_shot", "image/png", "1.png", png),
        ("second_screen_shot", "image/png", "second_screen_shot.png", png),
    ]
    assert progress.sent_whole


async def test_encrypted_data_is_text_and_the_files_stay_as_they_are() -> None:
    resources = UploadResources(buffers=BufferPool(1000))
    png = b"\x89PNG\r\n\x1a\n"
    files = await files_of(resources, app_logo=png)
    content = SomeContent(APPLY, APPLY.path, "{}", files)
    body = UploadBody(request(content, ContentCipher(KEY)), Progress(stall=30), resources)
    writer = Writer()
    await body.write(writer)  # type: ignore[arg-type]
    data, logo = parts_of(body, bytes(writer.written))
    assert data[:3] == ("data", "text/plain", None)
    assert data[3] != b"{}"
    assert logo[3] == png


@pytest.mark.parametrize(
    ("cipher", "content_type"),
    [(None, "application/json"), (ContentCipher(KEY), "text/plain")],
)
async def test_a_json_body_is_its_text_or_its_ciphertext(
    cipher: ContentCipher | None, content_type: str
) -> None:
    progress = Progress(stall=30)
    made = request(SomeContent(CANCEL, CANCEL.path, '{"app_version":"咖"}'), cipher)
    body = JsonBody(made, progress)
    writer = Writer()
    await body.write_with_length(writer, None)  # type: ignore[arg-type]
    assert writer.written.decode() == made.body
    assert (body.content_type, body.size) == (content_type, len(writer.written))
    assert progress.total == len(writer.written)
    assert progress.phase is Phase.WAITING
