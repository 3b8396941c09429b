"""What a receiver has to answer. No I/O here."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

__all__ = ["answers_check", "is_success"]

_OK: Final = 200
_SUCCESS: Final = b"success"
_BEGIN: Final = b"<response>"
_END: Final = b"</response>"
_SIGN: Final = re.compile(rb"\s*<sign>\s*(?P<sign>[A-Za-z0-9+/=]+)\s*</sign>")


def is_success(status: int | None, answer: bytes) -> bool:
    """Whether an answer says that a message has arrived: 200, and seven bytes.

    Args:
        status: HTTP status; `None` if none came.
        answer: the whole body, or more than seven bytes of it.
    """
    return status == _OK and answer == _SUCCESS


def answers_check(status: int | None, answer: bytes, app_public_key: RSA.RsaKey) -> bool:
    """Whether an answer opens the gateway of an app. Blocking, about a millisecond.

    It has to be XML that says so and is signed by the app, over what is between the tags of
    `response`, exactly as it is written there. The key in it is not looked at: whether the platform
    does, no source says.

    Args:
        status: HTTP status; `None` if none came.
        answer: the whole body.
        app_public_key: verifies.
    """
    begin, end = answer.find(_BEGIN) + len(_BEGIN), answer.rfind(_END)
    inner, found = answer[begin:end], _SIGN.match(answer, end + len(_END))
    if status != _OK or found is None or b"<success>true</success>" not in inner:
        return False
    try:
        signature = base64.b64decode(found["sign"], validate=True)
        pkcs1_15.new(app_public_key).verify(SHA256.new(inner), signature)
    except (binascii.Error, ValueError):
        return False
    return True
