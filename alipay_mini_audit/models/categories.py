"""The trees of categories, as attrs objects. Attributes are called as on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.models.replies import ReplyMeta

__all__ = ["CategoryList", "CategoryNode"]


@final
@attrs.frozen(kw_only=True)
class CategoryNode:
    """One category; the tree is made of `parent_category_id`. What is not said is `None`."""

    category_id: str | None = None
    category_name: str | None = None
    parent_category_id: str | None = None
    """The category above it; `None` at the top."""
    has_child: bool | None = None
    need_license: bool | None = None
    """Whether it takes a business licence."""
    need_special_license: bool | None = None
    """Whether it takes a special licence."""
    need_out_door_pic: bool | None = None
    """Whether it takes a photo of the shop front."""
    extra: Mapping[str, object] = attrs.field(factory=dict)
    """What else was said of it, as JSON values."""


@final
@attrs.frozen(kw_only=True)
class CategoryList:
    """All categories, as flat lists."""

    category_list: list[CategoryNode] = attrs.field(factory=list)
    """The old tree, of `AuditApply.app_category_ids`."""
    mini_category_list: list[CategoryNode] = attrs.field(factory=list)
    """The new tree, of `AuditApply.mini_category_ids`, up to three levels deep."""
    extra: Mapping[str, object] = attrs.field(factory=dict)
    """What else was in the reply, as JSON values."""
    meta: ReplyMeta
    """How the reply came about."""
