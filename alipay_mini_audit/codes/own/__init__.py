"""The codes of this package: what it finds by itself, before anything is sent.

They are in lower case, those of the platform are not. Each has a meaning and an advice in English
and in Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.codes.own import (
    folders,
    grants,
    inputs,
    journals,
    keys,
    manifests,
    notifications,
    settings,
)

__all__ = ["OWN", "own_texts"]

OWN: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    **folders.TEXTS,
    **grants.TEXTS,
    **inputs.TEXTS,
    **journals.TEXTS,
    **keys.TEXTS,
    **manifests.TEXTS,
    **notifications.TEXTS,
    **settings.TEXTS,
}
"""Code -> (meaning, advice) in English, then in Chinese."""

_FOUND_HERE: Final = (
    "A check of this package, not a code of the platform: {}",
    "本库自身的检查，不是平台错误码：{}",
)


def own_texts(code: str, language: str) -> tuple[str, str]:
    """Return what a code of this package means, and what to do about it.

    Args:
        code: one of `OWN`.
        language: "zh" or "en".

    Raises:
        KeyError: it is not among them.
    """
    which = 1 if language == "zh" else 0
    meaning, advice = OWN[code][which]
    return _FOUND_HERE[which].format(meaning), advice
