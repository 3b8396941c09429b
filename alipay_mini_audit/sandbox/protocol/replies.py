"""What goes back: signed answers, unsigned errors."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import Mapping
from email.utils import formatdate
from typing import Final, final

import attrs
from aiohttp import web
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

from alipay_mini_audit.sandbox.protocol.encryption import Cipher
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["ReplySigner", "error_reply", "page_reply", "signed_reply"]

_CONTENT_TYPE: Final = "application/json;charset=UTF-8"
_CIPHERTEXT_TYPE: Final = "text/plain"
# As the front end spells them; Python's own table has changed with its versions.
_TITLES: Final = {413: "Request Entity Too Large", 502: "Bad Gateway"}
_HELP: Final = "https://opendocs.alipay.com/open-v3/054fcv"


@final
@attrs.frozen
class ReplySigner:
    """The platform's key, and the serial number of its certificate."""

    key: RSA.RsaKey = attrs.field(repr=False)
    alipay_sn: str

    def sign(self, message: bytes) -> str:
        """Return the signature in base64. Blocking, about a millisecond."""
        return base64.b64encode(pkcs1_15.new(self.key).sign(SHA256.new(message))).decode("ascii")


async def signed_reply(
    body: Mapping[str, object],
    signer: ReplySigner,
    *,
    cipher: Cipher | None,
    by_certificate: bool,
    trace_id: str,
    now: float,
) -> web.Response:
    """Build an answer to a call that succeeded; the signature is made in a worker thread.

    Args:
        body: what to answer.
        signer: the platform's key.
        cipher: encrypts the answer; `None` sends it as it is.
        by_certificate: whether the call came in certificate mode: the answer then names the
            certificate.
        trace_id: id of the answer.
        now: the platform's clock, seconds since 1970.
    """
    raw = _encode(body) if cipher is None else cipher.encrypt(_encode(body))
    nonce = uuid.uuid4().hex
    timestamp = str(round(now * 1000))
    message = f"{timestamp}\n{nonce}\n".encode() + raw + b"\n"
    headers = {
        "Content-Type": _CONTENT_TYPE if cipher is None else _CIPHERTEXT_TYPE,
        "alipay-trace-id": trace_id,
        "alipay-timestamp": timestamp,
        "alipay-nonce": nonce,
        "alipay-signature": await asyncio.to_thread(signer.sign, message),
    }
    if by_certificate:
        headers["alipay-sn"] = signer.alipay_sn
    return web.Response(body=raw, headers=headers)


def error_reply(refusal: Refusal, trace_id: str, now: float | None = None) -> web.Response:
    """Build an error as the platform sends it: JSON, not signed.

    Args:
        refusal: what was wrong.
        trace_id: id of the answer.
        now: the platform's clock, seconds since 1970; `None` for that of this machine.
    """
    links = [{"link": _HELP, "desc": "Common errors"}]
    body = _encode({"code": refusal.code, "message": refusal.message, "links": links})
    headers = {
        "Content-Type": _CONTENT_TYPE,
        "alipay-trace-id": trace_id,
        "Date": formatdate(now, usegmt=True),
    }
    return web.Response(status=refusal.http_status, body=body, headers=headers)


def page_reply(status: int) -> web.Response:
    """Build an error as the platform's front end sends it: an HTML page.

    Args:
        status: HTTP status, 413 or 502.
    """
    title = f"{status} {_TITLES[status]}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n"
        f"<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>tengine</center>\r\n</body>\r\n</html>\r\n"
    )
    return web.Response(status=status, text=page, content_type="text/html")


def _encode(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
