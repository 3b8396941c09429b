"""Rules about files: pictures and the test archive.

Which code each has, by the field of the part:

| rule | app_logo | screen_shots | license_pics | special_license_pics, test_file |
| --- | --- | --- | --- | --- |
| format | INVALID_LOGO_EXT | INVALID_SCREEN_SHOT_EXT | INVALID_LICENSE_PIC_EXT | INVALID_FILE_EXT |
| bytes, pixels | LOGO_EXCEED_MAX_SIZE | SCREEN_SHOT_EXCEED_MAX_SIZE | FILE_SIZE_EXCEED | the same |
| CMYK, YCCK | INVALID_LOGO | INVALID_SCREEN_SHOT_EXT | INVALID_LICENSE_PIC_EXT | INVALID_FILE_EXT |
| square | LOGO_HEIGHT_NOT_EQUAL_WIDTH | | | |
| one alone | | SCREEN_SHOT_NUM_IS_INVALID | | |

The platform has no codes for `out_door_pic` (here `out_door_pic_format`, `_size`, `_colours`) nor
for an archive with a password (`archive_encrypted`). Formats and limits: the table of parts.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.attachments import PARTS, PartSpec
from alipay_mini_audit.attachments.heads import Colours, FileHead
from alipay_mini_audit.preflight.rules import Rule, Subject
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["PICTURE_RULES"]


@final
@attrs.frozen
class _Codes:
    format: str
    size: str
    colours: str


_CODES: Final[Mapping[str, _Codes]] = {
    "app_logo": _Codes("INVALID_LOGO_EXT", "LOGO_EXCEED_MAX_SIZE", "INVALID_LOGO"),
    "screen_shots": _Codes(
        "INVALID_SCREEN_SHOT_EXT", "SCREEN_SHOT_EXCEED_MAX_SIZE", "INVALID_SCREEN_SHOT_EXT"
    ),
    "license_pics": _Codes(
        "INVALID_LICENSE_PIC_EXT", "FILE_SIZE_EXCEED", "INVALID_LICENSE_PIC_EXT"
    ),
    "special_license_pics": _Codes("INVALID_FILE_EXT", "FILE_SIZE_EXCEED", "INVALID_FILE_EXT"),
    "out_door_pic": _Codes("out_door_pic_format", "out_door_pic_size", "out_door_pic_colours"),
    "test_file": _Codes("INVALID_FILE_EXT", "FILE_SIZE_EXCEED", "INVALID_FILE_EXT"),
}
_SAME: Final = {"jpeg": "jpg"}
_PRINTED: Final = frozenset({Colours.CMYK, Colours.YCCK})
_MIB, _MB = 1024 * 1024, 1000 * 1000
_TURNED: Final = range(5, 9)
_FEWEST: Final = 2
_SCREEN_SHOTS: Final = frozenset(
    name for name, spec in PARTS.items() if spec.field == "screen_shots"
)

_FORMAT: Final = (
    ("its content is {found}, and the platform takes {wanted}.", "Save it in one of these."),
    ("{chinese_found}，平台只接受 {chinese_wanted}。", "请另存为其中一种格式。"),
)
_UNREADABLE: Final = (
    ("it begins as {found} and cannot be read.", "Save it again."),
    ("文件头为 {found} 格式，但内容无法读取。", "请重新保存。"),
)
_TOO_LARGE: Final = (
    ("it has {size} bytes, and the platform takes {limit} MB.", "Make it smaller."),
    ("大小为 {size} 字节，平台最多接受 {limit} MB。", "请压缩。"),
)
_MAY_BE_TOO_LARGE: Final = (
    (
        "it has {size} bytes: at most {limit} MB are taken, which may mean 10^6 bytes or 2^20.",
        "Make it a little smaller to be sure.",
    ),
    (
        "大小为 {size} 字节；上限为 {limit} MB，1 MB 可能指 10^6 字节，也可能指 2^20 字节。",
        "为稳妥起见，请略微压缩。",
    ),
)
_TOO_MANY_PIXELS: Final = (
    (
        "it has {width} by {height} pixels, and the platform takes {most_width} by {most_height}.",
        "Make it smaller.",
    ),
    (
        "尺寸为 {width}×{height} 像素，平台最多接受 {most_width}×{most_height}。",
        "请缩小尺寸。",
    ),
)
_MAY_HAVE_TOO_MANY: Final = (
    (
        (
            "it is stored with {width} by {height} pixels and turned by its EXIF data; the "
            "platform takes {most_width} by {most_height}."
        ),
        "Save it as it is shown.",
    ),
    (
        (
            "存储尺寸为 {width}×{height} 像素，显示时按 EXIF 旋转；平台最多接受 "
            "{most_width}×{most_height}。"
        ),
        "请按显示方向重新保存。",
    ),
)
_NOT_SQUARE: Final = (
    ("it has {width} by {height} pixels, and a logo is square.", "Crop it, to 180 by 180 say."),
    ("尺寸为 {width}×{height} 像素，图标必须是正方形。", "请裁剪，例如 180×180。"),
)
_PRINT_COLOURS: Final = (
    ("its colours are {colours}, for print.", "Save it as RGB."),
    ("色彩模式为 {colours}（印刷用）。", "请另存为 RGB。"),
)
_COUNT: Final = (
    ("there is one screenshot, and the platform takes two to five, or none.", "Add one."),
    ("只有 1 张截图，平台要求 2 至 5 张，或不传。", "请再补充一张。"),
)
_PASSWORD: Final = (
    ("the archive asks for a password.", "Pack it without one."),
    ("压缩包需要密码。", "请取消密码后重新打包。"),
)
_EXTENSION: Final = (
    ("its name says {named}, its content {found}; it is sent as .{found}.", "Rename it."),
    (
        "文件扩展名为 {named}，内容却是 {found} 格式，发送时扩展名会改为 .{found}。",
        "请修改文件名。",
    ),
)
_ANIMATED: Final = (
    ("it is animated; auditors may see the first picture only.", "Save one picture."),
    ("这是动图，审核人员可能只看到第一帧。", "请保存为静态图片。"),
)
_TRUNCATED: Final = (
    ("its end is missing.", "Save it again; many programs show it all the same."),
    ("文件末尾缺失。", "许多软件仍能显示，但请重新保存。"),
)
_TURN: Final = (
    ("its EXIF data turn it on its side, and not every program heeds them.", "Save it turned."),
    ("EXIF 方向信息会使图片横竖互换，但并非所有软件都识别。", "请按显示方向重新保存。"),
)
_TWICE: Final = (
    ("it is the same file as {other}.", "Check that this is meant."),
    ("与 {other} 是同一个文件。", "请确认是否有意如此。"),
)
_GAP: Final = (
    ("there is none before it in the order.", "Close the gap."),
    ("前面缺少一张，顺序不连续。", "请依次传入，中间不要留空。"),
)


def each_file(subject: Subject) -> Iterator[Problem]:
    """Look at every file whose part is known."""
    for name, head in subject.heads.items():
        yield from _of_file(name, head)


@functools.lru_cache(maxsize=4096)  # templates are submitted with the same files again and again
def _of_file(name: str, head: FileHead) -> tuple[Problem, ...]:
    spec = PARTS.get(name)
    return () if spec is None else tuple(_problems_of(head, spec, _CODES[spec.field]))


def _problems_of(head: FileHead, spec: PartSpec, codes: _Codes) -> Iterator[Problem]:
    if head.is_broken or not (head.format is None or head.format in spec.formats):
        yield _bad_format(head, spec, codes)
    elif head.format is not None:
        yield from _warnings(head)
        if spec.field == "test_file":
            if head.is_encrypted:
                yield told(head.location, "archive_encrypted", *_PASSWORD)
        else:
            yield from _of_picture(head, spec, codes)
    if head.size > spec.max_bytes // _MIB * _MB:
        yield _large(head, spec, codes)


def _bad_format(head: FileHead, spec: PartSpec, codes: _Codes) -> Problem:
    wanted = dict.fromkeys(_SAME.get(each, each) for each in spec.formats)
    if head.is_broken and head.format in spec.formats:
        return told(head.location, codes.format, *_UNREADABLE, values={"found": head.format})
    filled = {
        "found": head.format or "of no known format",
        "chinese_found": f"内容为 {head.format} 格式" if head.format else "无法识别内容的格式",
        "wanted": ", ".join(wanted),
        "chinese_wanted": "、".join(wanted),
    }
    return told(head.location, codes.format, *_FORMAT, values=filled)


def _large(head: FileHead, spec: PartSpec, codes: _Codes) -> Problem:
    filled = {"size": head.size, "limit": spec.max_bytes // _MIB}
    if head.size > spec.max_bytes:
        return told(head.location, codes.size, *_TOO_LARGE, values=filled)
    return told(
        head.location, codes.size, *_MAY_BE_TOO_LARGE, severity=Severity.WARNING, values=filled
    )


def _of_picture(head: FileHead, spec: PartSpec, codes: _Codes) -> Iterator[Problem]:
    if head.colours in _PRINTED:
        colours = head.colours.value if head.colours is not None else ""
        yield told(head.location, codes.colours, *_PRINT_COLOURS, values={"colours": colours})
    if head.width is None or head.height is None:
        return
    shape = {"width": head.width, "height": head.height}
    if spec.field == "app_logo" and head.width != head.height:
        yield told(head.location, "LOGO_HEIGHT_NOT_EQUAL_WIDTH", *_NOT_SQUARE, values=shape)
    if spec.max_width is None or spec.max_height is None:
        return
    limits = {"most_width": spec.max_width, "most_height": spec.max_height}
    exceeds = head.width > spec.max_width or head.height > spec.max_height
    is_turned = head.orientation in _TURNED
    exceeds_turned = head.height > spec.max_width or head.width > spec.max_height
    if exceeds and (not is_turned or exceeds_turned):
        yield told(head.location, codes.size, *_TOO_MANY_PIXELS, values=shape | limits)
    elif is_turned and exceeds != exceeds_turned:
        severity = Severity.WARNING
        yield told(
            head.location,
            codes.size,
            *_MAY_HAVE_TOO_MANY,
            severity=severity,
            values=shape | limits,
        )


def _warnings(head: FileHead) -> Iterator[Problem]:
    severity = Severity.WARNING
    _, dot, named = head.filename.rpartition(".")
    named = named.lower()
    if dot and _SAME.get(named, named) != head.format and named.isalnum():
        filled = {"named": f".{named}"[:10], "found": head.format}
        code = "extension_differs"
        yield told(head.location, code, *_EXTENSION, severity=severity, values=filled)
    if head.is_animated:
        yield told(head.location, "animated", *_ANIMATED, severity=severity)
    if head.is_truncated:
        yield told(head.location, "truncated", *_TRUNCATED, severity=severity)
    if head.orientation in _TURNED and head.width != head.height:
        yield told(head.location, "turned", *_TURN, severity=severity)


def number_of_screenshots(subject: Subject) -> Iterator[Problem]:
    """Find one screenshot alone; more than five have no parts of their own."""
    count = sum(name in _SCREEN_SHOTS for name in subject.heads)
    path, code = "attachments.screen_shots", "SCREEN_SHOT_NUM_IS_INVALID"
    if 0 < count < _FEWEST:
        yield told(path, code, *_COUNT)


def orders(subject: Subject) -> Iterator[Problem]:
    """Find gaps in a list of pictures, and pictures that are given twice."""
    filled: dict[str, int] = {}
    seen: dict[bytes, FileHead] = {}
    for name, head in subject.heads.items():
        spec = PARTS.get(name)
        if spec is None:
            continue
        if spec.position is not None:
            if spec.position > filled.get(spec.field, 0):
                yield told(head.location, "gap", *_GAP, severity=Severity.WARNING)
            filled[spec.field] = spec.position + 1
        if head.fingerprint is None:
            continue
        first = seen.setdefault(head.fingerprint, head)
        if first is not head:
            severity, other = Severity.WARNING, {"other": first.location}
            yield told(head.location, "same_picture", *_TWICE, severity=severity, values=other)


PICTURE_RULES: Final[tuple[Rule, ...]] = (number_of_screenshots, each_file, orders)
"""The rules about files."""
