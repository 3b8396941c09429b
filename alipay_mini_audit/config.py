"""Settings and credentials: frozen values that fail at construction."""

from __future__ import annotations

import re
import ssl as ssl_module
from typing import Final, Self, final
from urllib.parse import SplitResult, urlsplit

import attrs

from alipay_mini_audit.crypto import KeySource, RSASigner, RSAVerifier, Signer, Verifier
from alipay_mini_audit.errors import ConfigurationError

__all__ = ["PRODUCTION", "SANDBOX", "ClientConfig", "Credentials", "Timeouts"]

PRODUCTION: Final = "https://openapi.alipay.com"
"""The platform (docs page 054oog)."""
SANDBOX: Final = "https://openapi-sandbox.dl.alipaydev.com"
"""Alipay's own sandbox; it has other app ids and other keys than production."""

_RETIRED: Final = {
    "openapi.sandbox.dl.alipaydev.com": "it answers 404 and its TLS certificate does not match",
    "openapi.alipaydev.com": "it is retired",
}
_APP_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VISIBLE: Final = re.compile(r"[!-~]+")
_SERIAL_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]{1,1024}")


@final
@attrs.frozen(kw_only=True)
class Credentials:
    """Who calls, and how requests are signed and replies verified.

    Attributes:
        app_id: the calling application; for a merchant's mini-program the service provider's own.
        signer: makes signatures.
        verifier: decides whether a reply is Alipay's.
        app_cert_sn: serial number of the application certificate; `None` in key mode.
        alipay_root_cert_sn: serial number of Alipay's root certificates; `None` in key mode.

    Raises:
        ConfigurationError: the app id cannot be one, or a part does not fulfil its protocol.
    """

    app_id: str
    signer: Signer
    verifier: Verifier
    app_cert_sn: str | None = None
    alipay_root_cert_sn: str | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.app_id, str) or not _APP_ID.fullmatch(self.app_id):
            raise ConfigurationError("app_id: expected the digits that the console shows, as a text.")
        for name in ("app_cert_sn", "alipay_root_cert_sn"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, str) or not _SERIAL_NUMBER.fullmatch(value)):
                raise ConfigurationError(f"{name}: expected hex digits, as a text.")
        if not callable(getattr(self.signer, "sign", None)):
            raise ConfigurationError("signer: expected an object with `async def sign(message) -> bytes`.")
        if not callable(getattr(self.verifier, "verify", None)):
            raise ConfigurationError("verifier: expected an object with `verify(message, signature, ...)`.")

    @classmethod
    def from_keys(cls, app_id: str, private_key: KeySource, alipay_public_key: KeySource) -> Self:
        """Build credentials for key mode. Reads files, so call it before the event loop has work to do.

        Args:
            app_id: the calling application.
            private_key: the application's private key: PEM, bare base64 or DER, PKCS#1 or PKCS#8. A `Path` is
                a file, `str` and `bytes` are the key itself.
            alipay_public_key: Alipay's public key in the same spellings; not the application's own.

        Raises:
            ConfigurationError: a key is unusable; the text says what was found instead.
        """
        signer, verifier = RSASigner(private_key), RSAVerifier(alipay_public_key)
        if signer.fingerprint == verifier.fingerprint:
            raise ConfigurationError(
                "alipay_public_key: this is the application's own public key. Give the Alipay public key, "
                "which the console shows beside it."
            )
        return cls(app_id=app_id, signer=signer, verifier=verifier)


def _positive(owner: object, field: attrs.Attribute[float], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise ConfigurationError(f"{type(owner).__name__}.{field.name}: expected a number over 0, not {value!r}.")


def _count(owner: object, field: attrs.Attribute[int], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        where = f"{type(owner).__name__}.{field.name}"
        raise ConfigurationError(f"{where}: expected a whole number over 0, not {value!r}.")


@final
@attrs.frozen(kw_only=True)
class Timeouts:
    """How long each phase may take, in float seconds. No wait is without a bound.

    Raises:
        ConfigurationError: a value is no positive number.
    """

    connect: float = attrs.field(default=10.0, validator=_positive)
    """From the look-up of the host to the end of the TLS handshake."""
    sign: float = attrs.field(default=10.0, validator=_positive)
    """For the signer, which may be a remote service."""
    stall: float = attrs.field(default=30.0, validator=_positive)
    """While the body is sent: without a byte moving."""
    reply: float = attrs.field(default=60.0, validator=_positive)
    """From the last byte sent to the reply's head, and between two pieces of the reply."""
    total: float = attrs.field(default=900.0, validator=_positive)
    """For the whole call, waiting for a free connection included."""


def _check_base_url(_: object, __: object, value: object) -> None:
    parts = _address(value)
    if parts is None:
        raise ConfigurationError(f"base_url: this is no address like {PRODUCTION!r}.")
    if parts.path.rstrip("/").endswith("gateway.do"):
        raise ConfigurationError(
            "base_url: this is the address of the old protocol; gateway.do answers v3 calls with an empty "
            f"page. Give {PRODUCTION!r}."
        )
    if parts.hostname in _RETIRED:
        reason = _RETIRED[parts.hostname]
        raise ConfigurationError(f"base_url: do not use {parts.hostname}: {reason}. Give {SANDBOX!r}.")
    bare = f"{parts.scheme}://{parts.netloc}".lower()
    if str(value).rstrip("/").lower() != bare or parts.username is not None:
        raise ConfigurationError("base_url: expected scheme, host and port only; each path begins with /v3/.")


def _address(value: object) -> SplitResult | None:
    """Split an address that an HTTP client can use; `None` if it is none."""
    if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if usable else None


@final
@attrs.frozen(kw_only=True)
class ClientConfig:
    """How a client talks to the platform.

    Raises:
        ConfigurationError: a value is unusable.
    """

    base_url: str = attrs.field(default=PRODUCTION, validator=_check_base_url)
    """Scheme, host and port; `PRODUCTION`, `SANDBOX`, or a gateway of your own."""
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    max_connections: int = attrs.field(default=32, validator=_count)
    """How many calls may be on the wire at once; further ones wait their turn."""
    chunk_size: int = attrs.field(default=256 * 1024, validator=_count)
    """How many bytes of a file are in memory at once, per call."""
    proxy: str | None = attrs.field(default=None, repr=False)
    """URL of an HTTP proxy; `None` connects directly. Not printed, since it may hold a password."""
    trust_env: bool = False
    """Take the proxy from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` if `proxy` is `None`."""
    ssl: ssl_module.SSLContext | bool = True
    """`True` verifies certificates as usual; a context replaces the usual rules; `False` verifies nothing."""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.timeouts, Timeouts):
            raise ConfigurationError("ClientConfig.timeouts: expected a Timeouts.")
        if not isinstance(self.ssl, bool | ssl_module.SSLContext):
            raise ConfigurationError("ClientConfig.ssl: expected an ssl.SSLContext, True or False.")
        if not isinstance(self.trust_env, bool):
            raise ConfigurationError("ClientConfig.trust_env: expected True or False.")
        if self.proxy is not None and _address(self.proxy) is None:
            raise ConfigurationError("ClientConfig.proxy: this is no address like 'http://127.0.0.1:3128'.")
