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
from alipay_mini_audit.problems import Problem, told
from alipay_mini_audit.retry import RetryPolicy

__all__ = [
    "PRODUCTION",
    "SANDBOX",
    "SOME_PROXY",
    "ClientConfig",
    "Timeouts",
    "is_loopback",
    "not_a_url",
    "refuse_plain_http",
    "split_url",
]

PRODUCTION: Final = "https://openapi.alipay.com"
"""The platform (docs page 054oog)."""
SANDBOX: Final = "https://openapi-sandbox.dl.alipaydev.com"
"""Alipay's own sandbox; it has other app ids and other keys than production."""
SOME_PROXY: Final = "http://127.0.0.1:3128"
"""What the URL of a proxy looks like, for errors."""

_RETIRED: Final = {
    "openapi.sandbox.dl.alipaydev.com": (
        "it answers 404 and its TLS certificate does not match",
        "它只返回 404，且 TLS 证书不匹配",
    ),
    "openapi.alipaydev.com": ("it is retired", "它已停用"),
}
_VISIBLE: Final = re.compile(r"[!-~]+")

_NOT_A_URL: Final = (
    ("this is not a URL such as {such!r}.", ""),
    ("这不是有效的 URL，应形如 {such!r}。", ""),
)
_OLD_PROTOCOL: Final = (
    (
        "this is the URL of the old protocol; gateway.do answers v3 calls with an empty page.",
        "Give {right!r}.",
    ),
    ("这是旧协议的 URL；gateway.do 对 v3 调用只返回空页面。", "请填写 {right!r}。"),
)
_RETIRED_HOST: Final = (
    ("do not use {host}: {reason}.", "Give {right!r}."),
    ("请勿使用 {host}：{chinese_reason}。", "请填写 {right!r}。"),
)
_NO_ORIGIN: Final = (
    ("expected scheme, host and port only; each path begins with /v3/.", ""),
    ("只应包含协议、主机和端口；各接口的路径以 /v3/ 开头。", ""),
)
_PLAIN_HTTP: Final = (
    (
        (
            "tokens, licence numbers and passwords would go to {host} in clear, "
            "since plain http is not encrypted."
        ),
        (
            "Give an https URL as base_url. In a network of your own allow it: "
            "ClientConfig(allow_plain_http=True), ALIPAY_ALLOW_PLAIN_HTTP=1 in the environment, "
            "allow_plain_http = true in the TOML file, or --allow-plain-http."
        ),
    ),
    (
        "http 未加密，令牌、证照号码和密码会以明文发送到 {host}。",
        (
            "请将 base_url 设为 https 的 URL。若在您自己的网络中，可以放行："
            "ClientConfig(allow_plain_http=True)，环境变量 ALIPAY_ALLOW_PLAIN_HTTP=1，"
            "TOML 文件 allow_plain_http = true，或 --allow-plain-http。"
        ),
    ),
)
_WRONG_TYPE: Final = ("expected {wanted}.", ""), ("应为 {chinese_wanted}。", "")
_FLAG: Final = "True or False", "True 或 False"


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
        raise ConfigurationError.from_problem(not_a_url("base_url", PRODUCTION))
    if parts.path.rstrip("/").endswith("gateway.do"):
        problem = told("base_url", "old_protocol", *_OLD_PROTOCOL, values={"right": PRODUCTION})
        raise ConfigurationError.from_problem(problem)
    if parts.hostname in _RETIRED:
        reason, chinese_reason = _RETIRED[parts.hostname]
        values = {
            "host": parts.hostname,
            "reason": reason,
            "chinese_reason": chinese_reason,
            "right": SANDBOX,
        }
        problem = told("base_url", "retired_host", *_RETIRED_HOST, values=values)
        raise ConfigurationError.from_problem(problem)
    bare = f"{parts.scheme}://{parts.netloc}".lower()
    if str(value).rstrip("/").lower() != bare or parts.username is not None:
        raise ConfigurationError.from_problem(told("base_url", "more_than_an_origin", *_NO_ORIGIN))


def not_a_url(setting: str, such: str) -> Problem:
    """Return the problem that a setting holds no URL.

    Args:
        setting: what holds it; its value is not told, since it may hold a password.
        such: a URL that would do.
    """
    return told(setting, "not_a_url", *_NOT_A_URL, values={"such": such})


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
    if is_loopback(hop.hostname or ""):
        return
    problem = told(setting, "plain_http", *_PLAIN_HTTP, values={"host": hop.hostname})
    raise ConfigurationError.from_problem(problem)


def is_loopback(host: str) -> bool:
    """Say whether what is sent to a host stays on this machine; names are not looked up."""
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
        self._expect("timeouts", Timeouts, "a Timeouts", "Timeouts")
        self._expect("retry", RetryPolicy, "a RetryPolicy", "RetryPolicy")
        self._expect("preflight", Preflight, "a Preflight", "Preflight")
        context = "an ssl.SSLContext, True or False", "ssl.SSLContext、True 或 False"
        self._expect("ssl", bool | ssl_module.SSLContext, *context)
        self._expect("trust_env", bool, *_FLAG)
        self._expect("allow_plain_http", bool, *_FLAG)
        self._expect("check_freshness", bool, *_FLAG)
        proxy = None if self.proxy is None else split_url(self.proxy)
        if self.proxy is not None and proxy is None:
            raise ConfigurationError.from_problem(not_a_url("ClientConfig.proxy", SOME_PROXY))
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
    def from_file(cls, path: str | os.PathLike[str], profile: str | None = None) -> Self:
        """Build settings from a TOML file, that of the credentials for one.

        Its keys are `base_url`, `allow_plain_http`, `proxy`, and in a table `timeouts` the names of
        `Timeouts`. What is not given is as by default.

        Args:
            path: the file.
            profile: its table `profiles.NAME`, which wins over what stands at the top; `None`
                takes the top alone.

        Raises:
            ConfigurationError: it cannot be read, there is no such profile, or a value is unusable
                or unknown, and is named.
            TypeError: the path or the profile is not one.
        """
        settings = read_client_file(path, attrs.fields_dict(Timeouts), profile)
        return cls.from_settings(settings)

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

    def _expect(self, name: str, kind: type | UnionType, wanted: str, chinese_wanted: str) -> None:
        if not isinstance(getattr(self, name), kind):
            values = {"wanted": wanted, "chinese_wanted": chinese_wanted}
            problem = told(f"ClientConfig.{name}", "wrong_type", *_WRONG_TYPE, values=values)
            raise ConfigurationError.from_problem(problem)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[object, ...]:
        if self.proxy is not None and "@" in self.proxy:
            raise TypeError(
                "a ClientConfig with the password of a proxy is not pickled; "
                "make one in each process"
            )
        return super().__reduce_ex__(protocol)
