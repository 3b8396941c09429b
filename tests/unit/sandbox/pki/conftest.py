"""Keys for certificates: the test vectors', so that none has to be made."""

from collections.abc import Callable
from pathlib import Path

import pytest
from Crypto.PublicKey import RSA

KeyNamed = Callable[[str], RSA.RsaKey]


@pytest.fixture(scope="session")
def key_named(keys: Path) -> KeyNamed:
    """A private key by its name: `app`, `alipay`, `alipay_next` or `ca`."""
    return lambda name: RSA.import_key((keys / f"{name}.pkcs8.pem").read_text())
