"""Bodies: exactly as long as they say, part by part what the standard library reads."""

import asyncio
import email.parser
import email.policy
import os
from pathlib import Path
from typing import Any

import pytest
from support.content import SomeContent

from alipay_mini_audit.attachments import Attachments, FilePart
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.crypto import ContentCipher
from alipay_mini_audit.files import BufferPool, UploadResources, inspect
from alipay_mini_audit.protocol import APPLY, CANCEL, Caller, Request
from alipay_mini_audit.transport.bodies import EmptyBody, JsonBody, UploadBody
from alipay_mini_audit.transport.exchange import Exchange
from alipay_mini_audit.transport.progress import Phase, Progress

KEY = "MDEyMzQ1Njc4OWFiY2RlZg=="


class Passing(asyncio.Transport):
    """A connection that takes everything at once."""

    def __init__(self, extra: dict[str, object] | None = None) -> None:
        super().__init__(extra)
        self.protocol: asyncio.BaseProtocol = asyncio.Protocol()

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol


class Writer:
    """aiohttp's writer."""

    output_size = 0

    def __init__(self) -> None:
        self.transport = Passing()
        self.written = bytearray()
        self.lengths: list[int] = []

    def send_headers(self) -> None:
        self.written += b"head"

    async def write(self, piece: Any) -> None:
        self.written += piece
        self.lengths.append(len(piece))

    async def drain(self) -> None:
        pass


def exchange_of(progress: Progress) -> Exchange:
    return Exchange(progress, Timeouts(), asyncio.get_running_loop().time() + 10)


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
    body = UploadBody(request(content), progress, exchange_of(progress), resources)
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


@pytest.mark.parametrize(("is_tls", "most"), [(True, 48 * 1024), (False, 200_000)])
async def test_a_tls_connection_has_no_more_to_encrypt_in_one_go_than_three_records(
    tmp_path: Path, *, is_tls: bool, most: int
) -> None:
    resources = UploadResources(buffers=BufferPool(200_000))
    (tmp_path / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(500_000))
    files = await files_of(resources, app_logo=tmp_path / "1.png")
    progress = Progress(stall=30)
    content = SomeContent(APPLY, APPLY.path, "{}", files)
    body = UploadBody(request(content), progress, exchange_of(progress), resources)
    writer = Writer()
    writer.transport = Passing({"sslcontext": object() if is_tls else None})
    await body.write(writer)  # type: ignore[arg-type]
    assert max(writer.lengths) == most
    assert sum(writer.lengths) == body.size


async def test_encrypted_data_is_text_and_the_files_stay_as_they_are() -> None:
    resources = UploadResources(buffers=BufferPool(1000))
    png = b"\x89PNG\r\n\x1a\n"
    files = await files_of(resources, app_logo=png)
    content = SomeContent(APPLY, APPLY.path, "{}", files)
    progress = Progress(stall=30)
    made = request(content, ContentCipher(KEY))
    body = UploadBody(made, progress, exchange_of(progress), resources)
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
    body = JsonBody(made, progress, exchange_of(progress))
    writer = Writer()
    await body.write_with_length(writer, None)  # type: ignore[arg-type]
    assert writer.written.decode() == made.body
    assert (body.content_type, body.size) == (content_type, len(writer.written))
    assert progress.total == len(writer.written)
    assert progress.phase is Phase.WAITING


async def test_without_a_body_the_head_is_all_that_leaves() -> None:
    progress, writer = Progress(stall=30), Writer()
    body = EmptyBody(exchange_of(progress))
    assert body.size == 0
    await body.write_with_length(writer, None)  # type: ignore[arg-type]
    assert writer.written == b"head"
    assert (progress.phase, progress.sent_whole) == (Phase.WAITING, True)
    assert progress.first_byte_at is not None
