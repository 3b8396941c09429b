"""What codes mean, and how that is known.

Documented is what Alipay's FAQ, its field texts or its pages on common codes say. Other codes have
a name and nothing else, and their texts say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.codes.meanings import fields, files, gateway, releases, versions

__all__ = ["BY_NAME", "DOCUMENTED", "meaning_of"]

_TABLES: Final = (versions, releases, fields, files, gateway)

DOCUMENTED: Final[Mapping[str, tuple[str, str]]] = {
    code: texts for table in _TABLES for code, texts in table.DOCUMENTED.items()
}
"""Code -> its meaning in English and in Chinese."""
BY_NAME: Final[Mapping[str, tuple[str, str]]] = {
    code: texts for table in _TABLES for code, texts in table.BY_NAME.items()
}
"""Code -> what its name alone suggests, in English and in Chinese."""

_SUGGESTS: Final = ("Not documented; by its name, {}", "平台未公开说明；从名称看，{}")
_SAYS_NOTHING: Final = (
    "Alipay documents nothing about this code.",
    "平台未公开说明该错误码的含义。",
)


def meaning_of(code: str, language: str) -> str:
    """Return what a code means; a sentence that says so where it is not documented.

    Args:
        code: spelt as on the wire.
        language: "zh" or "en".
    """
    which = 1 if language == "zh" else 0
    if code in DOCUMENTED:
        return DOCUMENTED[code][which]
    if code in BY_NAME:
        return _SUGGESTS[which].format(BY_NAME[code][which])
    return _SAYS_NOTHING[which]
