"""When a night ends, by its rate and by the quotas of its templates. Pure, no I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.batch.quota import next_midnight

__all__ = ["Forecast", "forecast"]

_DAY: Final = 86_400.0


@final
@attrs.frozen(kw_only=True)
class Forecast:
    """What will become of the entries that wait.

    Attributes:
        today: how many the quotas of their templates let go now.
        fits: how many of them there is time for before `--until`; all of them without.
        later: how many the quotas leave for other days.
        ends_at: when what fits is sent, in seconds since 1970; `None` if no rate is known.
        last_day: when the last day begins that quotas make necessary, in seconds since 1970; `None`
            if today is enough.
    """

    today: int
    fits: int
    later: int
    ends_at: float | None
    last_day: float | None


def forecast(
    waiting: Mapping[str, int],
    used: Mapping[str, int],
    *,
    now: float,
    quota: int | None,
    rate: float | None,
    until: float | None = None,
) -> Forecast:
    """Say when what waits is sent.

    Args:
        waiting: template -> how many of its entries wait; the empty name is of those without.
        used: template -> how many places of today's quota are used.
        now: the time in seconds since 1970.
        quota: of each template and day; `None` for none.
        rate: entries a second; `None` if it is not known.
        until: when nothing more is begun, in seconds since 1970; `None` for no end.
    """
    today = later = days = 0
    for template, count in waiting.items():
        places = count
        if template and quota is not None:
            places = min(count, max(0, quota - used.get(template, 0)))
            days = max(days, -(-(count - places) // quota))
        today += places
        later += count - places
    fits = today
    if until is not None and rate is not None:
        fits = min(today, int(max(0.0, until - now) * rate))
    return Forecast(
        today=today,
        fits=fits,
        later=later,
        ends_at=None if rate is None else now + fits / rate,
        last_day=next_midnight(now) + (days - 1) * _DAY if days else None,
    )
