"""From a call to its outcome: prepare, attempt, decide, ask, attempt again."""

from alipay_mini_audit.calls.call import NO_TOKEN, Call, CallOptions, CallSpec, NoToken
from alipay_mini_audit.calls.runner import CallRunner

__all__ = ["NO_TOKEN", "Call", "CallOptions", "CallRunner", "CallSpec", "NoToken"]
