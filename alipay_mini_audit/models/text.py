"""Characters that the wire cannot carry, found before anything is sent."""

from __future__ import annotations

import unicodedata

from alipay_mini_audit.errors import Problem

__all__ = ["text_problems"]


def text_problems(path: str, value: object, *, lines: bool = False) -> list[Problem]:
    """Return what is wrong with a text: another type, control characters, or half a character.

    Args:
        path: where it was given.
        value: the text.
        lines: line breaks and tabs are allowed.
    """
    if not isinstance(value, str):
        message = f"expected a text, not an object of type {type(value).__name__}."
        return [Problem(path, "wrong_type", message)]
    allowed = "\r\n\t" if lines else ""
    for position, character in enumerate(value):
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in allowed):
            what = "a lone surrogate" if category == "Cs" else "a control character"
            message = f"there is {what} (U+{ord(character):04X}) at position {position}."
            return [Problem(path, "bad_character", message, "Remove it.")]
    return []
