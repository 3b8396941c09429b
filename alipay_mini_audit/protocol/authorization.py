"""Header `Authorization` and the text that is signed (docs page 054q58; the official SDKs agree).

These texts are public so that an `invalid-signature` can be looked at: print `string_to_sign` and
compare.
"""

from __future__ import annotations

import base64
from typing import Final

__all__ = ["SCHEME", "auth_string", "authorization", "reply_to_verify", "string_to_sign"]

SCHEME: Final = "ALIPAY-SHA256withRSA"


def auth_string(
    *, app_id: str, nonce: str, timestamp_ms: int | str, app_cert_sn: str | None = None
) -> str:
    """Return the part of the header that is signed, in the order of the official SDKs.

    Args:
        app_id: the calling application.
        nonce: a text that was never used before.
        timestamp_ms: milliseconds since 1970; the platform refuses what is over ten minutes off.
        app_cert_sn: serial number of the application certificate; `None` in key mode.
    """
    members = {
        "app_id": app_id,
        "app_cert_sn": app_cert_sn,
        "nonce": nonce,
        "timestamp": str(timestamp_ms),
    }
    return ",".join(f"{name}={value}" for name, value in members.items() if value)


def string_to_sign(
    auth_string: str, method: str, target: str, body: str = "", app_auth_token: str | None = None
) -> str:
    """Return the text that is signed: five lines, each ended by a line feed.

    The fifth line is there only with a token.

    Args:
        auth_string: exactly as it is sent in the header.
        method: HTTP method, upper case.
        target: path and query exactly as they go on the wire.
        body: the JSON text as sent, for an upload only the text of part `data`; empty if there is
            none.
        app_auth_token: exactly as in header `alipay-app-auth-token`; `None` if there is none.
    """
    lines = [auth_string, method, target, body]
    if app_auth_token is not None:
        lines.append(app_auth_token)
    return "".join(f"{line}\n" for line in lines)


def authorization(auth_string: str, signature: bytes) -> str:
    """Return the value of header `Authorization`.

    Args:
        auth_string: exactly as it was signed.
        signature: the raw signature.
    """
    return f"{SCHEME} {auth_string},sign={base64.b64encode(signature).decode('ascii')}"


def reply_to_verify(timestamp: str, nonce: str, body: bytes) -> bytes:
    """Return the text that the platform signs: time, nonce and raw body, each ended by a line feed.

    Args:
        timestamp: header `alipay-timestamp`.
        nonce: header `alipay-nonce`.
        body: the body as received, before it is decrypted.
    """
    return f"{timestamp}\n{nonce}\n".encode(errors="surrogateescape") + body + b"\n"
