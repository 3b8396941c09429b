"""Settings of a client: frozen values that fail at construction."""

from __future__ import annotations

import ipaddress
import os
import re
import ssl as ssl_module
from types import UnionType
from typing import Any, Final, Self, SupportsIndex, final
from urllib.parse import SplitResult, urlsplit

import attrs

from alipay_mini_audit.credentials.client_settings import (
    ClientSettings,
    read_client_environment,
    read_client_file,
)
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.models.numbers import positive_count, positive_number
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.retry import RetryPolicy

__all__ = ["PRODUCTION", "SANDBOX", "ClientConfig", "Timeouts", "refuse_plain_http", "split_url"]

PRODUCTION: Final = "https://openapi.alipay.com"
"""The platform (docs page 054oog)."""
SANDBOX: Final = "https://openapi-sandbox.dl.alipaydev.com"
"""Alipay's own sandbox; it has other app ids and other keys than production."""

_RETIRED: Final = {
    "openapi.sandbox.dl.alipaydev.com": "it answers 404 and its TLS certificate does not match",
    "openapi.alipaydev.com": "it is retired",
}
_VISIBLE: Final = re.compile(r"[!-~]+")


@final
@attrs.frozen(kw_only=True)
class Timeouts:
    """How long each phase may take, in float seconds. Only waiting for a place may have no limit.

    Raises:
        ConfigurationError: a value is not a positive number.
    """

    queue: float | None = attrs.field(
        default=None, validator=attrs.validators.optional(positive_number)
    )
    """For a place among the calls on the wire (`max_connections`), by default `None`: no limit.

    Waiting for a free connection of a session that was lent to the client is the same.
    """
    connect: float = attrs.field(default=10.0, validator=positive_number)
    """From the look-up of the host to the end of the TLS handshake; 10 by default.

    Waiting for a free connection does not count.
    """
    sign: float = attrs.field(default=10.0, validator=positive_number)
    """For the signer, which may be a remote service; 10 by default."""
    stall: float = attrs.field(default=30.0, validator=positive_number)
    """While the request is sent, without a byte moving; 30 by default.

    What the kernel has still to send counts: it may hold megabytes.
    """
    reply: float = attrs.field(default=60.0, validator=positive_number)
    """From the last byte sent to the reply's head, and between two pieces of the reply.

    60 by default. A byte is sent once the first peer has acknowledged it: the platform, or a proxy
    or relay, which may need longer to pass it on. Where the system does not tell (elsewhere than on
    Linux), what it may hold is allowed for, at the pace of the rest of the request but at 64 KiB/s
    at most.
    """
    total: float = attrs.field(default=900.0, validator=positive_number)
    """For the look at the files, and for the call from the moment at which it has its place.

    900 by default.
    """


def _check_base_url(_: object, __: object, value: object) -> None:
    parts = split_url(value)
    if parts is None:
        raise ConfigurationError(
            "base_url", f"this is not a URL such as {PRODUCTION!r}.", code="not_a_url"
        )
    if parts.path.rstrip("/").endswith("gateway.do"):
        raise ConfigurationError(
            "base_url",
            "this is the URL of the old protocol; gateway.do answers v3 calls with an empty page.",
            f"Give {PRODUCTION!r}.",
            code="old_protocol",
        )
    if parts.hostname in _RETIRED:
        raise ConfigurationError(
            "base_url",
            f"do not use {parts.hostname}: {_RETIRED[parts.hostname]}.",
            f"Give {SANDBOX!r}.",
            code="retired_host",
        )
    bare = f"{parts.scheme}://{parts.netloc}".lower()
    if str(value).rstrip("/").lower() != bare or parts.username is not None:
        raise ConfigurationError(
            "base_url",
            "expected scheme, host and port only; each path begins with /v3/.",
            code="more_than_an_origin",
        )


def split_url(value: object) -> SplitResult | None:
    """Split a URL that an HTTP client can use; return `None` if it is not one.

    Args:
        value: what was given, of whatever type.
    """
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


def refuse_plain_http(setting: str, hop: SplitResult) -> None:
    """Return if what is sent there in clear does not leave this machine.

    Args:
        setting: what names the hop.
        hop: where a request goes that is not encrypted: the platform's URL, or a proxy's.

    Raises:
        ConfigurationError: it does.
    """
    if _is_loopback(hop.hostname or ""):
        return
    raise ConfigurationError(
        setting,
        f"tokens, licence numbers and passwords would go to {hop.hostname} in clear, "
        "since plain http is not encrypted.",
        "Give an https URL as base_url. In a network of your own allow it: "
        "ClientConfig(allow_plain_http=True), ALIPAY_ALLOW_PLAIN_HTTP=1 in the environment, "
        "allow_plain_http = true in the TOML file, or --allow-plain-http.",
        code="plain_http",
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@final
@attrs.frozen(kw_only=True)
class ClientConfig:
    """How a client talks to the platform.

    Raises:
        ConfigurationError: a value is unusable; `setting` names it.
    """

    base_url: str = attrs.field(default=PRODUCTION, validator=_check_base_url)
    """Scheme, host and port: `PRODUCTION` (the default), `SANDBOX`, or a gateway of your own."""
    allow_plain_http: bool = False
    """`False` (the default) takes a `base_url` of plain http only if nothing leaves this machine.

    That is so for 127.0.0.0/8, ::1 and `localhost`, without a proxy elsewhere. `True` takes any: in
    a network of your own, a sandbox in a container for one.
    """
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    """How long each phase of a call may take; `Timeouts()` by default."""
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    """What to do after a failed attempt; `RetryPolicy()` by default."""
    preflight: Preflight = attrs.field(factory=Preflight)
    """What is checked before a submission: `Preflight()` by default, `Preflight.OFF` nothing."""
    check_freshness: bool = True
    """Whether a reply must be new: signed within ten minutes of its request, and never seen before.

    `True` by default. `False` is for recorded replies: any reply that Alipay ever signed then
    passes for the answer to any call.
    """
    max_connections: int = attrs.field(default=32, validator=positive_count)
    """How many calls may be on the wire at once, 32 by default; further ones wait their turn."""
    chunk_size: int = attrs.field(default=768 * 1024, validator=positive_count)
    """How many bytes of files are read ahead of the socket at once, 768 KiB by default.

    The last piece may be an eighth larger. A client keeps at most 16 buffers of this size; uploads
    that need one while all are taken make do with 64 KiB.
    """
    proxy: str | None = attrs.field(default=None, repr=False)
    """URL of an HTTP proxy; `None` (the default) connects directly.

    It is not printed, since it may hold a password.
    """
    trust_env: bool = False
    """Take the proxy from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` if `proxy` is `None`.

    `False` by default.
    """
    ssl: ssl_module.SSLContext | bool = True
    """`True` (the default) verifies certificates as usual.

    A context replaces the usual rules; `False` verifies nothing.
    """

    def __attrs_post_init__(self) -> None:
        self._expect("timeouts", Timeouts, "a Timeouts")
        self._expect("retry", RetryPolicy, "a RetryPolicy")
        self._expect("preflight", Preflight, "a Preflight")
        self._expect("ssl", bool | ssl_module.SSLContext, "an ssl.SSLContext, True or False")
        self._expect("trust_env", bool, "True or False")
        self._expect("allow_plain_http", bool, "True or False")
        self._expect("check_freshness", bool, "True or False")
        proxy = None if self.proxy is None else split_url(self.proxy)
        if self.proxy is not None and proxy is None:
            raise ConfigurationError(
                "ClientConfig.proxy",
                "this is not a URL such as 'http://127.0.0.1:3128'.",
                code="not_a_url",
            )
        if self.is_plain and not self.allow_plain_http:
            refuse_plain_http("base_url", urlsplit(self.base_url))
            if proxy is not None:
                refuse_plain_http("ClientConfig.proxy", proxy)

    @classmethod
    def from_env(cls, prefix: str = "ALIPAY_") -> Self:
        """Build settings from environment variables; what is not given is as by default.

        Behind the prefix: `BASE_URL`, `ALLOW_PLAIN_HTTP` (1 or 0), `PROXY`, and for each time-out
        its seconds: `TIMEOUT_CONNECT`, `TIMEOUT_TOTAL` and so on.

        Args:
            prefix: begins each name.

        Raises:
            ConfigurationError: a value is unusable; the variable is named.
            TypeError: the prefix is not a text.
        """
        return cls.from_settings(read_client_environment(prefix, attrs.fields_dict(Timeouts)))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Build settings from a TOML file, that of the credentials for one.

        Its keys are `base_url`, `allow_plain_http`, `proxy`, and in a table `timeouts` the names of
        `Timeouts`. What is not given is as by default.

        Args:
            path: the file.

        Raises:
            ConfigurationError: it cannot be read, or a value is unusable or unknown, and is named.
            TypeError: the path is not one.
        """
        return cls.from_settings(read_client_file(path, attrs.fields_dict(Timeouts)))

    @classmethod
    def from_settings(cls, settings: ClientSettings) -> Self:
        """Build settings from what was read.

        Raises:
            ConfigurationError: a value is unusable; it is called as it was where it was given.
        """
        timeouts: dict[str, Any] = settings.timeouts
        others: dict[str, Any] = settings.others
        try:
            return cls(timeouts=Timeouts(**timeouts), **others)
        except ConfigurationError as error:
            raise settings.renamed(error) from None

    @property
    def is_plain(self) -> bool:
        """`base_url` is not encrypted, so that a proxy reads what is sent."""
        return self.base_url.lower().startswith("http:")

    def _expect(self, name: str, kind: type | UnionType, wanted: str) -> None:
        if not isinstance(getattr(self, name), kind):
            raise ConfigurationError(
                f"ClientConfig.{name}", f"expected {wanted}.", code="wrong_type"
            )

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[object, ...]:
        if self.proxy is not None and "@" in self.proxy:
            raise TypeError(
                "a ClientConfig with the password of a proxy is not pickled; "
                "make one in each process"
            )
        return super().__reduce_ex__(protocol)
