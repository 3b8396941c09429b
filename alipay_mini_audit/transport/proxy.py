"""Which proxy a client uses, from its settings or from the environment."""

from __future__ import annotations

import base64
import urllib.request
from urllib.parse import urlsplit

from yarl import URL

from alipay_mini_audit.config import (
    SOME_PROXY,
    ClientConfig,
    not_a_url,
    refuse_plain_http,
    split_url,
)
from alipay_mini_audit.errors import ConfigurationError

__all__ = ["proxy_of"]


def proxy_of(config: ClientConfig) -> tuple[URL | None, dict[str, str] | None]:
    """Return the URL of the proxy without its password, and the header that holds it.

    aiohttp prints the URL in its errors. Both are `None` if there is no proxy, the header also if
    the proxy wants no password.

    Args:
        config: settings.

    Raises:
        ConfigurationError: a variable of the environment does not hold the URL of a proxy, or the
            proxy would read what must not leave this machine in clear.
    """
    proxy = config.proxy
    setting = "ClientConfig.proxy"
    if proxy is None and config.trust_env:
        parts = urlsplit(config.base_url)
        if not urllib.request.proxy_bypass(parts.netloc):
            proxy = urllib.request.getproxies().get(parts.scheme)
            setting = f"{parts.scheme.upper()}_PROXY"
    return (None, None) if proxy is None else _split(proxy, setting, config)


def _split(
    proxy: str, setting: str, config: ClientConfig
) -> tuple[URL | None, dict[str, str] | None]:
    url = None
    if (parts := split_url(proxy)) is not None:
        try:
            url = URL(proxy)
        except ValueError:
            parts = None
    if parts is None or url is None:
        raise ConfigurationError.from_problem(not_a_url(setting, SOME_PROXY))
    if config.is_plain and not config.allow_plain_http:
        refuse_plain_http(setting, parts)
    if url.user is None:
        return url, None
    login = base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode("ascii")
    return url.with_user(None), {"Proxy-Authorization": f"Basic {login}"}
