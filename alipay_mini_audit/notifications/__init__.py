"""Notifications of the platform: verified bytes become objects, objects find their handlers."""

from alipay_mini_audit.notifications.messages import (
    AuditPassed,
    AuditRejected,
    AuthorizationChanged,
    Notification,
    OtherNotification,
)

__all__ = [
    "AuditPassed",
    "AuditRejected",
    "AuthorizationChanged",
    "Notification",
    "OtherNotification",
]
