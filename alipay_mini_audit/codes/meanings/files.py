"""What codes about files and licences mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["BY_NAME", "DOCUMENTED"]

DOCUMENTED: Final[Mapping[str, tuple[str, str]]] = {
    "INVALID_LOGO": (
        "The logo cannot be used; pictures in CMYK are refused so.",
        "图标不可用；CMYK 图片会返回该错误码。",
    ),
    "INVALID_LOGO_EXT": (
        "The format of the logo is not allowed; pictures in CMYK are refused so, too.",
        "不支持该图标格式；CMYK 图片也会返回该错误码。",
    ),
    "LOGO_HEIGHT_NOT_EQUAL_WIDTH": ("The logo is not square.", "图标不是正方形。"),
    "INVALID_LICENSE_PIC_EXT": (
        "The format of a licence picture is not allowed, or its colours are CMYK.",
        "不支持该执照图片的格式，或图片的色彩模式为 CMYK。",
    ),
    "LICENSE_PICS_ARE_BLANK": (
        "The pictures of the licence are missing; the category requires a licence.",
        "缺少执照图片；该类目需要营业执照。",
    ),
    "LICENSE_NAME_IS_BLANK": (
        "The name on the licence is missing; the category requires a licence.",
        "缺少执照名称；该类目需要营业执照。",
    ),
    "LICENSE_NO_IS_BLANK": (
        "The number of the licence is missing; the category requires a licence.",
        "缺少执照编号；该类目需要营业执照。",
    ),
    "LICENSE_VALID_DATE_IS_BLANK": (
        "The day on which the licence ends is missing; the category requires a licence.",
        "缺少执照到期日；该类目需要营业执照。",
    ),
    "SPECIAL_LICENSE_PICS_ARE_BLANK": (
        "The special licences are missing; the category requires them.",
        "缺少特殊资质图片；该类目需要特殊资质。",
    ),
    "SCREEN_SHOT_NUM_IS_INVALID": (
        "There are fewer than 2 screenshots, or more than 5.",
        "截图少于 2 张或多于 5 张。",
    ),
    "INVALID_SCREEN_SHOT_EXT": ("The format of a screenshot is not allowed.", "不支持该截图格式。"),
    "SCREEN_SHOT_EXCEED_MAX_SIZE": (
        "A screenshot has more than 4 MB, or more than 2160 by 3840 pixels.",
        "截图超过 4 MB，或超过 2160×3840 像素。",
    ),
    "DEFAULT_LOGO": ("The app still has the default logo.", "应用仍在使用默认图标。"),
}
"""Code -> its meaning in English and in Chinese."""

BY_NAME: Final[Mapping[str, tuple[str, str]]] = {
    "LOGO_IS_BLANK": ("the app has no logo.", "应用没有图标。"),
    "LOGO_EXCEED_MAX_SIZE": (
        "the logo is too large; whether in bytes or pixels is not said.",
        "图标过大，但未说明指文件大小还是像素尺寸。",
    ),
    "LOGO_SIZE_EXCEED": (
        "the logo is too large; whether in bytes or pixels is not said.",
        "图标过大，但未说明指文件大小还是像素尺寸。",
    ),
    "SCREEN_SHOTS_ARE_BLANK": ("the screenshots are missing.", "缺少截图。"),
    "LICENSE_VALID_DATE_IS_INVALID": (
        "the day on which the licence ends is not valid, or has passed.",
        "执照到期日无效或已过期。",
    ),
    "LICENSE_CHECK_FAIL": (
        "what is said of the licence does not pass its check.",
        "执照信息校验未通过。",
    ),
    "LICENSE_PIC_NUM_IS_INVALID": (
        "there are too few pictures of the licence, or too many.",
        "执照图片的数量不符合要求。",
    ),
    "INVALID_SPECIAL_LICENSE_NUM": (
        "there are too few special licences, or too many.",
        "特殊资质图片的数量不符合要求。",
    ),
    "OUT_DOOR_PIC_IS_BLANK": ("the photo of the shop front is missing.", "缺少门头照。"),
    "FILE_IS_BLANK": (
        "a file is missing or empty; the message says which.",
        "文件缺失或为空，具体见错误信息。",
    ),
    "INVALID_FILE_EXT": ("the format of a file is not allowed.", "不支持该文件格式。"),
    "FILE_SIZE_EXCEED": ("a file is too large.", "文件过大。"),
}
"""Code -> what its name alone suggests."""
