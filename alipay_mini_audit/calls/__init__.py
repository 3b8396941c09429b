"""From a call to its outcome: prepare, attempt, decide, ask, attempt again."""

from alipay_mini_audit.calls.runner import Attempts, Call, Options

__all__ = ["Attempts", "Call", "Options"]
