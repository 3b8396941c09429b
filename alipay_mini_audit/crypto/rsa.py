"""RSASSA-PKCS1-v1_5 with SHA-256, the one signature of OpenAPI v3 (docs page 054q58)."""

from __future__ import annotations

import base64
import importlib.util
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, NoReturn, final

from alipay_mini_audit.crypto.encoding import KeySource
from alipay_mini_audit.crypto.keys import load_private_key, load_public_key
from alipay_mini_audit.errors import ConfigurationError, UntrustedReply
from alipay_mini_audit.problems import told

if TYPE_CHECKING:
    from Crypto.PublicKey import RSA

__all__ = ["Backend", "RSASigner", "RSAVerifier", "make_verify", "verify_with"]

Backend = Literal["openssl", "pycryptodome"]

_ADVICE: Final = (
    "Check that alipay_public_key is Alipay's key, not the application's, and belongs to this "
    "environment: the sandbox and production have different keys."
)
_QUICK_BITS: Final = 3072
"""Up to this size OpenSSL signs in less than a millisecond."""
_TRIAL: Final = b"a text for a trial signature"
_BAD_BACKEND: Final = (
    ("expected 'openssl' or 'pycryptodome', not {given!r}.", ""),
    ("应为 'openssl' 或 'pycryptodome'，而不是 {given!r}。", ""),
)
_NOT_INSTALLED: Final = (
    ("'openssl' needs pip install 'alipay-mini-audit[openssl]'.", ""),
    ("'openssl' 需要先安装：pip install 'alipay-mini-audit[openssl]'。", ""),
)


@final
class RSASigner:
    """Signs with a private key held in this process. The key is parsed once, at construction.

    Args:
        private_key: PEM, bare base64 or DER, PKCS#1 or PKCS#8; a `Path` is a file, read at once.
        backend: `"openssl"` computes with `cryptography` (extra `[openssl]`), which is several
            times as fast; `"pycryptodome"` needs nothing more. The results are the same. `None`
            takes `"openssl"` if it is there.

    Raises:
        ConfigurationError: the key is unusable, and the problem says what was found instead; or the
            backend is not installed.
    """

    __slots__ = ("_public_key", "_sign", "backend", "bits", "fingerprint", "is_quick")

    backend: Backend
    """What computes the signatures."""
    bits: int
    """The size of the key."""
    fingerprint: str
    """SHA-256 of the public key that belongs to this key, hex."""
    is_quick: bool
    """A signature takes less than a millisecond, so it may be made on the event loop."""

    def __init__(self, private_key: KeySource, *, backend: Backend | None = None) -> None:
        key = load_private_key(private_key)
        self.backend = _choose(backend)
        self.bits = key.size_in_bits()
        self._sign = _openssl_sign(key) if self.backend == "openssl" else _pycryptodome_sign(key)
        self._public_key = key.public_key()
        self.fingerprint = sha256(self._public_key.export_key("DER")).hexdigest()
        self.is_quick = self.backend == "openssl" and self.bits <= _QUICK_BITS

    @property
    def public_key(self) -> str:
        """The public key that belongs to this key, as the console takes it: bare base64."""
        return base64.b64encode(self._public_key.export_key("DER")).decode("ascii")

    def sign_blocking(self, message: bytes) -> bytes:
        """Return the raw signature of `message`; takes up to some milliseconds of a core.

        `AuditClient` runs this in a worker thread unless `is_quick`, so that the event loop is free
        meanwhile.
        """
        return self._sign(message)

    async def sign(self, message: bytes) -> bytes:
        """Return the raw signature of `message`, computed where it is awaited."""
        return self._sign(message)

    def is_sound(self) -> bool:
        """Make a trial signature, and say whether it holds; `False` means a damaged key."""
        try:
            signature = self._sign(_TRIAL)
        except ValueError:
            return False
        return make_verify(self._public_key)(_TRIAL, signature)

    def __repr__(self) -> str:
        return f"<RSASigner: {self.bits} bits, {self.backend}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an RSASigner holds a private key and is not pickled; make one in each process"
        )


@final
class RSAVerifier:
    """Verifies replies with one public key of Alipay: key mode.

    Args:
        alipay_public_key: PEM, bare base64 or DER; a `Path` is a file, read at once.

    Raises:
        ConfigurationError: the key is unusable; the problem says what was found instead.
    """

    __slots__ = ("_bits", "_verify", "fingerprint")

    fingerprint: str
    """SHA-256 of the public key, hex."""

    def __init__(self, alipay_public_key: KeySource) -> None:
        key = load_public_key(alipay_public_key)
        self._bits = key.size_in_bits()
        self._verify = make_verify(key)
        self.fingerprint = sha256(key.export_key("DER")).hexdigest()

    def verify(
        self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None = None
    ) -> None:
        """Return if `signature` is that of `message`.

        Args:
            message: the text that the platform signed.
            signature: the raw signature.
            alipay_cert_sn: not used in key mode.

        Raises:
            UntrustedReply: it is not.
        """
        del alipay_cert_sn
        verify_with(self._verify, message, signature, advice=_ADVICE)

    def __repr__(self) -> str:
        return f"<RSAVerifier: {self._bits} bits>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an RSAVerifier is not pickled; make one in each process")


def verify_with(
    verify: Callable[[bytes, bytes], bool], message: bytes, signature: bytes, *, advice: str
) -> None:
    """Return if `signature` is that of `message`.

    Args:
        verify: says so, for one key; see `make_verify`.
        message: the text that was signed.
        signature: the raw signature.
        advice: what to do if it is not.

    Raises:
        UntrustedReply: it is not.
    """
    if not verify(message, signature):
        raise UntrustedReply("The signature of the reply is wrong.", advice=advice)


def make_verify(key: RSA.RsaKey) -> Callable[[bytes, bytes], bool]:
    """Return a function that says whether a signature of a message is that of `key`.

    It computes with OpenSSL if that is installed.
    """
    return _openssl_verify(key) if _choose(None) == "openssl" else _pycryptodome_verify(key)


def _choose(backend: Backend | None) -> Backend:
    installed = importlib.util.find_spec("cryptography") is not None
    if backend is None:
        return "openssl" if installed else "pycryptodome"
    if backend not in ("openssl", "pycryptodome"):
        problem = told("backend", "bad_value", *_BAD_BACKEND, values={"given": backend})
        raise ConfigurationError.from_problem(problem)
    if backend == "openssl" and not installed:
        raise ConfigurationError.from_problem(told("backend", "not_installed", *_NOT_INSTALLED))
    return backend


def _pycryptodome_sign(key: RSA.RsaKey) -> Callable[[bytes], bytes]:
    from Crypto.Hash import SHA256  # noqa: PLC0415
    from Crypto.Signature import pkcs1_15  # noqa: PLC0415

    scheme = pkcs1_15.new(key)
    return lambda message: scheme.sign(SHA256.new(message))


def _openssl_sign(key: RSA.RsaKey) -> Callable[[bytes], bytes]:
    # Imported here: it is optional, and importing the package stays quick.
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256 as OPENSSL_SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415

    der = key.export_key("DER", pkcs=8)
    # PyCryptodome has just validated the key; doing it twice would double the time.
    private_key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(private_key, RSAPrivateKey)  # noqa: S101  # it was exported as one
    padding = PKCS1v15()
    algorithm = OPENSSL_SHA256()
    return lambda message: private_key.sign(message, padding, algorithm)


def _pycryptodome_verify(key: RSA.RsaKey) -> Callable[[bytes, bytes], bool]:
    from Crypto.Hash import SHA256  # noqa: PLC0415
    from Crypto.Signature import pkcs1_15  # noqa: PLC0415

    scheme = pkcs1_15.new(key)

    def verify(message: bytes, signature: bytes) -> bool:
        """Say whether the signature is that of the message."""
        try:
            scheme.verify(SHA256.new(message), signature)
        except (ValueError, TypeError):
            return False
        return True

    return verify


def _openssl_verify(key: RSA.RsaKey) -> Callable[[bytes, bytes], bool]:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # as above
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256 as OPENSSL_SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    public_key = load_der_public_key(key.export_key("DER"))
    assert isinstance(public_key, RSAPublicKey)  # noqa: S101  # it was exported as one
    padding = PKCS1v15()
    algorithm = OPENSSL_SHA256()

    def verify(message: bytes, signature: bytes) -> bool:
        """Say whether the signature is that of the message."""
        try:
            public_key.verify(signature, message, padding, algorithm)
        except (InvalidSignature, ValueError):
            return False
        return True

    return verify
