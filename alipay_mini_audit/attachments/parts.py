"""The table of file parts: the one place that knows their wire names, formats and limits.

Names: the official OpenAPI schema of 2026-10-08. Limits: the field texts of the v2 request classes,
the only place that documents them. The seven newest parts, `fourth_special_license_pic` and on, are
not documented there and are taken to have the limits of the three before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, final

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


@final
@attrs.frozen(kw_only=True)
class PartSpec:
    """One file part of an upload.

    Attributes:
        name: its name on the wire, e.g. `first_screen_shot`.
        field: the field of `Attachments` that fills it.
        position: its index in that field; `None` if the field holds a single file.
        formats: the file name extensions that the platform takes, in lower case.
        max_bytes: the largest size that the platform takes, in bytes.
        max_width: in pixels; `None` if there is no limit, or it is not a picture.
        max_height: in pixels; `None` if there is no limit, or it is not a picture.
        location: where a user finds it, e.g. `attachments.screen_shots[0]`.
    """

    name: str
    field: str
    position: int | None = None
    formats: tuple[str, ...]
    max_bytes: int
    max_width: int | None = None
    max_height: int | None = None

    location: str = attrs.field(init=False)

    @location.default
    def _located(self) -> str:
        field = f"attachments.{self.field}"
        return field if self.position is None else f"{field}[{self.position}]"


def _picture(name: str, field: str, position: int | None = None) -> PartSpec:
    return PartSpec(
        name=name,
        field=field,
        position=position,
        formats=_PICTURE,
        max_bytes=4 * _MIB,
        max_width=2160,
        max_height=3840,
    )


def _pictures(field: str, suffix: str, count: int) -> list[PartSpec]:
    return [
        _picture(f"{ordinal}_{suffix}", field, position)
        for position, ordinal in enumerate(_ORDINALS[:count])
    ]


_TABLE: Final = [
    PartSpec(name="app_logo", field="app_logo", formats=_PICTURE, max_bytes=2 * _MIB),
    *_pictures("screen_shots", "screen_shot", 5),
    *_pictures("license_pics", "license_pic", 5),
    *_pictures("special_license_pics", "special_license_pic", 10),
    _picture("out_door_pic", "out_door_pic"),
    # A file in spite of its name.
    PartSpec(name="test_file_name", field="test_file", formats=("zip", "rar"), max_bytes=10 * _MIB),
]

PARTS: Final[Mapping[str, PartSpec]] = MappingProxyType({part.name: part for part in _TABLE})
"""Every file part by its wire name, in the order in which they are sent."""


def parts_of(field: str) -> tuple[PartSpec, ...]:
    """Return the parts that a field of `Attachments` fills, in order."""
    return tuple(part for part in _TABLE if part.field == field)
