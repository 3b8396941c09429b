"""Characters that the wire cannot carry, found before anything is sent."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from alipay_mini_audit.problems import Problem, told

__all__ = ["normal_text", "text_problems"]

_FIRST_SURROGATE: Final = 0xD800
_BAD: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs."""
_BAD_IN_LINES: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""The same without tab, line feed and carriage return."""
_CONTROL: Final = ("a control character", "控制字符")
_SURROGATE: Final = ("a lone surrogate", "不成对的代理码位")

_NO_STRING: Final = (
    ("expected a string, not {given}.", ""),
    ("应为字符串，而不是 {given}。", ""),
)
_BAD_CHARACTER: Final = (
    ("there is {what} ({number}) at position {position}.", "Remove it."),
    ("位置 {position} 处（从 0 起）有{chinese_what}（{number}）。", "请去掉。"),
)


def text_problems(path: str, value: object, *, lines: bool = False) -> list[Problem]:
    """Return what is wrong with a text: its type, a control character, or half a character.

    Args:
        path: where it was given, e.g. `app_version`.
        value: the text. Only its first bad character is named, and nothing of it is shown.
        lines: line breaks and tabs are allowed.
    """
    if not isinstance(value, str):
        return [told(path, "wrong_type", *_NO_STRING, values={"given": type(value).__name__})]
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
