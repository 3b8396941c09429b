"""Characters that the wire cannot carry, found before anything is sent."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.problems import Problem, told

__all__ = ["kind_of", "normal_text", "text_problems"]

_FIRST_SURROGATE: Final = 0xD800
_BAD: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs."""
_BAD_IN_LINES: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""The same without tab, line feed and carriage return."""
_CONTROL: Final = ("a control character", "控制字符")
_SURROGATE: Final = ("a lone surrogate", "不成对的代理码位")

_KINDS: Final = (
    (bool, "true or false", "布尔值"),
    (int | float, "a number", "数字"),
    (str, "a text", "文本"),
    (datetime.datetime, "a moment", "时间"),
    (datetime.date, "a day", "日期"),
    (Mapping, "a table", "表"),
    (list | tuple, "a list", "列表"),
)
"""What JSON and TOML hold; a flag is a whole number, too, and a moment a day."""
_NO_STRING: Final = (
    ("expected a text, not {given}.", ""),
    ("应为文本，而不是{chinese_given}。", ""),
)
_BAD_CHARACTER: Final = (
    ("there is {what} ({number}) at position {position}.", "Remove it."),
    ("位置 {position} 处（从 0 起）有{chinese_what}（{number}）。", "请去掉。"),
)


def kind_of(value: object) -> dict[str, str]:
    """Return what a person calls a value of another kind, as `given` and `chinese_given`."""
    for kinds, english, chinese in _KINDS:
        if isinstance(value, kinds):
            return {"given": english, "chinese_given": chinese}
    name = type(value).__name__
    return {"given": name, "chinese_given": f" {name}"}


def text_problems(path: str, value: object, *, lines: bool = False) -> list[Problem]:
    """Return what is wrong with a text: its type, a control character, or half a character.

    Args:
        path: where it was given, e.g. `app_version`.
        value: the text. Only its first bad character is named, and nothing of it is shown.
        lines: line breaks and tabs are allowed.
    """
    if not isinstance(value, str):
        return [told(path, "wrong_type", *_NO_STRING, values=kind_of(value))]
    found = (_BAD_IN_LINES if lines else _BAD).search(value)
    if found is None:
        return []
    code = ord(found[0])
    what, chinese_what = _SURROGATE if code >= _FIRST_SURROGATE else _CONTROL
    named = {"what": what, "chinese_what": chinese_what, "number": f"U+{code:04X}"}
    values = {**named, "position": found.start()}
    return [told(path, "bad_character", *_BAD_CHARACTER, values=values)]


def normal_text(text: object) -> str:
    """Return a text without what the platform may have changed; empty if there is none."""
    return " ".join(unicodedata.normalize("NFC", text).split()) if isinstance(text, str) else ""
