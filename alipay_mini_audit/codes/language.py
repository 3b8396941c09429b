"""Which language people are answered in: what was asked for, the environment, the locale."""

from __future__ import annotations

import os
import re
from typing import Final

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["LANGUAGES", "language_of"]

LANGUAGES: Final = ("en", "zh")
_UNKNOWN: Final = (
    ("there are texts in 'zh' and 'en' only.", ""),
    ("只有 'zh' 和 'en' 两种语言的文本。", ""),
)
_VARIABLE: Final = "ALIPAY_MINI_AUDIT_LANG"
_CHINESE: Final = re.compile(r"zh(?![a-z])", re.IGNORECASE)
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of(asked: str | None = None) -> str:
    """Return "zh" or "en".

    Args:
        asked: one of the two; `None` takes `ALIPAY_MINI_AUDIT_LANG`, then the first of `LC_ALL`,
            `LC_MESSAGES` and `LANG` that is set. What is neither there is English.

    Raises:
        ConfigurationError: another language was asked for.
        TypeError: it is no text.
    """
    if asked is not None:
        if not isinstance(asked, str):
            raise TypeError(f"language: expected 'zh', 'en' or None, not {type(asked).__name__}")
        if asked not in LANGUAGES:
            raise ConfigurationError.from_problem(told("language", "unknown_language", *_UNKNOWN))
        return asked
    chosen = os.environ.get(_VARIABLE) or next(
        (os.environ[name] for name in _LOCALE if os.environ.get(name)), ""
    )
    return "zh" if _CHINESE.match(chosen) else "en"
