"""How long a text is, where nobody says how the platform counts.

It counts "a Chinese character as two" and documents no more. So a text has two widths: the least
and the most that any reading of this gives. No I/O here.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HAN", "width"]

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
"""Han ideographs, for a class of a regular expression."""
_HAN: Final = re.compile(f"[{HAN}]")
_PLAIN: Final = re.compile("[ -~]")


def width(text: str) -> tuple[int, int]:
    """Return the least and the most characters that a text may count as.

    A Han ideograph counts two and printable ASCII one. Anything else (emoji, full-width forms,
    punctuation, other scripts, joiners, line breaks) may count one or two, and white space around
    the text may not count at all.
    """
    inner = text.strip()
    if inner.isascii() and inner.isprintable():
        least = len(inner)
    else:
        least = len(inner) + len(_HAN.findall(inner)) - inner.count("\r\n")
    if text.isascii() and text.isprintable():
        return least, len(text)
    return least, 2 * len(text) - len(_PLAIN.findall(text))
