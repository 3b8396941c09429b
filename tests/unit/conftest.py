"""Keys and replies, made by an outside judge: `cryptography`, never the package itself."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from alipay_mini_audit.protocol import RawReply

Answer = Callable[..., RawReply]


@pytest.fixture(scope="session")
def keys() -> Path:
    """The folder of the test keys."""
    return Path(__file__).parents[1] / "vectors" / "keys"


@pytest.fixture(scope="session")
def app_key(keys: Path) -> RSAPrivateKey:
    """The application's key."""
    key = load_pem_private_key((keys / "app.pkcs8.pem").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


@pytest.fixture(scope="session")
def alipay_key(keys: Path) -> RSAPrivateKey:
    """The key that the platform signs with."""
    key = load_pem_private_key((keys / "alipay.pkcs8.pem").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


@pytest.fixture(scope="session")
def answer(alipay_key: RSAPrivateKey) -> Answer:
    """Make a reply as the platform does; signed unless told otherwise."""

    def make(
        body: bytes = b"{}",
        status: int = 200,
        *,
        signed: bool = True,
        headers: dict[str, str] | None = None,
    ) -> RawReply:
        sent = {
            "alipay-timestamp": "1700000000000",
            "alipay-nonce": "n-1",
            "alipay-trace-id": "trace-1",
        }
        if signed:
            message = b"1700000000000\nn-1\n" + body + b"\n"
            signature = alipay_key.sign(message, PKCS1v15(), SHA256())
            sent["alipay-signature"] = base64.b64encode(signature).decode("ascii")
        return RawReply(status, sent | (headers or {}), body)

    return make
