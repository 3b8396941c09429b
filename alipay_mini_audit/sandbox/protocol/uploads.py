"""Uploads: multipart bodies read as streams, files hashed and counted, never held."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Final, cast, final

import attrs
from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.http import HttpProcessingError

from alipay_mini_audit.sandbox.business.contents import Content
from alipay_mini_audit.sandbox.protocol.bodies import CIPHERTEXT, JSON, MAX_TEXT, drain, media_type
from alipay_mini_audit.sandbox.protocol.chunks import ChunkedBody
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["ReceivedPart", "Upload", "read_upload"]

_CHUNK: Final = 16 * 1024
_EXTENSION: Final = re.compile(r".*[^./\\]\.[A-Za-z0-9]+", re.DOTALL)
_MOST_PARTS: Final = 100
"""The schema has 24; a body of nothing but parts takes long to read."""
_MALFORMED: Final = (ValueError, RuntimeError, Warning, HttpProcessingError)
"""What aiohttp raises for a body that is not multipart; it warns of bad part headers.

A `RecursionError` is a `RuntimeError`.
"""


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

    def as_json(self) -> dict[str, object]:
        """Return what a log, or another program, is told of it."""
        return {
            "name": self.name,
            "filename": self.filename,
            "size": self.size,
            "sha256": self.sha256,
        }


@final
@attrs.define
class Upload:
    """A whole multipart body.

    Attributes:
        data: content of the part `data`; `None` if it was missing.
        parts: the files that the API knows.
        contents: what those files say of themselves, by the name of the part.
        problem: the first thing in it that has to be refused, once the signature is verified.
    """

    data: bytes | None = None
    parts: list[ReceivedPart] = attrs.field(factory=list)
    contents: dict[str, Content] = attrs.field(factory=dict)
    problem: Refusal | None = None


async def read_upload(
    request: web.BaseRequest,
    file_parts: Collection[str],
    *,
    encrypted: bool = False,
    content: ChunkedBody | None = None,
) -> Upload:
    """Read a multipart body to its end.

    Args:
        request: the request, its body unread.
        file_parts: names of the file parts that the API knows.
        encrypted: whether the part `data` has to be ciphertext.
        content: the body, if its chunks are counted; `None` takes that of the request.

    Raises:
        Refusal: it is not a multipart body, it has more than 100 parts, or the part `data` is too
            large.
        TooManyChunks: it comes in more than are taken.
        RequestPayloadError: the body ended early.
        ConnectionError: the peer left.
    """
    if media_type(request.headers) != "multipart/form-data":
        raise Refusal("invalid-content-type", "This API takes multipart/form-data.")
    upload = Upload()
    try:
        reader = await request.multipart() if content is None else _reader(request, content)
        count = 0
        while (part := await reader.next()) is not None:
            count += 1
            if count > _MOST_PARTS:
                raise Refusal("invalid-request-data", f"There are more than {_MOST_PARTS} parts.")
            if not isinstance(part, BodyPartReader):
                raise Refusal("invalid-request-data", "A part is a multipart body itself.")
            if part.name == "data":
                problem = await _read_data(part, upload, encrypted=encrypted)
            else:
                problem = await _read_file(part, upload, file_parts)
            upload.problem = upload.problem or problem
    except _MALFORMED as error:
        raise Refusal("invalid-request-data", "The multipart body is malformed.") from error
    await drain(content or request.content)
    return upload


def _reader(request: web.BaseRequest, content: ChunkedBody) -> MultipartReader:
    return MultipartReader(request.headers, cast("StreamReader", content))


async def _read_data(part: BodyPartReader, upload: Upload, *, encrypted: bool) -> Refusal | None:
    is_second = upload.data is not None
    upload.data = await _read_text(part)
    if is_second:
        return Refusal("invalid-request-data", "The part data came twice.")
    if part.filename is not None:
        return Refusal("invalid-request-data", "The part data has a file name.")
    wanted = CIPHERTEXT if encrypted else JSON
    if media_type(part.headers, wanted) != wanted:
        code = "invalid-encrypt" if encrypted else "invalid-content-type"
        return Refusal(code, f"The part data is not {wanted}.")
    return None


async def _read_file(
    part: BodyPartReader, upload: Upload, file_parts: Collection[str]
) -> Refusal | None:
    content = Content()
    sha256 = await _measure(part, content)
    name = part.name
    if name is None or name not in file_parts:
        return Refusal("invalid-request-data", "A part has a name that this API does not know.")
    if any(received.name == name for received in upload.parts):
        return Refusal("invalid-request-data", f"The part {name} came twice.")
    # The platform tells the type of a file by the extension alone.
    if not part.filename or not _EXTENSION.fullmatch(part.filename):
        return Refusal("invalid-file-extension", f"{name} has no file name with an extension.")
    received = ReceivedPart(
        name=name,
        filename=part.filename,
        content_type=part.headers.get("Content-Type"),
        size=content.size,
        sha256=sha256,
    )
    upload.parts.append(received)
    upload.contents[name] = content
    return None


async def _read_text(part: BodyPartReader) -> bytes:
    text = bytearray()
    while not part.at_eof():
        text += await part.read_chunk(_CHUNK)
        if len(text) > MAX_TEXT:
            raise Refusal("invalid-request-data", f"The part data is larger than {MAX_TEXT} bytes.")
    return bytes(text)


async def _measure(part: BodyPartReader, content: Content) -> str:
    digest = hashlib.sha256()
    while not part.at_eof():
        chunk = await part.read_chunk(_CHUNK)
        digest.update(chunk)
        content.feed(chunk)
    content.end()
    return digest.hexdigest()
