"""By how much the clock of this computer differs from the platform's."""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.cli.language import said

__all__ = ["ILLEGAL_TIMESTAMP", "TOLD_FROM", "clock_said"]

ILLEGAL_TIMESTAMP: Final = "illegal-timestamp"
"""The platform's code for a request whose time is more than ten minutes off."""
TOLD_FROM: Final = 60.0
"""Seconds from which on somebody should set it."""


def clock_said(offset: float, language: str) -> str:
    """Return a sentence about the clock of this computer.

    Args:
        offset: seconds that the platform's clock is ahead of it, negative for behind.
        language: "zh" or "en".
    """
    seconds = abs(round(offset))
    if not seconds:
        return said(
            "The clock of this computer and the platform's agree to the second.",
            "本机时钟与平台时钟一致，相差不到 1 秒。",
            language,
        )
    if offset > 0:
        return said(
            f"The clock of this computer is {seconds} s behind the platform's.",
            f"本机时钟比平台时钟慢 {seconds} 秒。",
            language,
        )
    return said(
        f"The clock of this computer is {seconds} s ahead of the platform's.",
        f"本机时钟比平台时钟快 {seconds} 秒。",
        language,
    )
