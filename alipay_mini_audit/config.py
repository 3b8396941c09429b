"""Settings: frozen values that fail at construction."""

from __future__ import annotations

import re
import ssl as ssl_module
from typing import Final, SupportsIndex, final
from urllib.parse import SplitResult, urlsplit

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.retry import RetryPolicy

__all__ = ["PRODUCTION", "SANDBOX", "ClientConfig", "Timeouts"]

PRODUCTION: Final = "https://openapi.alipay.com"
"""The platform (docs page 054oog)."""
SANDBOX: Final = "https://openapi-sandbox.dl.alipaydev.com"
"""Alipay's own sandbox; it has other app ids and other keys than production."""

_RETIRED: Final = {
    "openapi.sandbox.dl.alipaydev.com": "it answers 404 and its TLS certificate does not match",
    "openapi.alipaydev.com": "it is retired",
}
_VISIBLE: Final = re.compile(r"[!-~]+")


def _positive(owner: object, field: attrs.Attribute[float], value: object) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value < float("inf")
    ):
        raise ConfigurationError(
            f"{type(owner).__name__}.{field.name}: expected a number over 0, not {value!r}."
        )


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
        raise ConfigurationError(
            f"base_url: do not use {parts.hostname}: {reason}. Give {SANDBOX!r}."
        )
    bare = f"{parts.scheme}://{parts.netloc}".lower()
    if str(value).rstrip("/").lower() != bare or parts.username is not None:
        raise ConfigurationError(
            "base_url: expected scheme, host and port only; each path begins with /v3/."
        )


def _address(value: object) -> SplitResult | None:
    """Split an address that an HTTP client can use; `None` if it is none."""
    if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
        return None
    try:
        parts = urlsplit(value)
        usable = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and (parts.port is None or parts.port > 0)
        )
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
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    """What to do after a failed attempt."""
    max_connections: int = attrs.field(default=32, validator=_count)
    """How many calls may be on the wire at once; further ones wait their turn."""
    chunk_size: int = attrs.field(default=768 * 1024, validator=_count)
    """How many bytes of files are read ahead of the socket at once; the last piece may be an eighth
    larger.

    A client keeps at most 16 buffers of this size; uploads that need one while all are taken do
    with 64 KiB.
    """
    proxy: str | None = attrs.field(default=None, repr=False)
    """URL of an HTTP proxy; `None` connects directly. Not printed, since it may hold a password."""
    trust_env: bool = False
    """Take the proxy from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` if `proxy` is `None`."""
    ssl: ssl_module.SSLContext | bool = True
    """`True` verifies certificates as usual.

    A context replaces the usual rules; `False` verifies nothing.
    """

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.timeouts, Timeouts):
            raise ConfigurationError("ClientConfig.timeouts: expected a Timeouts.")
        if not isinstance(self.retry, RetryPolicy):
            raise ConfigurationError("ClientConfig.retry: expected a RetryPolicy.")
        if not isinstance(self.ssl, bool | ssl_module.SSLContext):
            raise ConfigurationError("ClientConfig.ssl: expected an ssl.SSLContext, True or False.")
        if not isinstance(self.trust_env, bool):
            raise ConfigurationError("ClientConfig.trust_env: expected True or False.")
        if self.proxy is not None and _address(self.proxy) is None:
            raise ConfigurationError(
                "ClientConfig.proxy: this is no address like 'http://127.0.0.1:3128'."
            )

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[object, ...]:
        if self.proxy is not None and "@" in self.proxy:
            raise TypeError(
                "a ClientConfig with the password of a proxy is not pickled; make one in each process"
            )
        return super().__reduce_ex__(protocol)
