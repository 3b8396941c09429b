"""The body of an upload (RFC 7578): text around files. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable

from alipay_mini_audit.attachments import BytesSource, FilePart

__all__ = ["body_of", "part_head"]


def part_head(name: str, content_type: str, filename: str | None = None) -> str:
    """Return the lines above the content of one part, spelt as the official SDKs spell them.

    They never write `filename*`.

    Args:
        name: the part's wire name: letters, digits, underscores.
        content_type: its media type; the platform does not look at it in file parts.
        filename: plain ASCII without quotes, with the extension of the format; `None` for part
            `data`.
    """
    disposition = f'form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    return f"Content-Type: {content_type}\r\nContent-Disposition: {disposition}\r\n\r\n"


def body_of(
    boundary: str, data: str, content_type: str, files: Iterable[FilePart]
) -> list[bytes | FilePart]:
    """Return what is sent, in order: bytes, and files whose content belongs between them.

    Args:
        boundary: separates the parts, as in the header of the request.
        data: content of part `data`; empty leaves the part out.
        content_type: media type of `data`.
        files: the other parts, in the order of sending.
    """
    pieces: list[bytes | FilePart] = []
    delimiter = f"--{boundary}"
    if data:
        pieces.append(f"{delimiter}\r\n{part_head('data', content_type)}{data}".encode())
        delimiter = f"\r\n--{boundary}"
    for file in files:
        head = part_head(file.name, file.content_type, file.filename)
        pieces.append(f"{delimiter}\r\n{head}".encode())
        pieces.append(file.source.content if isinstance(file.source, BytesSource) else file)
        delimiter = f"\r\n--{boundary}"
    pieces.append(f"{delimiter}--\r\n".encode())
    return pieces
