"""The body of an upload (RFC 7578), as texts between files. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable

from alipay_mini_audit.attachments import BytesSource, FilePart

__all__ = ["body_of", "part_head"]


def part_head(name: str, content_type: str, filename: str | None = None) -> str:
    """Return the lines above the content of one part, in the spelling of the official SDKs: never
    `filename*`.

    Args:
        name: the part's wire name: letters, digits, underscores.
        content_type: its media type; the platform does not look at it in file parts.
        filename: plain ASCII without quotes, with the extension of the format; `None` for part
            `data`.
    """
    called = "" if filename is None else f'; filename="{filename}"'
    return f'Content-Type: {content_type}\r\nContent-Disposition: form-data; name="{name}"{called}\r\n\r\n'


def body_of(
    boundary: str, data: str, content_type: str, files: Iterable[FilePart]
) -> list[bytes | FilePart]:
    """Return a body as what is sent one after another: bytes, and files whose content belongs
    between them.

    Args:
        boundary: of the parts, as in the header of the request.
        data: content of part `data`; empty leaves the part out.
        content_type: media type of `data`.
        files: the other parts, in the order of sending.
    """
    pieces: list[bytes | FilePart] = []
    line = f"--{boundary}"
    if data:
        pieces.append(f"{line}\r\n{part_head('data', content_type)}{data}".encode())
        line = f"\r\n--{boundary}"
    for file in files:
        head = f"{line}\r\n{part_head(file.name, file.content_type, file.filename)}".encode()
        pieces += (head, file.source.content if isinstance(file.source, BytesSource) else file)
        line = f"\r\n--{boundary}"
    return [*pieces, f"{line}--\r\n".encode()]
