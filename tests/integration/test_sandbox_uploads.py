"""Uploads to the gateway on real sockets: what is recorded, and what is refused."""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import AsyncIterator

import pytest
from support.raw_client import (
    APPLY,
    MULTIPART,
    File,
    RawClient,
    alipay_key,
    arrival,
    encode,
    multipart,
    read_answer,
    until_idle,
)

from alipay_mini_audit.sandbox import Material, SandboxGateway

DATA = {"app_version": "0.0.1", "version_desc": "第一个版本"}
NOW = 1_704_038_400.0


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, clock=lambda: NOW, strict=False) as gateway:
        yield gateway


@pytest.fixture
def raw(gateway: SandboxGateway) -> RawClient:
    return RawClient(gateway, clock=lambda: NOW)


async def test_an_upload_is_accepted_and_every_file_recorded(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    files: list[File] = [
        ("app_logo", "logo.png", os.urandom(300_000)),
        ("first_screen_shot", "图片 1.jpg", b""),
        ("tenth_special_license_pic", "a;b.PNG", b"-" + b"--b0undary\r\n--b0undar--" * 9000),
        ("test_file_name", "report.zip", b"\r\n"),
    ]
    headers = {"alipay-request-id": "request-1"}
    answer = await raw.ask(raw.apply(data=DATA, files=files, headers=headers))
    assert (answer.status, answer.json["speed_up"]) == (200, "true")
    assert answer.is_signed_by(alipay_key(gateway.material))
    assert answer.headers["alipay-timestamp"] == str(round(NOW * 1000))
    assert "alipay-sn" not in answer.headers
    (submission,) = gateway.submissions
    got = [(part.name, part.filename, part.size, part.sha256) for part in submission.parts]
    assert got == [(n, f, len(c), hashlib.sha256(c).hexdigest()) for n, f, c in files]
    assert {part.content_type for part in submission.parts} == {"application/octet-stream"}
    assert submission.app_id == gateway.material.app_id
    assert (submission.app_version, submission.fields) == ("0.0.1", DATA)
    assert submission.trace_id == answer.headers["alipay-trace-id"]
    assert submission.request_id == "request-1"
    assert not submission.chunked
    assert submission.content_length is not None
    assert submission.content_length > 300_000
    assert "第一个版本" not in repr(submission)


async def test_a_chunked_upload_is_accepted_and_recorded_as_such(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    text = json.dumps(DATA)
    body = multipart(
        [("first_screen_shot", "1.png", b"x" * 100_000), ("data", None, text.encode())]
    )
    pieces = [body[start : start + 777] for start in range(0, len(body), 777)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    headers = {"Content-Type": MULTIPART, "Transfer-Encoding": "chunked"}
    assert (await raw.ask(raw.request("POST", APPLY, text, chunks, headers))).status == 200
    (submission,) = gateway.submissions
    assert submission.chunked
    assert submission.content_length is None
    assert submission.parts[0].sha256 == hashlib.sha256(b"x" * 100_000).hexdigest()


async def test_the_peer_may_ask_whether_to_go_on(raw: RawClient, gateway: SandboxGateway) -> None:
    expect = {"Expect": "100-continue"}
    async with raw.connect() as (reader, writer):
        writer.write(raw.apply(headers=expect))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        accepted = await read_answer(reader)
        assert accepted is not None
        assert accepted.status == 200
        writer.write(raw.apply(headers=expect | {"Authorization": "none"}))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        refused = await read_answer(reader)
        assert refused is not None
        assert refused.refusal == (400, "invalid-signature-type")
    assert len(gateway.submissions) == 1


async def test_a_hundred_uploads_at_once(raw: RawClient, gateway: SandboxGateway) -> None:
    content = os.urandom(100_000)
    files: list[File] = [
        ("first_screen_shot", "1.png", content),
        ("app_logo", "2.png", content[::-1]),
    ]
    uploads = [raw.ask(raw.apply(str(i), files=files)) for i in range(100)]
    assert {answer.status for answer in await asyncio.gather(*uploads)} == {200}
    assert {submission.app_version for submission in gateway.submissions} == {
        str(i) for i in range(100)
    }
    hashes = tuple(hashlib.sha256(each).hexdigest() for each in (content, content[::-1]))
    assert {tuple(part.sha256 for part in each.parts) for each in gateway.submissions} == {hashes}


@pytest.mark.parametrize(
    ("data", "files", "code"),
    [
        ("{", [], "illegal-json"),
        ("[]", [], "illegal-json"),
        ('{"app_version":NaN}', [], "illegal-json"),
        ("[" * 100_000, [], "illegal-json"),
        ("{}", [], "APP_VERSION_IS_BLANK"),
        ('{"app_version":" "}', [], "APP_VERSION_IS_BLANK"),
        ('{"app_version":"1"}', [], "VERSION_DESC_IS_BLANK"),
        ('{"app_version":1}', [], "INVALID_PARAMETER"),
        (None, [("logo", "1.png", b"x")], "invalid-request-data"),
        (None, [("app_logo", "1.png", b"x")] * 2, "invalid-request-data"),
        (None, [("data", None, b"{}")], "invalid-signature"),
        (None, [("app_logo", None, b"x")], "invalid-file-extension"),
        (None, [("app_logo", "logo", b"x")], "invalid-file-extension"),
        (None, [("app_logo", ".png", b"x")], "invalid-file-extension"),
        ('{"memo":"' + "x" * 1024 * 1024 + '"}', [], "invalid-request-data"),
    ],
)
async def test_wrong_uploads_are_refused(
    raw: RawClient, gateway: SandboxGateway, data: str | None, files: list[File], code: str
) -> None:
    assert (await raw.ask(raw.apply(data=data, files=files))).refusal == (400, code)
    assert gateway.submissions == ()


def raw_part(head: str, content: str = "{}") -> str:
    return f"--x\r\n{head}\r\n\r\n{content}\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (
            raw_part('Content-Disposition: form-data; name="data"; filename="a.json"'),
            "form",
            "invalid-request-data",
        ),
        (
            raw_part('Content-Disposition: form-data; name="data"\r\nContent-Type: text/plain'),
            "form",
            "invalid-content-type",
        ),
        (
            raw_part("Content-Type: multipart/mixed; boundary=y", "--y--"),
            "form",
            "invalid-request-data",
        ),
        (
            '--x\r\nContent-Disposition: form-data; name="data"\r\n\r\n{}',
            "form",
            "invalid-request-data",
        ),
        ("no multipart", "form", "invalid-request-data"),
        ("", "form", "invalid-request-data"),
        ("{}", "application/json", "invalid-content-type"),
        ("{}", "multipart/form-data", "invalid-request-data"),
    ],
)
async def test_malformed_uploads_are_refused(
    raw: RawClient, body: str, kind: str, code: str
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x" if kind == "form" else kind}
    answer = await raw.ask(raw.request("POST", APPLY, "{}", body.encode(), headers))
    assert answer.refusal == (400, code)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
async def test_a_part_without_a_readable_name_is_refused(raw: RawClient) -> None:
    body = raw_part('Content-Disposition: form-data; name="data"; name="data"')
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await raw.ask(raw.request("POST", APPLY, "", body.encode(), headers))
    assert answer.refusal == (400, "invalid-request-data")


async def test_an_upload_without_data_signs_an_empty_line(raw: RawClient) -> None:
    body = multipart([("app_logo", "1.png", b"x")])
    answer = await raw.ask(raw.request("POST", APPLY, "", body, {"Content-Type": MULTIPART}))
    assert answer.refusal == (400, "APP_VERSION_IS_BLANK")


@pytest.mark.parametrize("end", ["", "zz\r\n"])
@pytest.mark.parametrize("framing", ["Content-Length", "Transfer-Encoding"])
async def test_a_body_cut_short_records_nothing(
    raw: RawClient,
    gateway: SandboxGateway,
    caplog: pytest.LogCaptureFixture,
    framing: str,
    end: str,
) -> None:
    text = json.dumps(DATA)
    body = multipart([("data", None, text.encode())])
    headers = raw.sign("POST", APPLY, text) | {"Content-Type": MULTIPART}
    if framing == "Content-Length":
        request = encode("POST", APPLY, headers | {framing: "100000"}, body)
    else:
        request = encode(
            "POST", APPLY, headers | {framing: "chunked"}, b"%x\r\n%b\r\n" % (len(body), body)
        )
    arrived = arrival(gateway)
    async with raw.connect() as (reader, writer):
        writer.write(request)
        await writer.drain()
        await arrived.wait()
        writer.write(end.encode())
        writer.close()
        await writer.wait_closed()
        await until_idle(gateway)
        assert await reader.read() == b""
    assert gateway.submissions == ()
    assert (await raw.ask(raw.apply())).status == 200
    warned = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not [record for record in warned if record.name != "asyncio"]  # which tells of slowness
