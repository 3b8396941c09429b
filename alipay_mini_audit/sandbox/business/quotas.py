"""How often an app may call, and how often a template may be submitted. No I/O here."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Mapping
from typing import Final, final

from alipay_mini_audit.sandbox.business.days import beijing_day
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["CallRate", "TemplateQuota"]

_A_DAY: Final = 5


@final
class TemplateQuota:
    """Five submissions a day of each template, counted by the days of Beijing.

    Args:
        templates: the template of each mini-program, by its merchant's token. Mini-programs
            without one are not counted.
    """

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = dict(templates)
        self._days: dict[str, datetime.date] = {}
        self._counts: collections.Counter[str] = collections.Counter()

    def take(self, app_auth_token: str | None, now: float) -> None:
        """Count a submission.

        Args:
            app_auth_token: the merchant's token; `None` for the app's own mini-program.
            now: seconds since 1970.

        Raises:
            Refusal: there were five today already.
        """
        template = None if app_auth_token is None else self._templates.get(app_auth_token)
        if template is None:
            return
        today = beijing_day(now)
        if self._days.get(template) != today:
            self._days[template] = today
            self._counts[template] = 0
        if self._counts[template] >= _A_DAY:
            raise Refusal("SYSTEM_LIMIT")
        self._counts[template] += 1

    def clear(self) -> None:
        """Forget what was counted."""
        self._days.clear()
        self._counts.clear()


@final
class CallRate:
    """So many calls in any second; those that are refused do not count.

    Args:
        most: how many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._calls: collections.deque[float] = collections.deque()

    def take(self, now: float) -> None:
        """Count a call.

        Args:
            now: seconds since 1970.

        Raises:
            Refusal: there were too many in the second before.
        """
        while self._calls and not 0 <= now - self._calls[0] < 1:  # a clock may be set back
            self._calls.popleft()
        if len(self._calls) >= self._most:
            raise Refusal("app-call-limited")
        self._calls.append(now)
