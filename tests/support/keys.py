"""Private keys of the tests, as `cryptography` holds them."""

import functools

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


@functools.cache
def private_key(pem: bytes) -> RSAPrivateKey:
    """Return a key that is known to be good: judging it takes 40 ms each time."""
    key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key
