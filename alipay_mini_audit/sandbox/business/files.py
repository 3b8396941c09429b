"""Rules of the files of an apply. No I/O here.

Each refuses only what is wrong by every reading of the platform's texts: a megabyte is taken for
2^20 bytes, and a picture that EXIF turns may be measured before or after the turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.business.contents import Content
from alipay_mini_audit.sandbox.business.pictures import Picture
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["check_files"]

_MIB: Final = 1024 * 1024
_PICTURES: Final = ("png", "jpg")
_WIDEST: Final = 2160
_HIGHEST: Final = 3840


@final
@attrs.frozen(kw_only=True)
class _Kind:
    """What is true of all parts of a kind.

    Attributes:
        unreadable: the code for another format, or a file that cannot be read.
        large: the code for too many bytes or pixels.
        for_print: the code for the colours of print.
        most_bytes: how many a file may have.
        formats: those that the part takes.
        is_logo: whether it has to be square, and may have any number of pixels.
    """

    unreadable: str
    large: str
    for_print: str = "INVALID_PARAMETER"
    most_bytes: int = 4 * _MIB
    formats: tuple[str, ...] = _PICTURES
    is_logo: bool = False


_LOGO: Final = _Kind(
    unreadable="INVALID_LOGO_EXT",
    large="LOGO_EXCEED_MAX_SIZE",
    for_print="INVALID_LOGO",
    most_bytes=2 * _MIB,
    is_logo=True,
)
_SCREEN_SHOT: Final = _Kind(
    unreadable="INVALID_SCREEN_SHOT_EXT",
    large="SCREEN_SHOT_EXCEED_MAX_SIZE",
    for_print="INVALID_SCREEN_SHOT_EXT",
)
_LICENCE: Final = _Kind(
    unreadable="INVALID_LICENSE_PIC_EXT",
    large="FILE_SIZE_EXCEED",
    for_print="INVALID_LICENSE_PIC_EXT",
)
_SPECIAL_LICENCE: Final = _Kind(
    unreadable="INVALID_FILE_EXT", large="FILE_SIZE_EXCEED", for_print="INVALID_FILE_EXT"
)
_SHOP_FRONT: Final = _Kind(unreadable="INVALID_PARAMETER", large="INVALID_PARAMETER")
_TEST_FILE: Final = _Kind(
    unreadable="INVALID_FILE_EXT",
    large="FILE_SIZE_EXCEED",
    most_bytes=10 * _MIB,
    formats=("zip", "rar"),
)
_KINDS: Final = (
    ("app_logo", _LOGO),
    ("_screen_shot", _SCREEN_SHOT),
    ("_special_license_pic", _SPECIAL_LICENCE),  # before the ending that it shares
    ("_license_pic", _LICENCE),
    ("out_door_pic", _SHOP_FRONT),
    ("test_file_name", _TEST_FILE),
)
"""By the ending of the part's name."""


def check_files(contents: Mapping[str, Content]) -> None:
    """Check each file, in the order in which they came, and then how many screenshots there are.

    Args:
        contents: what the files say of themselves, by the name of the part.

    Raises:
        Refusal: the first thing that is surely wrong.
    """
    for name, content in contents.items():
        kind = next(kind for ending, kind in _KINDS if name.endswith(ending))
        _check_file(name, kind, content)
    if sum(name.endswith("_screen_shot") for name in contents) == 1:
        raise Refusal("SCREEN_SHOT_NUM_IS_INVALID")


def _check_file(name: str, kind: _Kind, content: Content) -> None:
    if content.format not in kind.formats:
        raise Refusal(kind.unreadable, f"{name} is not of a format that the part takes.")
    if content.size > kind.most_bytes:
        raise Refusal(kind.large, f"{name} has more than {kind.most_bytes} bytes.")
    if kind is _TEST_FILE:
        _check_archive(name, kind, content)
    else:
        _check_picture(name, kind, content.picture)


def _check_picture(name: str, kind: _Kind, picture: Picture) -> None:
    if picture.width is None and picture.is_undecided:
        return
    if picture.width is None or picture.height is None or picture.is_broken:
        raise Refusal(kind.unreadable, f"{name} cannot be read.")
    if not kind.is_logo and _is_over(picture.width, picture.height):
        turned = _is_over(picture.height, picture.width)
        if turned or not picture.is_turned:
            raise Refusal(kind.large, f"{name} has more than {_WIDEST} x {_HIGHEST} pixels.")
    if kind.is_logo and picture.width != picture.height:
        raise Refusal("LOGO_HEIGHT_NOT_EQUAL_WIDTH")
    if picture.is_for_print:
        raise Refusal(kind.for_print, f"{name} has the colours of print; save it as RGB.")


def _check_archive(name: str, kind: _Kind, content: Content) -> None:
    if not content.archive.is_listed:
        raise Refusal(kind.unreadable, f"{name} cannot be listed.")
    if content.archive.is_encrypted:
        raise Refusal("INVALID_PARAMETER", f"{name} asks for a password.")


def _is_over(width: int, height: int) -> bool:
    return width > _WIDEST or height > _HIGHEST
