"""Notifications of the platform: verified bytes become objects, objects find their handlers."""

from alipay_mini_audit.notifications.form import LARGEST_BODY
from alipay_mini_audit.notifications.messages import (
    AnyNotification,
    AuditPassed,
    AuditRejected,
    AuthorizationChanged,
    Notification,
    OtherNotification,
)
from alipay_mini_audit.notifications.router import NotificationAnswer, NotificationRouter
from alipay_mini_audit.notifications.seen import MemorySeen, SeenStore
from alipay_mini_audit.notifications.signing import sign_notification

__all__ = [
    "LARGEST_BODY",
    "AnyNotification",
    "AuditPassed",
    "AuditRejected",
    "AuthorizationChanged",
    "MemorySeen",
    "Notification",
    "NotificationAnswer",
    "NotificationRouter",
    "OtherNotification",
    "SeenStore",
    "sign_notification",
]
