"""File formats by their first bytes, and the file name that is sent.

The platform judges a file by the extension of the name in its part, not by its content type, and
takes a picture without an extension for an empty one. A name that is not plain ASCII is spelt
differently by every SDK. No I/O here.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HEAD_BYTES", "content_type", "sniff", "upload_name"]

HEAD_BYTES: Final = 16
"""How many of a file's first bytes `sniff` needs."""

_MAGIC: Final = re.compile(
    rb"(?P<png>\x89PNG\r\n\x1a\n)|(?P<jpg>\xff\xd8\xff)|(?P<gif>GIF8[79]a)|(?P<bmp>BM)"
    rb"|(?P<zip>PK(?:\x03\x04|\x05\x06))|(?P<rar>Rar!\x1a\x07)|(?P<webp>RIFF.{4}WEBP)",
    re.DOTALL,
)
_CONTENT_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
}
_SAME: Final = {"jpeg": "jpg"}
_PLAIN: Final = re.compile(r"[A-Za-z0-9_()+-][A-Za-z0-9_()+. -]{0,99}")
_EXTENSION: Final = re.compile(r"\.([A-Za-z0-9]{1,8})$")


def sniff(head: bytes) -> str | None:
    """Return the extension of the format that a file begins as; `None` if it is not known here."""
    found = _MAGIC.match(head)
    return None if found is None else found.lastgroup


def content_type(filename: str) -> str:
    """Return the media type for a file name."""
    return _CONTENT_TYPES.get(_split(filename)[1], "application/octet-stream")


def upload_name(name: str, filename: str, head: bytes | None) -> str:
    """Return the file name to send: plain ASCII, with the extension of the real format.

    Args:
        name: the part's wire name; it replaces a file name that is not plain ASCII.
        filename: what the file is called; may be empty.
        head: the file's first bytes; `None` if unknown: then the extension of the name is kept.
    """
    stem, extension = _split(filename)
    real = sniff(head) if head is not None else None
    if real is not None and real != _SAME.get(extension, extension):
        extension = real
    if not _PLAIN.fullmatch(stem):
        stem = name
    return f"{stem}.{extension}" if extension else stem


def _split(filename: str) -> tuple[str, str]:
    found = _EXTENSION.search(filename)
    if found is None:
        return filename, ""
    return filename[: found.start()], found[1].lower()
