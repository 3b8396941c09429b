"""The front door: `AuditClient`."""

from alipay_mini_audit.client.client import AuditClient

__all__ = ["AuditClient"]
