"""Characters that the wire cannot carry, found before anything is sent."""

from __future__ import annotations

import re
from typing import Final

from alipay_mini_audit.errors import Problem

__all__ = ["text_problems"]

_FIRST_SURROGATE: Final = 0xD800
_BAD: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs."""
_BAD_IN_LINES: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""The same without tab, line feed and carriage return."""


def text_problems(path: str, value: object, *, lines: bool = False) -> list[Problem]:
    """Return what is wrong with a text: its type, a control character, or half a character.

    Args:
        path: where it was given, e.g. `app_version`.
        value: the text. Only its first bad character is named, and nothing of it is shown.
        lines: line breaks and tabs are allowed.
    """
    if not isinstance(value, str):
        message = f"expected a string, not {type(value).__name__}."
        return [Problem(path, "wrong_type", message)]
    found = (_BAD_IN_LINES if lines else _BAD).search(value)
    if found is None:
        return []
    code = ord(found[0])
    what = "a lone surrogate" if code >= _FIRST_SURROGATE else "a control character"
    message = f"there is {what} (U+{code:04X}) at position {found.start()}."
    return [Problem(path, "bad_character", message, "Remove it.")]
