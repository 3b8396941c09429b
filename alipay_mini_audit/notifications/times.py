"""The two spellings of a time in notifications."""

from __future__ import annotations

import datetime
import re
from typing import Final

from alipay_mini_audit.models.wire import time_from_wire

__all__ = ["beijing_time", "in_milliseconds", "milliseconds"]

_EPOCH: Final = datetime.datetime.fromtimestamp(0, datetime.UTC)
_DIGITS: Final = re.compile(r"[0-9]{1,14}")
"""Up to the year 5138; today's have 13."""


def milliseconds(value: object) -> datetime.datetime | None:
    """Read milliseconds since 1970, a number or digits, in UTC; `None` if it is something else."""
    text = value if isinstance(value, str) else f"{value}"
    return _EPOCH + datetime.timedelta(milliseconds=int(text)) if _DIGITS.fullmatch(text) else None


def in_milliseconds(moment: datetime.datetime) -> str:
    """Write an aware time as milliseconds since 1970."""
    return str((moment - _EPOCH) // datetime.timedelta(milliseconds=1))


def beijing_time(text: str | None) -> datetime.datetime | None:
    """Read a time such as `2026-03-04 05:06:07` of Beijing; `None` if it is something else."""
    try:
        return time_from_wire(text)
    except ValueError:
        return None
