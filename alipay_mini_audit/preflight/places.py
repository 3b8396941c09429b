"""Rules about where a service is offered, and under which categories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.models import RegionInfo, RegionType
from alipay_mini_audit.preflight.rules import Subject
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["categories", "regions"]

_REGION_TYPES: Final = frozenset(each.value for each in RegionType)
_SIX_DIGITS: Final = re.compile("[0-9]{6}")
_OLD_TREE: Final = re.compile("[0-9]+_[0-9]+")
_NEW_TREE: Final = re.compile("XS[0-9]+(?:_XS[0-9]+){0,2}")
_MOST_CATEGORIES: Final = 4
"""Of the FAQ; an older table stops at three."""
_BLANK: Final = "REGION_CODE_IS_BLANK"
_INVALID: Final = "REGION_CODE_IS_INVALID"
_LEVELS: Final = ("province_code", "city_code", "area_code")

_REGION_TYPE: Final = (
    ("the platform knows GLOBAL, CHINA and LOCATION only.", "Give one of them."),
    ("平台只接受 GLOBAL、CHINA、LOCATION。", "请填写其中之一。"),
)
_NO_PLACES: Final = (
    ("LOCATION needs the places of service.", "Give at least one, with its province_code."),
    ("LOCATION 需要填写服务区域。", "请至少填写一个，并给出 province_code。"),
)
_UNUSED_PLACES: Final = (
    ("there are places of service, and the region type is not LOCATION.", "Check which is meant."),
    ("填写了服务区域，但 region_type 不是 LOCATION。", "请核对。"),
)
_NO_CODE: Final = (
    ("it is missing.", "Every place needs its province, and an area its city, too."),
    ("缺少该编码。", "每个区域都需要省份编码；填写区县时还需要城市编码。"),
)
_NO_SIX_DIGITS: Final = (
    ("a region code is six digits, such as 330100.", "Take it from the platform's table."),
    ("区域编码为六位数字，例如 330100。", "请按平台的区域编码表填写。"),
)
_OLD_SYNTAX: Final = (
    (
        "expected two levels of the old tree, such as 11_12;12_13.",
        "Take the ids from category/query; ids that begin with XS go into mini_category_ids.",
    ),
    (
        "应为旧类目树的两级编号，例如 11_12;12_13。",
        "请从类目查询接口取得；以 XS 开头的编号填入 mini_category_ids。",
    ),
)
_NEW_SYNTAX: Final = (
    (
        "expected one to three levels of the new tree, such as XS1001_XS2001;XS1011_XS2089.",
        "Take the ids from category/query.",
    ),
    (
        "应为新类目树的一至三级编号，例如 XS1001_XS2001;XS1011_XS2089。",
        "请从类目查询接口取得。",
    ),
)
_TOO_MANY: Final = (
    ("there are {count} categories, and the platform takes at most 4.", "Leave some out."),
    ("有 {count} 个类目，平台最多接受 4 个。", "请减少。"),
)
_MAY_BE_TOO_MANY: Final = (
    ("there are 4 categories: the FAQ takes 4, an older table 3.", "Three are sure."),
    ("有 4 个类目：常见问题允许 4 个，较早的错误码表为 3 个。", "为稳妥起见，请不要超过 3 个。"),
)
_IGNORED: Final = (
    ("it is ignored, since mini_category_ids is given.", "Leave it out."),
    ("已填写 mini_category_ids，该字段会被忽略。", "请去掉。"),
)


def regions(subject: Subject) -> Iterator[Problem]:
    """Look at the region type, and at the codes of every place."""
    kind = (subject.request.region_type or "").strip()
    places = subject.request.service_region_info or ()
    if kind and kind not in _REGION_TYPES:
        yield told("region_type", "REGION_TYPE_IS_INVALID", *_REGION_TYPE)
    if kind == RegionType.LOCATION.value and not places:
        yield told("service_region_info", _BLANK, *_NO_PLACES)
    if places and kind != RegionType.LOCATION.value:
        path = "service_region_info"
        yield told(path, "regions_unused", *_UNUSED_PLACES, severity=Severity.WARNING)
    for position, place in enumerate(places):
        yield from _of_place(f"service_region_info[{position}]", place)


def _of_place(path: str, place: RegionInfo) -> Iterator[Problem]:
    given = {name: (getattr(place, name) or "").strip() for name in _LEVELS}
    if not given["province_code"]:
        yield told(f"{path}.province_code", _BLANK, *_NO_CODE)
    if given["area_code"] and not given["city_code"]:
        yield told(f"{path}.city_code", _BLANK, *_NO_CODE)
    for name, code in given.items():
        if code and not _SIX_DIGITS.fullmatch(code):
            yield told(f"{path}.{name}", _INVALID, *_NO_SIX_DIGITS)


def categories(subject: Subject) -> Iterator[Problem]:
    """Look at the ids of both trees."""
    old, new = subject.request.app_category_ids, subject.request.mini_category_ids
    if old and old.strip() and not (new and new.strip()):
        yield from _of_tree("app_category_ids", old, _OLD_TREE, _OLD_SYNTAX)
    if new and new.strip():
        yield from _of_tree("mini_category_ids", new, _NEW_TREE, _NEW_SYNTAX)
        if old and old.strip():
            code = "categories_ignored"
            yield told("app_category_ids", code, *_IGNORED, severity=Severity.WARNING)


def _of_tree(
    path: str,
    text: str,
    entry: re.Pattern[str],
    syntax: tuple[tuple[str, str], tuple[str, str]],
) -> Iterator[Problem]:
    entries = text.strip().removesuffix(";").split(";")
    if not all(entry.fullmatch(each) for each in entries):
        yield told(path, "INVALID_CATEGORY", *syntax)
    code = "CATEGORY_NUM_IS_INVALID"
    if len(entries) > _MOST_CATEGORIES:
        yield told(path, code, *_TOO_MANY, values={"count": len(entries)})
    elif len(entries) == _MOST_CATEGORIES:
        yield told(path, code, *_MAY_BE_TOO_MANY, severity=Severity.WARNING)
