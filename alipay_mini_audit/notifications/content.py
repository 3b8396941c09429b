"""From the fields of a verified form to texts, and to the JSON in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from alipay_mini_audit.crypto import ContentCipher
from alipay_mini_audit.errors import MalformedReply, RejectionReason
from alipay_mini_audit.notifications.rejections import rejected

__all__ = ["CHARSETS", "json_object", "read_texts"]

CHARSETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "utf-8": "utf-8",
        "utf8": "utf-8",
        **dict.fromkeys(("gbk", "gb2312", "gb18030"), "gb18030"),
    }
)
"""Names of the platform's charsets in lower case -> Python's; the last one holds those before."""
_ALGORITHM: Final = "AES"
_DEEPEST: Final = 32
"""Levels of JSON; the remarks of a rejection have four."""


def read_texts(fields: Mapping[bytes, bytes], cipher: ContentCipher | None) -> dict[str, str]:
    """Return the fields as texts; `biz_content` is decrypted.

    Args:
        fields: of a form that has been verified.
        cipher: decrypts content; `None` if the application has no AES key.

    Raises:
        NotificationRejected: they are in another charset, or cannot be decrypted.
    """
    charset = CHARSETS.get(fields.get(b"charset", b"").decode("latin-1").lower() or "utf-8")
    if charset is None:
        raise rejected(RejectionReason.CHARSET)
    try:
        texts = {name.decode(charset): value.decode(charset) for name, value in fields.items()}
    except UnicodeDecodeError:
        raise rejected(RejectionReason.CHARSET) from None
    if len(texts) != len(fields):
        raise rejected(RejectionReason.REPEATED_FIELD)
    algorithm = texts.get("encrypt_type")
    if algorithm:
        if algorithm != _ALGORITHM or cipher is None:
            raise rejected(RejectionReason.ENCRYPTED)
        texts["biz_content"] = _decrypted(fields.get(b"biz_content", b""), cipher, charset)
    return texts


def json_object(text: str) -> dict[str, object] | None:
    """Return the JSON object in a text; `None` if it is none, or nested absurdly deep."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) and _is_shallow(parsed) else None


def _decrypted(ciphertext: bytes, cipher: ContentCipher, charset: str) -> str:
    try:
        return cipher.decrypt(ciphertext, charset=charset).decode(charset)
    except MalformedReply:
        raise rejected(RejectionReason.DECRYPTION) from None


def _is_shallow(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        if not inner:
            return True
        level = inner
    return False
