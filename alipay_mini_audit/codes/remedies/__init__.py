"""What to do about a code, as text: one module a language. No program logic reads these texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.codes.remedies.en import ENGLISH
from alipay_mini_audit.codes.remedies.zh import CHINESE

__all__ = ["TEXTS", "text_of"]

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {"en": ENGLISH, "zh": CHINESE}
"""Language, then remedy, then its text."""


def text_of(remedy: str, language: str = "en") -> str:
    """Return the text of a remedy.

    Args:
        remedy: its key, as in `Code.remedy`.
        language: one of `TEXTS`.

    Raises:
        KeyError: there is no such remedy or language.
    """
    return TEXTS[language][remedy]
