"""What arrives: bodies read as streams, files hashed and counted, never held."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final, NoReturn, final

import attrs
from aiohttp import BodyPartReader, HttpVersion11, StreamReader, web
from aiohttp.http import HttpProcessingError

from alipay_mini_audit.attachments.parts import PARTS
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = [
    "ReceivedPart",
    "Submission",
    "Upload",
    "drain",
    "go_on",
    "parse_object",
    "read_json",
    "read_upload",
]

_CHUNK: Final = 16 * 1024
_MAX_TEXT: Final = 1024 * 1024
_JSON: Final = "application/json"
_CIPHERTEXT: Final = "text/plain"
_EXTENSION: Final = re.compile(r".*[^./\\]\.[A-Za-z0-9]+", re.DOTALL)
_BROKEN: Final = (ValueError, RuntimeError, Warning, HttpProcessingError)
"""What the multipart reader raises for a body that is none; it warns of bad part headers."""


@final
@attrs.frozen(kw_only=True)
class ReceivedPart:
    """One file as it arrived.

    Attributes:
        name: name of the part, e.g. `first_screen_shot`.
        filename: the file name that was sent.
        content_type: the part's Content-Type; `None` if it had none.
        size: in bytes.
        sha256: hash of the content, in lower-case hexadecimal digits.
    """

    name: str
    filename: str
    content_type: str | None
    size: int
    sha256: str


@final
@attrs.frozen(kw_only=True)
class Submission:
    """One accepted apply.

    Attributes:
        app_id: the app that called.
        app_version: the version that is now under audit.
        app_auth_token: the merchant's token; `None` if the app called for itself.
        fields: the JSON object of the part `data`.
        parts: the files, in the order in which they came.
        request_id: the caller's id of the request; `None` if it sent none.
        trace_id: the gateway's id of the answer.
        chunked: whether the body came in chunks instead of with a Content-Length.
        content_length: in bytes; `None` if it was not announced.
    """

    app_id: str
    app_version: str
    app_auth_token: str | None = attrs.field(repr=False)
    fields: Mapping[str, object] = attrs.field(repr=False)
    parts: tuple[ReceivedPart, ...]
    request_id: str | None
    trace_id: str
    chunked: bool
    content_length: int | None


@final
@attrs.define
class Upload:
    """A whole multipart body.

    Attributes:
        data: content of the part `data`; `None` if it was missing.
        parts: the files that the platform knows.
        problem: the first thing in it that has to be refused, once the signature is verified.
    """

    data: bytes | None = None
    parts: list[ReceivedPart] = attrs.field(factory=list)
    problem: Refusal | None = None


async def read_upload(request: web.BaseRequest, *, encrypted: bool = False) -> Upload:
    """Read a multipart body to its end.

    Args:
        request: the request, its body unread.
        encrypted: whether the part `data` has to be ciphertext.

    Raises:
        Refusal: it is no multipart body, or the part `data` is too large.
        RequestPayloadError: the body ended early.
        ConnectionError: the peer left.
    """
    if request.content_type != "multipart/form-data":
        raise Refusal("invalid-content-type", "This API takes multipart/form-data.")
    upload = Upload()
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise Refusal("invalid-request-data", "A part is a multipart body itself.")
            await _read_part(part, upload, encrypted=encrypted)
    except _BROKEN as error:
        raise Refusal("invalid-request-data", "The multipart body is malformed.") from error
    await drain(request.content)
    return upload


async def read_json(request: web.BaseRequest, *, encrypted: bool = False) -> bytes:
    """Read a JSON body to its end, unparsed.

    Args:
        request: the request, its body unread.
        encrypted: whether the body has to be ciphertext.

    Raises:
        Refusal: it is too large, or there is one and its Content-Type is another.
        RequestPayloadError: the body ended early.
        ConnectionError: the peer left.
    """
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > _MAX_TEXT:
            raise Refusal("invalid-request-data", f"The body is larger than {_MAX_TEXT} bytes.")
    if body and encrypted and request.content_type != _CIPHERTEXT:
        raise Refusal("invalid-encrypt")
    if body and not encrypted and request.content_type != _JSON:
        raise Refusal("invalid-content-type", f"This API takes {_JSON}.")
    return bytes(body)


async def go_on(request: web.BaseRequest) -> None:
    """Tell a peer that waits for it that its body is welcome.

    Args:
        request: the request, its body unread.

    Raises:
        ConnectionError: the peer left.
    """
    if (
        request.version >= HttpVersion11
        and request.headers.get("Expect", "").lower() == "100-continue"
    ):
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # it counts as no answer


async def drain(stream: StreamReader) -> None:
    """Read and drop the rest of a body.

    Args:
        stream: the body.

    Raises:
        RequestPayloadError: the body ended early.
        ConnectionError: the peer left.
    """
    while not stream.at_eof():
        await stream.readany()


def parse_object(text: bytes) -> dict[str, object]:
    """Parse a JSON object; no text is an empty one.

    Raises:
        Refusal: it is not JSON, or no object.
    """
    if not text:
        return {}
    try:
        value = json.loads(text.decode("utf-8"), parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise Refusal("illegal-json") from None
    if not isinstance(value, dict):
        raise Refusal("illegal-json")
    return value


def _no_json(constant: str) -> NoReturn:
    raise ValueError(constant)


async def _read_part(part: BodyPartReader, upload: Upload, *, encrypted: bool) -> None:
    name = part.name
    if name == "data":
        second = upload.data is not None
        upload.data = await _read_text(part)
        problem = _problem_of_data(part, second=second, encrypted=encrypted)
    else:
        size, sha256 = await _measure(part)
        known = {received.name for received in upload.parts}
        problem = _problem_of_file(part, second=name in known)
        if problem is None:
            received = ReceivedPart(
                name=name or "",
                filename=part.filename or "",
                content_type=part.headers.get("Content-Type"),
                size=size,
                sha256=sha256,
            )
            upload.parts.append(received)
    upload.problem = upload.problem or problem


def _problem_of_data(part: BodyPartReader, *, second: bool, encrypted: bool) -> Refusal | None:
    if second:
        return Refusal("invalid-request-data", "The part data came twice.")
    if part.filename is not None:
        return Refusal("invalid-request-data", "The part data has a file name.")
    wanted = _CIPHERTEXT if encrypted else _JSON
    content_type = part.headers.get("Content-Type", wanted).partition(";")[0].strip().lower()
    if content_type != wanted:
        code = "invalid-encrypt" if encrypted else "invalid-content-type"
        return Refusal(code, f"The part data is not {wanted}.")
    return None


def _problem_of_file(part: BodyPartReader, *, second: bool) -> Refusal | None:
    if part.name not in PARTS:
        return Refusal("invalid-request-data", "A part has a name that this API does not know.")
    if second:
        return Refusal("invalid-request-data", f"The part {part.name} came twice.")
    # The platform tells the type of a file by the extension alone.
    if not part.filename or not _EXTENSION.fullmatch(part.filename):
        return Refusal("invalid-file-extension", f"{part.name} has no file name with an extension.")
    return None


async def _read_text(part: BodyPartReader) -> bytes:
    text = bytearray()
    while not part.at_eof():
        text += await part.read_chunk(_CHUNK)
        if len(text) > _MAX_TEXT:
            raise Refusal(
                "invalid-request-data", f"The part data is larger than {_MAX_TEXT} bytes."
            )
    return bytes(text)


async def _measure(part: BodyPartReader) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while not part.at_eof():
        chunk = await part.read_chunk(_CHUNK)
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()
