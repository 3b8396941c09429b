"""`open_already`: what a journal says when it is opened a second time. No I/O here."""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["open_already"]

_OPEN: Final = (
    ("it is open already.", "Use it as it is, or open another one of the same file."),
    ("它已经打开。", "请直接使用，或为同一文件另建一个对象。"),
)
_OPEN_IN_MEMORY: Final = (
    ("it is open already.", "Use it as it is."),
    ("它已经打开。", "请直接使用。"),
)


def open_already(*, has_file: bool = True) -> ConfigurationError:
    """Return the error for a journal that is open.

    Args:
        has_file: whether another object may be opened of the same file.
    """
    texts = _OPEN if has_file else _OPEN_IN_MEMORY
    return ConfigurationError.from_problem(told("journal", "open_already", *texts))
