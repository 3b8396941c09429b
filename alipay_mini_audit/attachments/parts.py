"""The table of file parts: the one place that knows their wire names, formats and limits.

Names: the official OpenAPI schema of 2026-10-08. Limits: the field texts of the v2 request classes,
the only place that documents them; the seven newest parts have no text and are taken to follow the
three before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["PARTS", "PartSpec", "parts_of"]

_MIB: Final = 1024 * 1024
_ORDINALS: Final = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
_PICTURE: Final = ("png", "jpg", "jpeg")


@attrs.frozen
class PartSpec:
    """One file part of an upload.

    Attributes:
        name: its name on the wire, e.g. `first_screen_shot`.
        field: the field of `Attachments` that fills it.
        position: its index in that field; `None` if the field holds a single file.
        formats: file name extensions that the platform takes, lower case.
        max_bytes: the largest size that the platform takes.
        max_width: in pixels; `None` if there is no limit, or it is no picture.
        max_height: in pixels; `None` if there is no limit, or it is no picture.
    """

    name: str
    field: str
    position: int | None
    formats: tuple[str, ...]
    max_bytes: int
    max_width: int | None = None
    max_height: int | None = None

    @property
    def path(self) -> str:
        """Where a user finds it, e.g. `attachments.screen_shots[0]`."""
        return f"attachments.{self.field}" + ("" if self.position is None else f"[{self.position}]")


def _numbered(field: str, suffix: str, count: int) -> list[PartSpec]:
    return [
        PartSpec(f"{ordinal}_{suffix}", field, position, _PICTURE, 4 * _MIB, 2160, 3840)
        for position, ordinal in enumerate(_ORDINALS[:count])
    ]


_TABLE: Final = [
    PartSpec("app_logo", "app_logo", None, _PICTURE, 2 * _MIB),
    *_numbered("screen_shots", "screen_shot", 5),
    *_numbered("license_pics", "license_pic", 5),
    *_numbered("special_license_pics", "special_license_pic", 10),
    PartSpec("out_door_pic", "out_door_pic", None, _PICTURE, 4 * _MIB, 2160, 3840),
    PartSpec("test_file_name", "test_file", None, ("zip", "rar"), 10 * _MIB),
]

PARTS: Final[Mapping[str, PartSpec]] = MappingProxyType({part.name: part for part in _TABLE})
"""Every file part by its wire name, in the order in which they are sent."""


def parts_of(field: str) -> tuple[PartSpec, ...]:
    """Return the parts that a field of `Attachments` fills, in order."""
    return tuple(part for part in _TABLE if part.field == field)
