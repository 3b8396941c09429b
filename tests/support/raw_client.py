"""A client of the sandbox that shares no code with the package.

`cryptography` signs, streams carry the bytes, and every request can be told to lie.
"""

import asyncio
import base64
import hashlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from support.keys import private_key
from yarl import URL

from alipay_mini_audit.sandbox import Fault, IncomingCall, Material, SandboxGateway

APPLY = "/v3/alipay/open/mini/version/audit/apply"
CANCEL = "/v3/alipay/open/mini/version/audit/cancel"
DETAIL = "/v3/alipay/open/mini/version/detail/query"
MULTIPART = "multipart/form-data; boundary=b0undary"
File = tuple[str, str | None, bytes]
"""Name of the part, file name, content."""


@attrs.frozen
class Answer:
    """An answer as its bytes came; `body` may be shorter than announced."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of an error as the platform sends it."""
        assert "alipay-signature" not in self.headers
        assert self.headers["content-type"] == "application/json;charset=UTF-8"
        assert self.headers["alipay-trace-id"]
        assert list(self.json) == ["code", "message", "links"]
        assert self.json["message"]
        assert [list(link) for link in self.json["links"]] == [["link", "desc"]]
        return self.status, self.json["code"]

    @property
    def is_cut(self) -> bool:
        return len(self.body) < int(self.headers["content-length"])

    def is_signed_by(self, key: RSAPublicKey) -> bool:
        text = (
            f"{self.headers['alipay-timestamp']}\n{self.headers['alipay-nonce']}\n".encode()
            + self.body
            + b"\n"
        )
        try:
            key.verify(
                base64.b64decode(self.headers["alipay-signature"]), text, PKCS1v15(), SHA256()
            )
        except Exception:  # noqa: BLE001  # any is a no
            return False
        return True


class RawClient:
    """Makes and sends requests for a gateway's app, in certificate mode if told so."""

    def __init__(
        self,
        gateway: SandboxGateway,
        *,
        by_certificate: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.gateway = gateway
        self.clock = clock
        self.key = private_key(gateway.material.app_private_key.encode())
        self.app_cert_sn = cert_sn(gateway.material.app_certificate) if by_certificate else None

    def sign(
        self,
        method: str,
        target: str,
        signed: str,
        *,
        app_id: str | None = None,
        app_cert_sn: str | None = None,
        nonce: str | None = None,
        at: float | None = None,
        token: str | None = None,
    ) -> dict[str, str]:
        """Return the headers of a request whose body line is `signed`."""
        serial = app_cert_sn or self.app_cert_sn
        auth = f"app_id={app_id or self.gateway.material.app_id}"
        auth += f",app_cert_sn={serial}" if serial else ""
        auth += f",nonce={nonce or uuid.uuid4()}"
        auth += f",timestamp={round((self.clock() if at is None else at) * 1000)}"
        text = f"{auth}\n{method}\n{target}\n{signed}\n" + ("" if token is None else f"{token}\n")
        signature = base64.b64encode(self.key.sign(text.encode(), PKCS1v15(), SHA256())).decode()
        headers = {"Authorization": f"ALIPAY-SHA256withRSA {auth},sign={signature}"}
        if self.app_cert_sn:
            headers["alipay-root-cert-sn"] = cert_sn(self.gateway.material.root_certificate)
        if token is not None:
            headers["alipay-app-auth-token"] = token
        return headers

    def request(
        self,
        method: str,
        target: str,
        signed: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        **signing: Any,
    ) -> bytes:
        """Return a request; `headers` replace those that were signed."""
        return encode(
            method, target, self.sign(method, target, signed, **signing) | (headers or {}), body
        )

    def apply(
        self,
        version: str = "1",
        *,
        data: Mapping[str, object] | str | None = None,
        sent: str | None = None,
        data_type: str = "application/json",
        files: Sequence[File] = (),
        size: int = 0,
        headers: dict[str, str] | None = None,
        **signing: Any,
    ) -> bytes:
        """Return an apply, with a logo of `size` bytes before the other files.

        `data` replaces the fields, `sent` goes out in place of the text that was signed.
        """
        if data is None:
            data = {"app_version": version, "version_desc": "first"}
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        logo = [("app_logo", "logo.png", b"x" * size)] if size else []
        content = (text if sent is None else sent).encode()
        body = multipart([("data", None, content), *logo, *files], data_type=data_type)
        head = {"Content-Type": MULTIPART} | (headers or {})
        return self.request("POST", APPLY, text, body, head, **signing)

    def cancel(
        self,
        body: str = '{"app_version":"1"}',
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        **signing: Any,
    ) -> bytes:
        head = {"Content-Type": content_type} | (headers or {})
        return self.request("POST", CANCEL, body, body.encode(), head, **signing)

    def detail(
        self, query: str = "app_version=1", headers: dict[str, str] | None = None, **signing: Any
    ) -> bytes:
        return self.request("GET", f"{DETAIL}?{query}", "", b"", headers, **signing)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        url = URL(self.gateway.base_url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def send(self, request: bytes) -> Answer | None:
        """Send on a connection of its own; `None` if that ends without an answer.

        Raises:
            ConnectionResetError: it was reset.
        """
        async with self.connect() as (reader, writer):
            writer.write(request)
            return await read_answer(reader)

    async def ask(self, request: bytes) -> Answer:
        """Send on a connection of its own what is sure to be answered."""
        answer = await self.send(request)
        assert answer is not None
        return answer


def encode(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return a request; a body with Transfer-Encoding has to be in chunks already."""
    framing = {} if "Transfer-Encoding" in headers else {"Content-Length": str(len(body))}
    head = {"Host": "sandbox"} | framing | dict(headers)
    lines = [
        f"{method} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in head.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


def multipart(parts: Sequence[File], *, data_type: str = "application/json") -> bytes:
    body = b""
    for name, filename, content in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        kind = data_type if name == "data" else "application/octet-stream"
        head = f"--b0undary\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
        body += head.encode() + content + b"\r\n"
    return body + b"--b0undary--\r\n"


async def read_answer(reader: asyncio.StreamReader) -> Answer | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    status, *lines = head.decode().removesuffix("\r\n\r\n").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    try:
        body = await reader.readexactly(int(headers["content-length"]))
    except asyncio.IncompleteReadError as error:
        body = error.partial
    return Answer(int(status.split()[1]), headers, body)


def alipay_key(material: Material) -> RSAPublicKey:
    """The key that verifies answers."""
    key = load_pem_public_key(material.alipay_public_key.encode())
    assert isinstance(key, RSAPublicKey)
    return key


def cert_sn(pem: str) -> str:
    """The serial number that Alipay gives a certificate."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    text = certificate.issuer.rfc4514_string() + str(certificate.serial_number)
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324  # Alipay's formula


def arrival(gateway: SandboxGateway, number: int = 1) -> asyncio.Event:
    """Return an event that is set when a request arrives; call it before faults are added."""
    arrived = asyncio.Event()

    def note(call: IncomingCall) -> bool:
        if call.number >= number:
            arrived.set()
        return False

    gateway.faults.add(Fault.RESET, when=note, times=None)
    return arrived


def requests_under_way(gateway: SandboxGateway) -> int:
    running = gateway._listener._running
    return 0 if running is None else len(running.server._requests)


async def until_idle(gateway: SandboxGateway) -> None:
    """Wait for the requests that are under way."""
    running = gateway._listener._running
    assert running is not None
    await running.server.until_idle()
