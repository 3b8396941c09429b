"""The old signature of forms, and the form itself. No I/O here.

"V1" drops `sign` and `sign_type`, "V2" drops `sign` alone: the names of the official SDKs, whose
PHP edition gives V2 for the messages of life accounts. A check of the gateway is signed by V2.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from alipay_mini_audit.sandbox.notifications.messages import Message

__all__ = ["encode_form", "text_to_sign"]


def text_to_sign(message: Message) -> bytes:
    """Return what is signed: pairs in the order of their names, in the message's charset.

    Args:
        message: what is told.
    """
    left_out = {"sign"} if message.signs_type else {"sign", "sign_type"}
    fields = message.fields
    pairs = sorted(pair for pair in fields.items() if pair[0] not in left_out)
    return b"&".join(name.encode("ascii") + b"=" + value for name, value in pairs)


def encode_form(fields: Mapping[str, bytes], sign: str) -> bytes:
    """Return the body of the request.

    Args:
        fields: of the message, in their order.
        sign: the signature in base64.
    """
    return urlencode([*fields.items(), ("sign", sign)]).encode("ascii")
