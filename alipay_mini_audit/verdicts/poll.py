"""`Poll`: how often the platform is asked while nothing is heard. No I/O here."""

from __future__ import annotations

from typing import Final, final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.models.numbers import as_number, positive_number
from alipay_mini_audit.problems import told

__all__ = ["Poll"]

_ROUNDED: Final = 1e-6
"""Sums of intervals are a little less than their multiples."""
_NO_SILENCE: Final = (
    ("expected a finite number of seconds of at least 0.", ""),
    ("应为有限且不小于 0 的秒数。", ""),
)


@final
@attrs.frozen
class Poll:
    """How often the platform is asked while nothing is heard: at once, and at growing intervals.

    Raises:
        ConfigurationError: a value is no number above 0.
    """

    first: float = attrs.field(default=60.0, validator=positive_number)
    """Seconds from the first question to the second."""
    factor: float = attrs.field(default=1.5, validator=positive_number)
    """By what each interval is longer than the one before; what is below 1 counts as 1."""
    longest: float = attrs.field(default=1800.0, validator=positive_number)
    """Longest interval in seconds; what is below `first` counts as `first`."""

    def after(self, interval: float) -> float:
        """Return the interval that follows one, both in seconds."""
        return min(max(interval, interval * self.factor), max(self.longest, self.first))

    def questions(self, seconds: float) -> int:
        """Return how many questions a silence of so many seconds costs at the most.

        Each message about the version may cost two more.

        Args:
            seconds: how long nothing is heard, a finite number from 0 on.

        Raises:
            ConfigurationError: it is something else.
        """
        silence = as_number(seconds)
        if silence is None or silence < 0:
            raise ConfigurationError.from_problem(told("seconds", "bad_number", *_NO_SILENCE))
        count, at, interval = 1, self.first, self.first
        while at <= silence:
            count += 1
            interval = self.after(interval)
            if interval == self.after(interval):
                return count + int((silence - at) / interval + _ROUNDED)
            at += interval
        return count
