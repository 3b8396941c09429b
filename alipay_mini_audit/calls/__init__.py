"""From a call to its outcome: prepare, attempt, decide, ask, attempt again."""

from alipay_mini_audit.calls.runner import Call, CallOptions, CallRunner

__all__ = ["Call", "CallOptions", "CallRunner"]
