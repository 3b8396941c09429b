"""OpenAPI v3 on the wire: what is signed, what is sent, how a reply is read. No I/O here."""

from alipay_mini_audit.protocol.authorization import (
    auth_string,
    authorization,
    reply_to_verify,
    string_to_sign,
)
from alipay_mini_audit.protocol.freshness import Admission, ReplyFreshness, RequestTiming
from alipay_mini_audit.protocol.multipart import body_of, part_head
from alipay_mini_audit.protocol.operations import (
    APPLY,
    BUILD_STATUS,
    CANCEL,
    CANCEL_AUDITED,
    CATEGORIES,
    DELETE,
    DETAIL,
    GRAY_CANCEL,
    GRAY_ONLINE,
    OFFLINE,
    ONLINE,
    ROLLBACK,
    TOKEN,
    VERSIONS,
    Effect,
    Operation,
)
from alipay_mini_audit.protocol.replies import (
    TRACE_IDS,
    RawReply,
    is_refusal_status,
    parse_reply,
    verify_reply,
)
from alipay_mini_audit.protocol.requests import Caller, Request, json_text, query_target

__all__ = [
    "APPLY",
    "BUILD_STATUS",
    "CANCEL",
    "CANCEL_AUDITED",
    "CATEGORIES",
    "DELETE",
    "DETAIL",
    "GRAY_CANCEL",
    "GRAY_ONLINE",
    "OFFLINE",
    "ONLINE",
    "ROLLBACK",
    "TOKEN",
    "TRACE_IDS",
    "VERSIONS",
    "Admission",
    "Caller",
    "Effect",
    "Operation",
    "RawReply",
    "ReplyFreshness",
    "Request",
    "RequestTiming",
    "auth_string",
    "authorization",
    "body_of",
    "is_refusal_status",
    "json_text",
    "parse_reply",
    "part_head",
    "query_target",
    "reply_to_verify",
    "string_to_sign",
    "verify_reply",
]
