"""The calendar of the platform, which is that of Beijing. No I/O here."""

from __future__ import annotations

import datetime
from typing import Final

__all__ = ["beijing_day", "beijing_time"]

_BEIJING: Final = datetime.timezone(datetime.timedelta(hours=8))


def beijing_day(time: float) -> datetime.date:
    """Return the day in Beijing.

    Args:
        time: seconds since 1970.
    """
    return datetime.datetime.fromtimestamp(time, _BEIJING).date()


def beijing_time(time: float) -> str:
    """Return a time as the platform writes it.

    Args:
        time: seconds since 1970.
    """
    return datetime.datetime.fromtimestamp(time, _BEIJING).strftime("%Y-%m-%d %H:%M:%S")
