"""The error codes of the platform: what kind each is, and what to do about it.

Source: the official OpenAPI schema of 2026-10-08, the SDK enums, and docs page 054fcv. The set
stays open: the platform answers codes that no list has, and `look_up` returns `None` for them.
"""

from alipay_mini_audit.codes.catalogue import CATALOGUE, codes_of, kind_of_status, look_up, unwrap
from alipay_mini_audit.codes.code import ERROR_CLASSES, Code
from alipay_mini_audit.codes.explanation import Explanation, explain

__all__ = [
    "CATALOGUE",
    "ERROR_CLASSES",
    "Code",
    "Explanation",
    "codes_of",
    "explain",
    "kind_of_status",
    "look_up",
    "unwrap",
]
