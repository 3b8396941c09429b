"""`AuditClient`, what a program calls, and `check`, which needs none."""

from alipay_mini_audit.client.checking import check
from alipay_mini_audit.client.client import AuditClient

__all__ = ["AuditClient", "check"]
