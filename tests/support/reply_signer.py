"""Signs replies as the platform does, by an outside judge: `cryptography`, never the package."""

import base64

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256


def signed_headers(
    body: bytes,
    key: RSAPrivateKey,
    *,
    timestamp: str = "1700000001000",
    nonce: str = "reply-nonce",
) -> dict[str, str]:
    """Return the headers that sign a body: time, nonce, and signature over both and the body."""
    message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = key.sign(message, PKCS1v15(), SHA256())
    return {
        "alipay-timestamp": timestamp,
        "alipay-nonce": nonce,
        "alipay-signature": base64.b64encode(signature).decode("ascii"),
    }
