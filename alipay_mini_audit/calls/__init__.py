"""From a call to its outcome: prepare, attempt, decide, ask, attempt again."""

from alipay_mini_audit.calls.attempt import Answer
from alipay_mini_audit.calls.call import NO_TOKEN, Call, CallOptions, CallSpec, NoToken, SendGate
from alipay_mini_audit.calls.listed import list_query
from alipay_mini_audit.calls.preparation import CallPreparation
from alipay_mini_audit.calls.resolution import CLOCK_ALLOWANCE, is_about
from alipay_mini_audit.calls.runner import CallRunner

__all__ = [
    "CLOCK_ALLOWANCE",
    "NO_TOKEN",
    "Answer",
    "Call",
    "CallOptions",
    "CallPreparation",
    "CallRunner",
    "CallSpec",
    "NoToken",
    "SendGate",
    "is_about",
    "list_query",
]
