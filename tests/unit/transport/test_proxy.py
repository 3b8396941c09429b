"""Which proxy is used, and what is shown of it."""

import pytest
from yarl import URL

from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.transport.proxy import proxy_of

CANARY = "canary-77"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_a_password_is_taken_out_of_the_url() -> None:
    url, headers = proxy_of(ClientConfig(proxy=f"http://user:{CANARY}@proxy.example:3128"))
    assert url == URL("http://proxy.example:3128")
    assert headers is not None
    assert headers["Proxy-Authorization"].startswith("Basic ")
    assert proxy_of(ClientConfig(proxy="http://proxy.example:3128")) == (
        URL("http://proxy.example:3128"),
        None,
    )


def test_the_environment_counts_if_it_is_trusted(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    environment.setenv("NO_PROXY", "internal.example")
    assert proxy_of(ClientConfig()) == (None, None)
    assert proxy_of(ClientConfig(trust_env=True))[0] == URL("http://proxy.example:3128")
    inside = ClientConfig(trust_env=True, base_url="https://internal.example")
    assert proxy_of(inside) == (None, None)
    own = ClientConfig(trust_env=True, proxy="http://own.example:3128")
    assert proxy_of(own)[0] == URL("http://own.example:3128")


@pytest.mark.parametrize(
    "value",
    [
        f"user:{CANARY}@proxy.example:3128",
        f"socks5://user:{CANARY}@proxy.example",
        f"http://user:{CANARY}@[::1",
        f"http://user:{CANARY}@proxy.example:99999",
        f"http://user:{CANARY}@proxy.example:0",
        f"http://{CANARY} proxy.example",
        f"http://{CANARY}é.example",
    ],
)
def test_a_malformed_variable_is_named_and_not_shown(
    environment: pytest.MonkeyPatch, value: str
) -> None:
    environment.setenv("HTTPS_PROXY", value)
    with pytest.raises(ConfigurationError) as caught:
        proxy_of(ClientConfig(trust_env=True))
    assert (caught.value.setting, caught.value.code) == ("HTTPS_PROXY", "not_a_url")
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_proxy_of_the_environment_does_not_read_plain_http(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("HTTP_PROXY", f"http://user:{CANARY}@proxy.example:3128")
    local = "http://127.0.0.1:8080"
    with pytest.raises(ConfigurationError) as caught:
        proxy_of(ClientConfig(trust_env=True, base_url=local))
    assert (caught.value.setting, caught.value.code) == ("HTTP_PROXY", "plain_http")
    assert CANARY not in str(caught.value)
    environment.setenv("NO_PROXY", "127.0.0.1")
    assert proxy_of(ClientConfig(trust_env=True, base_url=local)) == (None, None)
    environment.delenv("NO_PROXY")
    allowed = ClientConfig(trust_env=True, base_url=local, allow_plain_http=True)
    assert proxy_of(allowed)[0] == URL("http://proxy.example:3128")
