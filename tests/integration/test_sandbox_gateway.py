"""The gateway on real sockets, called by a plain HTTP client with signatures made by
`cryptography`.
"""

import asyncio
import base64
import copy
import hashlib
import io
import json
import logging
import os
import re
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from yarl import URL

from alipay_mini_audit import ConfigurationError, Credentials
from alipay_mini_audit.sandbox import Material, SandboxGateway

APPLY = "/v3/alipay/open/mini/version/audit/apply"
CANCEL = "/v3/alipay/open/mini/version/audit/cancel"
DETAIL = "/v3/alipay/open/mini/version/detail/query"
DATA = {"app_version": "0.0.1", "version_desc": "第一个版本"}
NOW = 1_704_038_400.0
File = tuple[str, str | None, bytes]


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


class Reply:
    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of an error as the platform sends it."""
        assert "alipay-signature" not in self.headers
        assert self.headers["Content-Type"] == "application/json;charset=UTF-8"
        assert self.headers["alipay-trace-id"]
        assert list(self.json) == ["code", "message", "links"]
        assert self.json["message"]
        assert [list(link) for link in self.json["links"]] == [["link", "desc"]]
        return self.status, self.json["code"]


class Caller:
    """Signs as the protocol says, and can be told to lie."""

    def __init__(self, gateway: SandboxGateway, session: aiohttp.ClientSession) -> None:
        self.gateway = gateway
        self.session = session
        self.key = load_pem_private_key(gateway.material.app_private_key.encode(), None)

    def headers(
        self,
        method: str,
        target: str,
        body: str,
        *,
        app_id: str | None = None,
        nonce: str | None = None,
        at: float = NOW,
        token: str | None = None,
        extra: str = "",
    ) -> dict[str, str]:
        nonce = nonce or str(uuid.uuid4())
        app_id = app_id or self.gateway.material.app_id
        auth = f"app_id={app_id}{extra},nonce={nonce},timestamp={round(at * 1000)}"
        text = f"{auth}\n{method}\n{target}\n{body}\n" + ("" if token is None else f"{token}\n")
        signature = base64.b64encode(self.key.sign(text.encode(), PKCS1v15(), SHA256())).decode()
        headers = {"Authorization": f"ALIPAY-SHA256withRSA {auth},sign={signature}"}
        headers["alipay-request-id"] = "request-1"
        return headers if token is None else headers | {"alipay-app-auth-token": token}

    async def send(self, method: str, target: str, body: Any, headers: dict[str, str]) -> Reply:
        url = URL(self.gateway.base_url + target, encoded=True)
        body = io.BytesIO(body) if isinstance(body, bytes) else body
        async with self.session.request(method, url, data=body, headers=headers) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def apply(
        self,
        data: dict[str, object] | str | None = None,
        files: list[File] | None = None,
        *,
        sent: str | None = None,
        headers: dict[str, str] | None = None,
        **signing: Any,
    ) -> Reply:
        """Submit; `sent` is the data that goes out in place of the one that was signed."""
        text = data if isinstance(data, str) else json.dumps(data or DATA, ensure_ascii=False)
        kind, body = multipart([("data", None, (sent or text).encode()), *(files or [])])
        head = (
            self.headers("POST", APPLY, text, **signing) | {"Content-Type": kind} | (headers or {})
        )
        return await self.send("POST", APPLY, body, head)

    async def cancel(self, body: str = '{"app_version":"0.0.1"}', **signing: Any) -> Reply:
        head = self.headers("POST", CANCEL, body, **signing) | {"Content-Type": "application/json"}
        return await self.send("POST", CANCEL, body.encode(), head)

    async def detail(self, query: str = "app_version=0.0.1", **signing: Any) -> Reply:
        target = f"{DETAIL}?{query}"
        return await self.send("GET", target, None, self.headers("GET", target, "", **signing))


def multipart(parts: list[File], *, boundary: str = "b0undary") -> tuple[str, bytes]:
    body = b""
    for name, filename, content in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        kind = "application/json" if name == "data" else "application/octet-stream"
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
        body += head.encode() + content + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gateway(material: Material, clock: Clock) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, clock=clock) as gateway:
        yield gateway


@pytest.fixture
async def caller(gateway: SandboxGateway) -> AsyncIterator[Caller]:
    connector = aiohttp.TCPConnector(limit=200)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Caller(gateway, session)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)


def verify(reply: Reply, public_key: RSAPublicKey) -> None:
    text = f"{reply.headers['alipay-timestamp']}\n{reply.headers['alipay-nonce']}\n".encode()
    text += reply.body + b"\n"
    public_key.verify(
        base64.b64decode(reply.headers["alipay-signature"]), text, PKCS1v15(), SHA256()
    )


def alipay_key(material: Material) -> RSAPublicKey:
    key = load_pem_public_key(material.alipay_public_key.encode())
    assert isinstance(key, RSAPublicKey)
    return key


def serial_number(pem: str) -> str:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    text = certificate.issuer.rfc4514_string() + str(certificate.serial_number)
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324  # Alipay's formula


async def test_an_upload_is_accepted_and_every_file_recorded(
    caller: Caller, gateway: SandboxGateway
) -> None:
    files: list[File] = [
        ("app_logo", "logo.png", os.urandom(300_000)),
        ("first_screen_shot", "图片 1.jpg", b""),
        ("tenth_special_license_pic", "a;b.PNG", b"-" + b"--b0undary\r\n--b0undar--" * 9000),
        ("test_file_name", "report.zip", b"\r\n"),
    ]
    reply = await caller.apply(files=files)
    assert (reply.status, reply.json["speed_up"]) == (200, "true")
    verify(reply, alipay_key(gateway.material))
    assert reply.headers["alipay-timestamp"] == str(round(NOW * 1000))
    assert "alipay-sn" not in reply.headers
    (submission,) = gateway.submissions
    got = [(part.name, part.filename, part.size, part.sha256) for part in submission.parts]
    assert got == [(n, f, len(c), hashlib.sha256(c).hexdigest()) for n, f, c in files]
    assert {part.content_type for part in submission.parts} == {"application/octet-stream"}
    assert submission.app_id == gateway.material.app_id
    assert (submission.app_version, submission.fields) == ("0.0.1", DATA)
    assert submission.trace_id == reply.headers["alipay-trace-id"]
    assert submission.request_id == "request-1"
    assert not submission.chunked
    assert submission.content_length is not None
    assert submission.content_length > 300_000
    assert "第一个版本" not in repr(submission)


async def test_a_chunked_upload_is_accepted_and_recorded_as_such(
    caller: Caller, gateway: SandboxGateway
) -> None:
    text = json.dumps(DATA)
    kind, body = multipart(
        [("first_screen_shot", "1.png", b"x" * 100_000), ("data", None, text.encode())]
    )

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 777):
            yield body[start : start + 777]

    head = caller.headers("POST", APPLY, text) | {"Content-Type": kind}
    assert (await caller.send("POST", APPLY, pieces(), head)).status == 200
    (submission,) = gateway.submissions
    assert submission.chunked
    assert submission.content_length is None
    assert submission.parts[0].sha256 == hashlib.sha256(b"x" * 100_000).hexdigest()


async def test_the_peer_may_ask_whether_to_go_on(caller: Caller, gateway: SandboxGateway) -> None:
    assert (await caller.apply(headers={"Expect": "100-continue"})).status == 200
    refused = await caller.apply(headers={"Expect": "100-continue", "Authorization": "none"})
    assert refused.refusal == (400, "invalid-signature-type")
    assert len(gateway.submissions) == 1


async def test_a_hundred_uploads_at_once(caller: Caller, gateway: SandboxGateway) -> None:
    content = os.urandom(100_000)
    files: list[File] = [
        ("first_screen_shot", "1.png", content),
        ("app_logo", "2.png", content[::-1]),
    ]
    uploads = [caller.apply(DATA | {"app_version": str(i)}, files) for i in range(100)]
    assert {reply.status for reply in await asyncio.gather(*uploads)} == {200}
    assert {submission.app_version for submission in gateway.submissions} == {
        str(i) for i in range(100)
    }
    hashes = tuple(hashlib.sha256(each).hexdigest() for each in (content, content[::-1]))
    assert {tuple(part.sha256 for part in each.parts) for each in gateway.submissions} == {hashes}


async def test_one_changed_byte_is_refused(caller: Caller, gateway: SandboxGateway) -> None:
    data, target = json.dumps(DATA), f"{DETAIL}?app_version=0.0.1"
    changed = data.replace("0.0.1", "0.0.2")
    assert (await caller.apply(data, sent=changed)).refusal == (400, "invalid-signature")
    other_token = {"alipay-app-auth-token": "token-2"}
    assert (await caller.apply(token="token-1", headers=other_token)).refusal == (
        400,
        "invalid-signature",
    )
    assert (await caller.apply(headers=other_token)).refusal == (400, "invalid-signature")
    head = caller.headers("GET", target, "")
    for other in (target + "0", target + "&", target.replace("=", "=%")):
        assert (await caller.send("GET", other, None, head)).refusal == (400, "invalid-signature")
    head = caller.headers("POST", CANCEL, "{}") | {"Content-Type": "application/json"}
    assert (await caller.send("POST", CANCEL, b"{ }", head)).refusal == (400, "invalid-signature")
    assert gateway.submissions == ()


async def test_the_target_is_judged_as_it_was_sent(caller: Caller) -> None:
    for query in (
        "app_version=%30%2e0.1",
        "app_version=0.0.1&x=%e4%b8%ad&y=a+b",
        "y=~!*'()&app_version=0.0.1",
    ):
        reply = await caller.detail(query)
        assert (reply.status, reply.json["app_version"]) == (200, "0.0.1")


async def test_clock_nonce_and_app(caller: Caller, clock: Clock, gateway: SandboxGateway) -> None:
    assert (await caller.apply(at=NOW - 601)).refusal == (400, "illegal-timestamp")
    assert (await caller.apply(at=NOW + 601)).refusal == (400, "illegal-timestamp")
    assert (await caller.apply(app_id="2021000000000009")).refusal == (400, "invalid-app-id")
    assert (await caller.apply(nonce="once")).status == 200
    assert (await caller.detail(nonce="once")).refusal == (400, "invalid-parameter")
    clock.now += 601
    assert (await caller.detail(nonce="once", at=clock.now)).status == 200
    assert len(gateway.submissions) == 1


async def test_a_missing_header_and_an_empty_token_are_refused(caller: Caller) -> None:
    kind, body = multipart([("data", None, b"{}")])
    reply = await caller.send("POST", APPLY, body, {"Content-Type": kind})
    assert reply.refusal == (400, "missing-timestamp")
    reply = await caller.apply(headers={"alipay-app-auth-token": ""})
    assert reply.refusal == (401, "invalid-app-auth-token")


async def test_certificate_mode(caller: Caller, gateway: SandboxGateway) -> None:
    material = gateway.material
    sn, root = serial_number(material.app_certificate), serial_number(material.root_certificate)
    reply = await caller.apply(extra=f",app_cert_sn={sn}", headers={"alipay-root-cert-sn": root})
    assert reply.status == 200
    assert reply.headers["alipay-sn"] == serial_number(material.alipay_certificate)
    certificate = x509.load_pem_x509_certificate(material.alipay_certificate.encode())
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    verify(reply, key)
    other = await caller.apply(extra=",app_cert_sn=0")
    assert other.refusal == (400, "app-cert-not-exist")
    wrong_root = await caller.apply(extra=f",app_cert_sn={sn}", headers={"alipay-root-cert-sn": sn})
    assert wrong_root.refusal == (400, "invalid-alipay-root-cert-sn")


async def test_the_life_of_a_version(caller: Caller, gateway: SandboxGateway) -> None:
    assert (await caller.detail()).json["status"] == "INIT"
    assert (await caller.apply(DATA | {"speed_up": "false", "region_type": "CHINA"})).json[
        "speed_up"
    ] == "false"
    assert (await caller.apply()).refusal == (400, "SUBMIT_REPEAT")
    detail = await caller.detail()
    verify(detail, alipay_key(gateway.material))
    assert detail.json["status"] == "AUDITING"
    assert detail.json["gmt_apply_audit"] == "2024-01-01 00:00:00"
    assert detail.json["service_region_type"] == "CHINA"
    assert (await caller.detail(token="merchant")).json["status"] == "INIT"
    assert (await caller.cancel(token="merchant")).refusal == (400, "AUDITING_VERSION_NOT_EXIST")
    cancelled = await caller.cancel()
    verify(cancelled, alipay_key(gateway.material))
    assert cancelled.body == b"{}"
    assert (await caller.cancel("")).refusal == (400, "AUDITING_VERSION_NOT_EXIST")
    assert "gmt_apply_audit" not in (await caller.detail()).json
    assert (await caller.apply(token="merchant")).status == 200
    gateway.decide("0.0.1", "AUDIT_REJECT", reject_reason="模糊", app_auth_token="merchant")
    rejected = (await caller.detail(token="merchant")).json
    assert (rejected["status"], rejected["reject_reason"]) == ("AUDIT_REJECT", "模糊")
    assert (await caller.apply(token="merchant")).refusal == (400, "CAN_NOT_SUBMIT_WITHOUT_INIT")
    assert (await caller.detail("bundle_id=x")).refusal == (400, "APP_VERSION_IS_BLANK")
    assert [each.app_auth_token for each in gateway.submissions] == [None, "merchant"]


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
    caller: Caller, gateway: SandboxGateway, data: str | None, files: list[File], code: str
) -> None:
    assert (await caller.apply(data, files)).refusal == (400, code)
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
    caller: Caller, body: str, kind: str, code: str
) -> None:
    kind = "multipart/form-data; boundary=x" if kind == "form" else kind
    head = caller.headers("POST", APPLY, "{}") | {"Content-Type": kind}
    assert (await caller.send("POST", APPLY, body.encode(), head)).refusal == (400, code)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
async def test_a_part_without_a_readable_name_is_refused(caller: Caller) -> None:
    body = raw_part('Content-Disposition: form-data; name="data"; name="data"')
    head = caller.headers("POST", APPLY, "") | {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await caller.send("POST", APPLY, body.encode(), head)).refusal == (
        400,
        "invalid-request-data",
    )


async def test_an_upload_without_data_signs_an_empty_line(caller: Caller) -> None:
    kind, body = multipart([("app_logo", "1.png", b"x")])
    head = caller.headers("POST", APPLY, "") | {"Content-Type": kind}
    assert (await caller.send("POST", APPLY, body, head)).refusal == (400, "APP_VERSION_IS_BLANK")


async def test_wrong_calls_are_refused(caller: Caller) -> None:
    other = "/v3/alipay/open/mini/version/upload"
    reply = await caller.send("POST", other, b"{}", caller.headers("POST", other, "{}"))
    assert reply.refusal == (404, "invalid-method")
    reply = await caller.send("GET", APPLY, None, caller.headers("GET", APPLY, ""))
    assert reply.refusal == (400, "invalid-http-method")
    head = caller.headers("POST", CANCEL, "{}") | {"Content-Type": "text/plain"}
    assert (await caller.send("POST", CANCEL, b"{}", head)).refusal == (400, "invalid-content-type")
    assert (await caller.cancel("[]")).refusal == (400, "illegal-json")
    large = '{"memo":"' + "x" * 1024 * 1024 + '"}'
    assert (await caller.cancel(large)).refusal == (400, "invalid-request-data")


@pytest.mark.parametrize("end", ["", "zz\r\n"])
@pytest.mark.parametrize("framing", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
async def test_a_body_cut_short_records_nothing(
    caller: Caller,
    gateway: SandboxGateway,
    caplog: pytest.LogCaptureFixture,
    framing: str,
    end: str,
) -> None:
    text = json.dumps(DATA)
    kind, body = multipart([("data", None, text.encode())])
    head = caller.headers("POST", APPLY, text) | {"Content-Type": kind, "Host": "localhost"}
    lines = [
        f"POST {APPLY} HTTP/1.1",
        framing,
        *(f"{name}: {value}" for name, value in head.items()),
    ]
    port = URL(gateway.base_url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    chunk = body if "Length" in framing else f"{len(body):x}\r\n".encode() + body + b"\r\n"
    writer.write("\r\n".join([*lines, "", ""]).encode() + chunk)
    await writer.drain()
    await until(lambda: bool(gateway._running))
    writer.write(end.encode())
    writer.close()
    await writer.wait_closed()
    await until(lambda: not gateway._running)
    assert await reader.read() == b""
    assert gateway.submissions == ()
    assert (await caller.apply()).status == 200
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_it_closes_quickly_and_leaves_nothing(material: Material) -> None:
    before = asyncio.all_tasks()
    gateway = SandboxGateway(material=material)
    assert await gateway.start() is await gateway.start()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", gateway.base_url)
    _, writer = await asyncio.open_connection("127.0.0.1", URL(gateway.base_url).port)
    writer.write(f"POST {APPLY} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
    await until(lambda: bool(gateway._running))
    started = time.monotonic()
    await gateway.aclose()
    await gateway.aclose()
    assert time.monotonic() - started < 2
    assert asyncio.all_tasks() == before
    writer.close()
    with pytest.raises(ConfigurationError, match="not running"):
        _ = gateway.base_url


async def test_it_starts_again_and_remembers(
    material: Material, caller: Caller, gateway: SandboxGateway
) -> None:
    assert (await caller.apply()).status == 200
    await gateway.aclose()
    async with gateway:
        assert (await caller.detail()).json["status"] == "AUDITING"
    assert len(gateway.submissions) == 1
    assert gateway.material is material


async def test_it_makes_its_own_keys(tmp_path: Path) -> None:
    gateway = SandboxGateway(speed_up=False)
    assert gateway.submissions == ()
    with pytest.raises(ConfigurationError, match="start it first"):
        _ = gateway.material
    async with gateway, aiohttp.ClientSession() as session:
        assert isinstance(gateway.credentials, Credentials)
        assert gateway.credentials.app_id == gateway.material.app_id
        reply = await Caller(gateway, session).apply(at=time.time())
        assert reply.json["speed_up"] == "false"
        gateway.material.write(tmp_path)
    kept = Material.read(tmp_path)
    async with SandboxGateway(material=kept) as again, aiohttp.ClientSession() as session:
        verify(await Caller(again, session).detail(at=time.time()), alipay_key(gateway.material))


async def test_an_address_that_is_taken_is_named(
    material: Material, gateway: SandboxGateway
) -> None:
    port = URL(gateway.base_url).port
    assert port is not None
    with pytest.raises(ConfigurationError, match=str(port)):
        await SandboxGateway(material=material, port=port).start()
    with pytest.raises(ConfigurationError, match="app_version"):
        gateway.decide(" ", "RELEASE")


async def test_equal_material_is_not_mistaken_for_the_one_that_was_given(
    material: Material,
) -> None:
    twin = copy.copy(material)
    for given in (material, twin):
        async with SandboxGateway(material=given) as gateway:
            assert gateway.material is given
