"""The files of a submission as the page shows them: pictures inside it, if there is room."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.attachments.parts import PARTS, PartSpec

__all__ = ["PAGE_BYTES", "ShownFile", "read_files"]

PAGE_BYTES: Final = 24 * 1024 * 1024
"""How many bytes of pictures a page holds; it is a third larger."""
_KINDS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_WITH_NUMBERS: Final = frozenset({"license_pics", "special_license_pics"})
"""Photographs of licences, whose numbers nobody should find in a page that is mailed around."""


@final
@attrs.frozen(kw_only=True)
class ShownFile:
    """A file of a submission.

    Attributes:
        part: which.
        name: of the file.
        size: in bytes; `None` if it cannot be read.
        pixels: width and height; `None` if it is no picture.
        uri: the picture as a data URI; empty if it is not shown.
        instead: the name of the text that says why it is not shown; empty if it is.
    """

    part: PartSpec
    name: str
    size: int | None = None
    pixels: tuple[int, int] | None = None
    uri: str = attrs.field(default="", repr=False)
    instead: str = ""


def read_files(parts: Mapping[str, Path], room: int = PAGE_BYTES) -> list[ShownFile]:
    """Read the files that a page shows; blocking.

    Args:
        parts: paths by the wire name of the part, in the order of sending.
        room: how many bytes of pictures to take; what does not fit is told and left out.
    """
    shown = []
    for name, path in parts.items():
        file = _read(PARTS[name], path, room)
        room -= (file.size or 0) if file.uri else 0
        shown.append(file)
    return shown


def _read(part: PartSpec, path: Path, room: int) -> ShownFile:
    size = _size_of(path)
    shown = ShownFile(part=part, name=path.name, size=size)
    if size is None:
        return attrs.evolve(shown, instead="unreadable")
    if part.field == "test_file":
        return attrs.evolve(shown, instead="archive")
    if size > room:
        return attrs.evolve(shown, instead="too_large")
    try:
        return _with_picture(shown, path.read_bytes())
    except OSError:
        return attrs.evolve(shown, size=None, instead="unreadable")


def _size_of(path: Path) -> int | None:
    """Return the size of a file; `None` if it cannot be read, of which the check says why."""
    try:
        return path.stat().st_size if path.is_file() else None  # a pipe would be waited for
    except (OSError, ValueError):
        return None


def _with_picture(shown: ShownFile, content: bytes) -> ShownFile:
    kind = next((kind for start, kind in _KINDS if content.startswith(start)), None)
    pixels = None if kind is None else _pixels(content)
    shown = attrs.evolve(shown, size=len(content), pixels=pixels)
    if shown.part.field in _WITH_NUMBERS:
        return attrs.evolve(shown, instead="licence_hidden")
    if kind is None:
        return attrs.evolve(shown, instead="no_picture")
    return attrs.evolve(shown, uri=f"data:{kind};base64,{base64.b64encode(content).decode()}")


def _pixels(content: bytes) -> tuple[int, int] | None:
    import imagesize

    try:
        width, height = imagesize.get(io.BytesIO(content))
    except Exception:  # noqa: BLE001  # whatever it makes of a broken file
        return None
    return (width, height) if width > 0 and height > 0 else None
