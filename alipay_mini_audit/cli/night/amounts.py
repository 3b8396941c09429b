"""What a person writes for a rate, a quota, a speed or a moment."""

from __future__ import annotations

import datetime
import re
from typing import Final

from alipay_mini_audit.batch import BatchPolicy
from alipay_mini_audit.batch.policy import Changed
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said

__all__ = ["bytes_per_second_of", "moment_of", "policy_of", "quota_of", "rate_of"]

_NUMBER: Final = r"(\d{1,12}(?:\.\d{1,6})?)"
_RATE: Final = re.compile(_NUMBER + r"(?:/(s|sec|min|m|h|hour))?")
_QUOTA: Final = re.compile(r"([1-9]\d{0,8})(?:/(?:day|d))?")
_SPEED: Final = re.compile(_NUMBER + r"\s?([kmg]i?)?b?(?:/s)?", re.IGNORECASE)
_MOMENT: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SECONDS: Final = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600}
_UNITS: Final = {
    "": 1,
    "k": 1024,
    "m": 1024**2,
    "g": 1024**3,
    "ki": 1024,
    "mi": 1024**2,
    "gi": 1024**3,
}


def policy_of(
    rate: str | None,
    template_quota: str | None,
    until: str | None,
    max_bytes_per_second: str | None,
    concurrency: int,
    unknown_window: float,
    stop_after: int | None,
    changed: Changed,
) -> BatchPolicy:
    """Return the policy of a batch from the options of the same names.

    Raises:
        CommandFailed: one cannot be understood, and is named.
    """
    return BatchPolicy(
        concurrency=concurrency,
        rate=rate_of(rate),
        template_quota=quota_of(template_quota),
        until=moment_of(until, datetime.datetime.now().astimezone()),
        max_bytes_per_second=bytes_per_second_of(max_bytes_per_second),
        unknown_window=unknown_window,
        stop_after=stop_after,
        changed=changed,
    )


def rate_of(text: str | None) -> float | None:
    """Return calls a second.

    Args:
        text: `5`, `5/s`, `300/min` or `1000/h`; `None` stays so.

    Raises:
        CommandFailed: it is none of these, or 0.
    """
    if text is None:
        return None
    found = _RATE.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise _unusable("--rate", text, "5/s, 300/min")
    return float(found[1]) / _SECONDS[found[2] or "s"]


def quota_of(text: str | None) -> int | None:
    """Return submissions per template and day.

    Args:
        text: `5` or `5/day`; `None` stays so.

    Raises:
        CommandFailed: it is none of these, or 0.
    """
    if text is None:
        return None
    found = _QUOTA.fullmatch(text.strip())
    if found is None:
        raise _unusable("--template-quota", text, "5/day")
    return int(found[1])


def bytes_per_second_of(text: str | None) -> float | None:
    """Return bytes a second.

    Args:
        text: `2MB/s`, `500KB`, `1.5MiB/s` or a number of bytes; `None` stays so. An MB is a MiB.

    Raises:
        CommandFailed: it is none of these, or 0.
    """
    if text is None:
        return None
    found = _SPEED.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise _unusable("--max-bytes-per-second", text, "2MB/s, 500KB/s")
    return float(found[1]) * _UNITS[(found[2] or "").lower()]


def moment_of(text: str | None, now: datetime.datetime) -> datetime.datetime | None:
    """Return the next such moment by the clock of this machine.

    Args:
        text: `06:00`; `None` stays so.
        now: an aware moment in the time zone of this machine.

    Raises:
        CommandFailed: it is no time of day.
    """
    if text is None:
        return None
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise _unusable("--until", text, "06:00")
    time = datetime.time(int(found[1]), int(found[2]))
    # The offset may change in between, at the end of summer time say.
    days = (now.date() + datetime.timedelta(days=ahead) for ahead in range(2))
    moments = [datetime.datetime.combine(day, time).astimezone() for day in days]
    return next((moment for moment in moments if moment > now), moments[-1])


def _unusable(option: str, text: str, examples: str) -> CommandFailed:
    return CommandFailed(
        said(
            f"{option}: cannot use {text!r}. Write it as {examples}.",
            f"{option}：无法识别 {text!r}。请写成 {examples}。",
        )
    )
