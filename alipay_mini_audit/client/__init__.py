"""`AuditClient`, what a program calls."""

from alipay_mini_audit.client.client import AuditClient

__all__ = ["AuditClient"]
