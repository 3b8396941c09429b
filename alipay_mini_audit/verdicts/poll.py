"""`Poll`: how often the platform is asked while nothing is heard. No I/O here."""

from __future__ import annotations

from typing import Final, final

import attrs

from alipay_mini_audit.models.numbers import positive_number

__all__ = ["Poll"]

_ROUNDED: Final = 1e-6
"""Sums of intervals are a little less than their multiples."""


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
        """
        count, at, interval = 1, self.first, self.first
        while at <= seconds:
            count += 1
            interval = self.after(interval)
            if interval == self.after(interval):
                return count + int((seconds - at) / interval + _ROUNDED)
            at += interval
        return count
