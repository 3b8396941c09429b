"""RSASSA-PKCS1-v1_5 with SHA-256, the one signature of OpenAPI v3 (docs page 054q58), over pycryptodome."""

from __future__ import annotations

from hashlib import sha256
from typing import final

from Crypto.Hash import SHA256
from Crypto.Signature import pkcs1_15

from alipay_mini_audit.crypto.keys import KeySource, load_private_key, load_public_key
from alipay_mini_audit.errors import UntrustedReply

__all__ = ["RSASigner", "RSAVerifier"]


@final
class RSASigner:
    """Signs with a private key held in this process. The key is parsed once, at construction.

    Args:
        private_key: PEM, bare base64 or DER, PKCS#1 or PKCS#8; a `Path` is a file, read at once.

    Raises:
        ConfigurationError: the key is unusable; the text says what was found instead.
    """

    __slots__ = ("_bits", "_scheme", "fingerprint")

    fingerprint: str
    """SHA-256 of the public key that belongs to this key, hex."""

    def __init__(self, private_key: KeySource) -> None:
        key = load_private_key(private_key)
        self._bits = key.size_in_bits()
        self.fingerprint = sha256(key.public_key().export_key("DER")).hexdigest()
        self._scheme = pkcs1_15.new(key)

    def sign_blocking(self, message: bytes) -> bytes:
        """Return the raw signature of `message`; takes about a millisecond of a core.

        `AuditClient` runs this in a worker thread, so that the event loop is free meanwhile.
        """
        return self._scheme.sign(SHA256.new(message))

    async def sign(self, message: bytes) -> bytes:
        """Return the raw signature of `message`, computed where it is awaited."""
        return self.sign_blocking(message)

    def __repr__(self) -> str:
        return f"<RSASigner: {self._bits} bits>"

    def __reduce__(self) -> str:
        raise TypeError("an RSASigner holds a private key and is not pickled; make one in each process")


@final
class RSAVerifier:
    """Verifies replies with one public key of Alipay: key mode.

    Args:
        alipay_public_key: PEM, bare base64 or DER; a `Path` is a file, read at once.

    Raises:
        ConfigurationError: the key is unusable; the text says what was found instead.
    """

    __slots__ = ("_bits", "_scheme", "fingerprint")

    fingerprint: str
    """SHA-256 of the public key, hex."""

    def __init__(self, alipay_public_key: KeySource) -> None:
        key = load_public_key(alipay_public_key)
        self._bits = key.size_in_bits()
        self.fingerprint = sha256(key.export_key("DER")).hexdigest()
        self._scheme = pkcs1_15.new(key)

    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None = None) -> None:
        """Return if `signature` is that of `message`.

        Args:
            message: the text that the platform signed.
            signature: the raw signature.
            alipay_cert_sn: not used in key mode.

        Raises:
            UntrustedReply: it is not.
        """
        del alipay_cert_sn
        try:
            self._scheme.verify(SHA256.new(message), signature)
        except (ValueError, TypeError):
            raise UntrustedReply(
                "The signature of the reply is wrong.",
                advice="Check that alipay_public_key is Alipay's key, not the application's, and belongs to "
                "this environment: the sandbox and production have different keys.",
            ) from None

    def __repr__(self) -> str:
        return f"<RSAVerifier: {self._bits} bits>"
