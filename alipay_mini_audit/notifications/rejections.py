"""`rejected`: the error that an incoming notification is, told in both languages."""

from __future__ import annotations

from alipay_mini_audit.codes.own.notifications import TEXTS
from alipay_mini_audit.errors import NotificationRejected, RejectionReason
from alipay_mini_audit.problems import told

__all__ = ["rejected"]


def rejected(reason: RejectionReason) -> NotificationRejected:
    """Return the error to raise; it shows nothing of what came."""
    english, chinese = TEXTS[reason.value]
    return NotificationRejected(reason, told("notification", reason.value, english, chinese))
