"""Keys and replies, made by an outside judge: `cryptography`, never the package itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.keys import private_key
from support.reply_signer import signed_headers

from alipay_mini_audit.protocol import RawReply

Answer = Callable[..., RawReply]


@pytest.fixture(scope="session")
def keys() -> Path:
    """The folder of the test keys."""
    return Path(__file__).parents[1] / "vectors" / "keys"


@pytest.fixture(scope="session")
def app_key(keys: Path) -> RSAPrivateKey:
    """The application's key."""
    return private_key((keys / "app.pkcs8.pem").read_bytes())


@pytest.fixture(scope="session")
def alipay_key(keys: Path) -> RSAPrivateKey:
    """The key that the platform signs with."""
    return private_key((keys / "alipay.pkcs8.pem").read_bytes())


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
        sent = {"alipay-trace-id": "trace-1", **signed_headers(body, alipay_key)}
        if not signed:
            del sent["alipay-signature"]
        return RawReply(status, sent | (headers or {}), body)

    return make
