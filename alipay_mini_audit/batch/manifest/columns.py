"""The columns that a manifest may have, and what is said of others."""

from __future__ import annotations

import difflib
from typing import Final

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.problems import Problem, told

__all__ = ["COLUMNS", "FIELD_NAMES", "LISTS", "NOTES", "PART_NAMES", "unknown_column"]

FIELD_NAMES: Final = tuple(spec.wire_name for spec in FIELDS.values())
PART_NAMES: Final = tuple(PARTS)
LISTS: Final = tuple(
    dict.fromkeys(part.field for part in PARTS.values() if part.position is not None)
)
"""Attributes of `Attachments` that hold several files."""
NOTES: Final = ("reason", "code")
"""What `batch export` adds, for people; nothing is read from them."""
_OWN: Final = (
    *("key", "app_auth_token", "app_auth_token_env", "mini_app", "template_id"),
    *("priority", "not_before", "folder"),
)
COLUMNS: Final = frozenset({*_OWN, *FIELD_NAMES, *PART_NAMES, *LISTS, *NOTES})

_UNKNOWN: Final = ("there is no column of this name.", "没有这个名称的列。")
_CLOSE: Final = ("Did you mean {close}?", "是否应为 {close}？")
_NONE_CLOSE: Final = (
    "It takes {own}, the wire names of fields and files, and {lists}.",
    "可用的列：{chinese_own}、各字段和文件参数的接口参数名，以及 {chinese_lists}。",
)
_FULL_WIDTH: Final = (
    "It holds a full-width comma; separate columns with an ASCII comma.",
    "其中含有全角逗号，请用半角逗号分隔各列。",
)


def unknown_column(path: str, name: str) -> Problem:
    """Return what is said of a column that is not among `COLUMNS`.

    Args:
        path: where it is.
        name: as it was given.
    """
    close = difflib.get_close_matches(name.lower(), COLUMNS - {*NOTES}, 1)
    if "，" in name:
        advice, values = _FULL_WIDTH, {}
    elif close:
        advice, values = _CLOSE, {"close": close[0]}
    else:
        advice, values = _NONE_CLOSE, _listed()
    english, chinese = zip(_UNKNOWN, advice, strict=True)
    return told(path, "unknown_column", english, chinese, values=values)


def _listed() -> dict[str, str]:
    return {
        "own": ", ".join(_OWN),
        "chinese_own": "、".join(_OWN),
        "lists": ", ".join(LISTS),
        "chinese_lists": "、".join(LISTS),
    }
