"""From the body of a request to the fields of a form, still as bytes: that is what was signed.

The text that is signed escapes nothing, so two forms may have one text: a field that swallows its
neighbour, `notify_id=1%26service%3Dx`, would be signed as well. Such forms are refused; only
fields that nobody knows may still have swallowed each other.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.errors import RejectionReason
from alipay_mini_audit.notifications.rejections import rejected

__all__ = ["LARGEST_BODY", "TRANSPORT_FIELDS", "read_form"]

LARGEST_BODY: Final = 1024 * 1024
"""Bytes; a rejection with all its remarks has some ten thousand."""
TRANSPORT_FIELDS: Final = frozenset(
    {
        *("app_id", "charset", "encrypt_type", "msg_method", "notify_id", "notify_time"),
        *("notify_type", "service", "sign", "sign_type", "utc_timestamp", "version"),
    }
)
"""Fields around the content, which have plain values."""

_MOST_FIELDS: Final = 128
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_NAME: Final = re.compile(rb"[^&=]+")
_SWALLOWED: Final = re.compile(rb"&([^&=]+)=")
_CONTENT: Final = b"biz_content"
_TRANSPORT: Final = frozenset(name.encode() for name in TRANSPORT_FIELDS)
_SIGNATURE: Final = frozenset({b"sign", b"sign_type"})


def read_form(body: bytes, headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return the fields of a form, decoded once, as bytes.

    Args:
        body: as it came.
        headers: of the request, their names in any case. Only the media type of `Content-Type`
            counts, if there is one: nobody signs its charset, field `charset` is signed.

    Raises:
        NotificationRejected: it is too large, or not a form with one meaning.
        TypeError: `body` is not `bytes`.
    """
    if not isinstance(body, bytes):
        raise TypeError(f"body: expected bytes as they came, not {type(body).__name__}")
    if len(body) > LARGEST_BODY:
        raise rejected(RejectionReason.TOO_LARGE)
    pairs = body.split(b"&", _MOST_FIELDS)
    is_form = _is_form(headers) and len(pairs) <= _MOST_FIELDS and not _BAD_ESCAPE.search(body)
    if not is_form or not all(b"=" in pair for pair in pairs if pair):
        raise rejected(RejectionReason.NOT_A_FORM)
    fields: dict[bytes, bytes] = {}
    for pair in filter(None, pairs):
        name, value = (_unescaped(part) for part in pair.split(b"=", 1))
        if name in fields:
            raise rejected(RejectionReason.REPEATED_FIELD)
        fields[name] = value
    if not all(_NAME.fullmatch(name) for name in fields) or _is_ambiguous(fields):
        raise rejected(RejectionReason.NOT_A_FORM)
    return fields


def _unescaped(text: bytes) -> bytes:
    """Decode `+` and `%41`, of which each `%` has its two digits.

    By way of quoted-printable, which writes `=41`: it is decoded in C. A megabyte of escapes took
    `unquote_to_bytes` more than 100 ms of the event loop, and anybody may send it.
    """
    plain = text.replace(b"+", b" ").replace(b"=", b"=3D")
    return binascii.a2b_qp(plain.replace(b"%", b"="))


def _is_form(headers: Mapping[str, str]) -> bool:
    given = [value for name, value in headers.items() if name.lower() == "content-type"]
    return all(value.partition(";")[0].strip().lower() in ("", _MEDIA_TYPE) for value in given)


def _is_ambiguous(fields: Mapping[bytes, bytes]) -> bool:
    """Say whether a value may have swallowed a field that is missing, or of the signature.

    Addresses of pictures in the content may hold `&sign=`; content that has swallowed what follows
    it is no JSON any more.
    """
    for name, value in fields.items():
        if b"&" not in value:
            continue
        swallowed = _TRANSPORT.intersection(_SWALLOWED.findall(value))
        may_be_there = fields.keys() if name == _CONTENT else fields.keys() - _SIGNATURE
        if name in _TRANSPORT or swallowed - may_be_there:
            return True
    return False
