"""A client of the sandbox that shares no code with the package.

`cryptography` signs, streams carry the bytes.
"""

import asyncio
import base64
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from yarl import URL

from alipay_mini_audit.sandbox import SandboxGateway

APPLY = "/v3/alipay/open/mini/version/audit/apply"
CANCEL = "/v3/alipay/open/mini/version/audit/cancel"
DETAIL = "/v3/alipay/open/mini/version/detail/query"


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
    def code(self) -> tuple[int, str]:
        assert "alipay-signature" not in self.headers
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


class Outsider:
    """Makes requests for a gateway's app."""

    def __init__(
        self, gateway: SandboxGateway, *, certified: tuple[str, str] | None = None
    ) -> None:
        self.gateway = gateway
        self.certified = certified
        key = load_pem_private_key(gateway.material.app_private_key.encode(), None)
        assert isinstance(key, RSAPrivateKey)
        self.key = key

    def request(
        self,
        method: str,
        target: str,
        signed: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        at: float | None = None,
    ) -> bytes:
        serial = f",app_cert_sn={self.certified[0]}" if self.certified else ""
        auth = f"app_id={self.gateway.material.app_id}{serial},nonce={uuid.uuid4()}"
        auth += f",timestamp={round((time.time() if at is None else at) * 1000)}"
        text = f"{auth}\n{method}\n{target}\n{signed}\n".encode()
        signature = base64.b64encode(self.key.sign(text, PKCS1v15(), SHA256())).decode()
        head = {"Host": "sandbox", "Authorization": f"ALIPAY-SHA256withRSA {auth},sign={signature}"}
        if self.certified:
            head["alipay-root-cert-sn"] = self.certified[1]
        head |= {"Content-Length": str(len(body))} | (headers or {})
        lines = [
            f"{method} {target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in head.items()),
            "",
            "",
        ]
        return "\r\n".join(lines).encode() + body

    def apply(
        self,
        version: str = "1",
        *,
        size: int = 0,
        data: str | None = None,
        data_type: str = "application/json",
        headers: dict[str, str] | None = None,
        at: float | None = None,
    ) -> bytes:
        """Return an apply with a logo of `size` bytes.

        `data` replaces the JSON text of the part.
        """
        text = (
            json.dumps({"app_version": version, "version_desc": "first"}) if data is None else data
        )
        parts = [f'name="data"\r\nContent-Type: {data_type}\r\n\r\n{text}'.encode()]
        if size:
            parts.append(b'name="app_logo"; filename="logo.png"\r\n\r\n' + b"x" * size)
        body = (
            b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
            + b"--b--\r\n"
        )
        head = {"Content-Type": "multipart/form-data; boundary=b"} | (headers or {})
        return self.request("POST", APPLY, text, body, head, at=at)

    def cancel(self, body: str, content_type: str = "application/json", **headers: str) -> bytes:
        return self.request(
            "POST", CANCEL, body, body.encode(), {"Content-Type": content_type} | headers
        )

    def detail(self, version: str = "1", headers: dict[str, str] | None = None) -> bytes:
        return self.request("GET", f"{DETAIL}?app_version={version}", "", b"", headers)

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
