"""Quotas of templates: the day that they count for, and refusals that mean that one is used up.

Alipay takes 5 mini-programs a day of an ordinary template. By which code it refuses the next one is
not documented, so a template rests only after the same code came three times, a minute apart.
"""

from __future__ import annotations

import datetime
from typing import Final, final

import attrs

from alipay_mini_audit.models.wire import BEIJING

__all__ = ["SUSPECTS", "TemplateWatch", "day_in_beijing", "next_midnight"]

SUSPECTS: Final = frozenset(
    {"SYSTEM_LIMIT", "CAN_NOT_SUBMIT_WITH_ONLINE_MINI_APP_EXCEED_LIMIT", "HAS_NO_MODIFY_CNT"}
)
"""Codes that may mean that the quota of a template is used up."""
_PROOFS: Final = 3
_APART_SECONDS: Final = 60.0
_KEPT: Final = 10_000


def day_in_beijing(now: float) -> str:
    """Return the day, as `2026-03-04`.

    Args:
        now: seconds since 1970.
    """
    return datetime.datetime.fromtimestamp(now, BEIJING).date().isoformat()


def next_midnight(now: float) -> float:
    """Return when the next day begins in Beijing, in seconds since 1970.

    Args:
        now: seconds since 1970.
    """
    today = datetime.datetime.fromtimestamp(now, BEIJING).date()
    midnight = datetime.datetime.combine(today, datetime.time(), BEIJING)
    return (midnight + datetime.timedelta(days=1)).timestamp()


@final
@attrs.define
class _Suspicion:
    code: str
    day: str
    count: int
    again_at: float


@final
class TemplateWatch:
    """Notes which templates are refused, and which rest until midnight in Beijing."""

    def __init__(self) -> None:
        self._suspicions: dict[str, _Suspicion] = {}

    def refused(self, template: str, code: str, now: float) -> None:
        """Note that an entry of a template was refused.

        Args:
            template: which.
            code: the platform's.
            now: the time, in seconds since 1970.
        """
        if not template or code not in SUSPECTS:
            return
        day = day_in_beijing(now)
        known = self._suspicions.get(template)
        if known is None or (known.code, known.day) != (code, day):
            known = _Suspicion(code, day, 0, 0.0)
        if now < known.again_at:
            return
        known.count += 1
        known.again_at = next_midnight(now) if known.count >= _PROOFS else now + _APART_SECONDS
        self._suspicions[template] = known
        if len(self._suspicions) > _KEPT:
            self._suspicions.pop(next(iter(self._suspicions)))

    def accepted(self, template: str) -> None:
        """Note that an entry of a template was accepted."""
        self._suspicions.pop(template, None)

    def waits_until(self, template: str, now: float) -> float:
        """Return until when no entry of a template should be sent; 0 for at once."""
        known = self._suspicions.get(template)
        return 0.0 if known is None or known.again_at <= now else known.again_at

    def rests(self, template: str, now: float) -> bool:
        """Say whether the quota of a template is taken for used up."""
        known = self._suspicions.get(template)
        return known is not None and known.count >= _PROOFS and known.again_at > now
