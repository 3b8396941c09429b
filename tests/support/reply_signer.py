"""Signs replies as the platform does, by an outside judge: `cryptography`, never the package."""

import base64
import time
import uuid

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256


def signed_headers(
    body: bytes,
    key: RSAPrivateKey,
    *,
    timestamp: str | None = None,
    nonce: str | None = None,
) -> dict[str, str]:
    """Return the headers that sign a body: time, nonce, and signature over both and the body.

    Without them it is signed now, and with a nonce of its own.
    """
    timestamp = str(time.time_ns() // 1_000_000) if timestamp is None else timestamp
    nonce = uuid.uuid4().hex if nonce is None else nonce
    message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = key.sign(message, PKCS1v15(), SHA256())
    return {
        "alipay-timestamp": timestamp,
        "alipay-nonce": nonce,
        "alipay-signature": base64.b64encode(signature).decode("ascii"),
    }
