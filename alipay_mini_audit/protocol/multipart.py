"""Headers of the parts of an upload."""

from __future__ import annotations

__all__ = ["part_headers"]


def part_headers(name: str, content_type: str, filename: str | None = None) -> dict[str, str]:
    """Return the headers of one part, in the spelling of the official SDKs: `filename`, never `filename*`.

    Args:
        name: the part's wire name: letters, digits, underscores.
        content_type: its media type; the platform does not look at it in file parts.
        filename: plain ASCII without quotes, with the extension of the format; `None` for part `data`.
    """
    disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    return {"Content-Disposition": disposition, "Content-Type": content_type}
