"""How long a text is, by every reading of the platform's rule. No I/O here.

The rule says that a Chinese character counts as two, and no more than that: what a symbol, a kana
or the white space around a text counts is left open.
"""

from __future__ import annotations

import re
from typing import Final, final

import attrs

__all__ = ["Width", "width_of"]

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PLAIN: Final = re.compile(r"[ -~]")


@final
@attrs.frozen
class Width:
    """What a text counts at least, and at most."""

    least: int
    most: int

    def is_surely_outside(self, minimum: int, maximum: int) -> bool:
        """Say whether no reading brings it between two limits, which belong to the range.

        Args:
            minimum: the smallest width allowed.
            maximum: the largest width allowed.
        """
        return self.most < minimum or self.least > maximum


def width_of(text: str) -> Width:
    """Measure a text.

    Args:
        text: as it was sent.
    """
    # The two characters of a line break may be one for the platform.
    return Width(_count(text.strip().replace("\r\n", "\n"), other=1), _count(text, other=2))


def _count(text: str, *, other: int) -> int:
    han = len(_HAN.findall(text))
    plain = len(_PLAIN.findall(text))
    return 2 * han + plain + other * (len(text) - han - plain)
