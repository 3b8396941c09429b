"""The grammar of the Authorization header, as the gateway reads it. No I/O here.

`ALIPAY-SHA256withRSA key=value,key=value,sign=base64`: one blank, no quotes, any order of keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["Authorization", "read_authorization"]

_SCHEME: Final = "ALIPAY-SHA256withRSA "
_SIGN: Final = ",sign="
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,16}")
_MAX_NONCE: Final = 128


@final
@attrs.frozen(kw_only=True)
class Authorization:
    """A header that follows the grammar.

    Attributes:
        text: the authorization string, literally as received: the first line that was signed.
        signature: the text after the first `,sign=`.
        app_id: the calling application.
        nonce: unique text of the request.
        timestamp_ms: milliseconds since 1970.
        app_cert_sn: serial number of the app certificate; `None` in key mode.
    """

    text: str
    signature: str
    app_id: str
    nonce: str
    timestamp_ms: int
    app_cert_sn: str | None = None


def read_authorization(header: str | None) -> Authorization:
    """Read the header's value. Keys that are not known are tolerated, `expired_seconds` among them.

    Args:
        header: the value as received; `None` if there was none.

    Raises:
        Refusal: it is missing, breaks the grammar, names a key twice, or lacks one.
    """
    if header is None:
        raise Refusal("missing-timestamp")
    if not header.startswith(_SCHEME):
        raise Refusal("invalid-signature-type")
    text, _, signature = header.removeprefix(_SCHEME).partition(_SIGN)
    if not signature:
        raise Refusal("missing-signature")
    pairs = _read_pairs(text)
    app_id = pairs.get("app_id")
    if not app_id:
        raise Refusal("missing-app-id")
    timestamp = pairs.get("timestamp")
    if not timestamp:
        raise Refusal("missing-timestamp")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Refusal("invalid-timestamp")
    nonce = pairs.get("nonce")
    if not nonce:
        # No published code speaks of nonces.
        raise Refusal("invalid-parameter", "The Authorization header has no nonce.")
    if len(nonce) > _MAX_NONCE:
        raise Refusal("invalid-parameter", f"nonce is longer than {_MAX_NONCE} characters.")
    return Authorization(
        text=text,
        signature=signature,
        app_id=app_id,
        nonce=nonce,
        timestamp_ms=int(timestamp),
        app_cert_sn=pairs.get("app_cert_sn"),
    )


def _read_pairs(text: str) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for pair in text.split(","):
        key, equals, value = pair.partition("=")
        if not equals or not _KEY.fullmatch(key):
            raise Refusal(
                "invalid-parameter", "The Authorization header is not made of key=value pairs."
            )
        if key in pairs:
            raise Refusal("invalid-parameter", f"The Authorization header names {key} twice.")
        pairs[key] = value
    return pairs
