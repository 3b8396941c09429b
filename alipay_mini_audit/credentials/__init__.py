"""Who calls: keys and certificates, from arguments, the environment or a file."""

from alipay_mini_audit.credentials.credentials import Credentials

__all__ = ["Credentials"]
