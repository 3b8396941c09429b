"""What to do about a code, as text, in each language. No program logic reads these texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.codes.remedies.en import ENGLISH
from alipay_mini_audit.codes.remedies.releases import RELEASES
from alipay_mini_audit.codes.remedies.zh import CHINESE

__all__ = ["TEXTS", "text_of"]

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {**ENGLISH, **{remedy: texts[0] for remedy, texts in RELEASES.items()}},
    "zh": {**CHINESE, **{remedy: texts[1] for remedy, texts in RELEASES.items()}},
}
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
