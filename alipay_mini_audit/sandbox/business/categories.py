"""The categories that a mini-program may have: a small choice of either tree. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["list_categories"]


@final
@attrs.frozen
class _Category:
    category_id: str
    category_name: str
    parent_category_id: str
    need_license: bool = False
    need_special_license: bool = False
    need_out_door_pic: bool = False
    is_open: bool = True
    """Whether mini-programs may have it."""


_ROOT: Final = "0"
_OLD_TREE: Final = (
    _Category("11", "餐饮", _ROOT),
    _Category("12", "餐饮_咖啡厅", "11", need_license=True, need_out_door_pic=True),
    _Category("13", "餐饮_烘焙糕点", "11", need_license=True, need_special_license=True),
    _Category("21", "生活服务", _ROOT),
    _Category("22", "生活服务_家政", "21", need_license=True),
    _Category("31", "金融", _ROOT, is_open=False),
    _Category("32", "金融_证券", "31", need_license=True, need_special_license=True, is_open=False),
)
_NEW_TREE: Final = (
    _Category("XS1001", "餐饮美食", _ROOT),
    _Category("XS2001", "饮品", "XS1001"),
    _Category("XS3001", "咖啡", "XS2001", need_license=True, need_out_door_pic=True),
    _Category("XS3002", "奶茶", "XS2001", need_license=True, need_special_license=True),
    _Category("XS1002", "工具", _ROOT),
    _Category("XS2002", "办公", "XS1002"),
    _Category("XS3003", "日程管理", "XS2002"),
    _Category("XS1003", "金融", _ROOT, is_open=False),
    _Category("XS2003", "证券", "XS1003", is_open=False),
    _Category("XS3004", "股票", "XS2003", need_license=True, is_open=False),
)


def list_categories(query: Mapping[str, object]) -> dict[str, object]:
    """Return what a category query answers: both trees as flat lists, parents first.

    Args:
        query: `is_filter`: `true` leaves out what mini-programs cannot have.

    Raises:
        Refusal: `is_filter` is another text.
    """
    is_filter = text_of(query, "is_filter") or "false"
    if is_filter not in ("true", "false"):
        raise Refusal("INVALID_PARAMETER", "is_filter is neither true nor false.")
    trees = {"category_list": _OLD_TREE, "mini_category_list": _NEW_TREE}
    return {
        name: [_told(each, tree) for each in tree if each.is_open or is_filter == "false"]
        for name, tree in trees.items()
    }


def _told(category: _Category, tree: tuple[_Category, ...]) -> dict[str, object]:
    return {
        "category_id": category.category_id,
        "category_name": category.category_name,
        "parent_category_id": category.parent_category_id,
        "has_child": any(each.parent_category_id == category.category_id for each in tree),
        "need_license": category.need_license,
        "need_special_license": category.need_special_license,
        "need_out_door_pic": category.need_out_door_pic,
    }
