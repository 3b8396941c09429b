"""Bodies as they come: read as streams, JSON parsed strictly. Uploads are read in `uploads`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NoReturn

from aiohttp import HttpVersion11, StreamReader, web

from alipay_mini_audit.sandbox.protocol.chunks import ChunkedBody
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = [
    "CIPHERTEXT",
    "JSON",
    "MAX_TEXT",
    "drain",
    "go_on",
    "media_type",
    "parse_object",
    "read_json",
]

JSON: Final = "application/json"
"""Content type of business data."""
CIPHERTEXT: Final = "text/plain"
"""Content type of business data that is encrypted."""
MAX_TEXT: Final = 1024 * 1024
"""The most business data that is read, in bytes."""


async def read_json(
    request: web.BaseRequest, *, encrypted: bool = False, content: ChunkedBody | None = None
) -> bytes:
    """Read a JSON body to its end, unparsed.

    Args:
        request: the request, its body unread.
        encrypted: whether the body has to be ciphertext.
        content: the body, if its chunks are counted; `None` takes that of the request.

    Raises:
        Refusal: it is too large, or there is one and its Content-Type is another.
        TooManyChunks: it comes in more than are taken.
        RequestPayloadError: the body ended early.
        ConnectionError: the peer left.
    """
    body = bytearray()
    stream = content or request.content
    while chunk := await stream.readany():
        body += chunk
        if len(body) > MAX_TEXT:
            raise Refusal("invalid-request-data", f"The body is larger than {MAX_TEXT} bytes.")
    content_type = media_type(request.headers)
    if body and encrypted and content_type != CIPHERTEXT:
        raise Refusal("invalid-encrypt")
    if body and not encrypted and content_type != JSON:
        raise Refusal("invalid-content-type", f"This API takes {JSON}.")
    return bytes(body)


def media_type(headers: Mapping[str, str], default: str = "") -> str:
    """Return the Content-Type without its parameters, in lower case.

    aiohttp's own property reads the whole header by recursion, which a stranger can exhaust.

    Args:
        headers: of a request or of a part.
        default: what to return without such a header.
    """
    return headers.get("Content-Type", default).partition(";")[0].strip().lower()


async def go_on(request: web.BaseRequest) -> None:
    """Tell a peer that waits for it that its body is welcome.

    Args:
        request: the request, its body unread.

    Raises:
        ConnectionError: the peer left.
    """
    expectation = request.headers.get("Expect", "").lower()
    if request.version >= HttpVersion11 and expectation == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # aiohttp would take it for the start of the answer


async def drain(stream: StreamReader | ChunkedBody) -> None:
    """Read and drop the rest of a body.

    Args:
        stream: the body.

    Raises:
        TooManyChunks: it comes in more than are taken.
        RequestPayloadError: the body ended early.
        ConnectionError: the peer left.
    """
    while not stream.at_eof():
        await stream.readany()


def parse_object(text: bytes) -> dict[str, object]:
    """Parse a JSON object; an empty text is an empty object.

    Args:
        text: the JSON, UTF-8.

    Raises:
        Refusal: it is not JSON, or not an object.
    """
    if not text:
        return {}
    try:
        value = json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refusal("illegal-json") from None
    if not isinstance(value, dict):
        raise Refusal("illegal-json")
    return value


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON
