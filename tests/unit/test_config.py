"""Settings of a client: every bad value is named at construction."""

import ssl

import attrs
import pytest

from alipay_mini_audit.config import PRODUCTION, SANDBOX, ClientConfig, Timeouts
from alipay_mini_audit.errors import ConfigurationError

PHASES = ["connect", "sign", "stall", "reply", "total"]
NO_NUMBER = [
    0,
    -1,
    -0.5,
    float("nan"),
    float("inf"),
    float("-inf"),
    True,
    False,
    None,
    "5",
    1j,
    [1],
]


def test_the_addresses_are_the_documented_ones() -> None:
    assert PRODUCTION == "https://openapi.alipay.com"
    assert SANDBOX == "https://openapi-sandbox.dl.alipaydev.com"


def test_the_defaults_are_the_documented_ones() -> None:
    config = ClientConfig()
    assert config.base_url == "https://openapi.alipay.com"
    assert config.ssl is True
    assert (config.proxy, config.trust_env) == (None, False)
    assert config.timeouts == Timeouts(connect=10.0, sign=10.0, stall=30.0, reply=60.0, total=900.0)


@pytest.mark.parametrize(
    "base_url",
    [
        PRODUCTION,
        SANDBOX,
        "https://openapi.alipay.com/",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "HTTPS://gateway.example.org:443",
    ],
)
def test_an_address_of_scheme_host_and_port_is_taken(base_url: str) -> None:
    assert ClientConfig(base_url=base_url).base_url == base_url


@pytest.mark.parametrize(
    "base_url",
    [
        "https://openapi.alipay.com/gateway.do",
        "https://openapi.alipay.com/gateway.do/",
        "https://openapi.alipaydev.com/gateway.do?charset=utf-8",
    ],
)
def test_the_address_of_the_old_protocol_is_named(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig(base_url=base_url)
    assert "gateway.do" in str(caught.value)
    assert "old protocol" in str(caught.value)
    assert "https://openapi.alipay.com" in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://openapi.sandbox.dl.alipaydev.com",
        "https://openapi.sandbox.dl.alipaydev.com/",
        "https://OpenAPI.alipaydev.com",
        "https://openapi.alipaydev.com:443",
    ],
)
def test_a_retired_host_is_named_with_its_successor(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig(base_url=base_url)
    assert "do not use openapi." in str(caught.value)
    assert SANDBOX in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "openapi.alipay.com",
        "//openapi.alipay.com",
        "ftp://openapi.alipay.com",
        "https://",
        "https://:443",
        "https://host:port",
        "https://host:99999",
        "https://[::1",
        "https://openapi.alipay.com\r\nX: y",
        "https://openapi.alipay.com ",
        "https://支付宝.example",
        "https://openapi.alipay.com/v3",
        "https://openapi.alipay.com/v3/",
        "https://openapi.alipay.com?a=b",
        "https://openapi.alipay.com#top",
        "https://openapi.alipay.com?",
        "https://openapi.alipay.com#",
        "https://user:password@openapi.alipay.com",
        "https://@openapi.alipay.com",
        None,
        b"https://openapi.alipay.com",
        5,
    ],
)
def test_what_is_no_address_is_named(base_url: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^base_url: "):
        ClientConfig(base_url=base_url)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "base_url",
    [
        "https://user:canary-77@openapi.alipay.com",
        "https://user:canary-77@openapi.alipay.com/gateway.do",
        "https://user:canary-77@openapi.alipaydev.com",
        "https://user:canary-77@openapi.alipay.com ",
    ],
)
def test_a_password_in_an_address_is_not_printed(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig(base_url=base_url)
    assert "canary-77" not in str(caught.value)


@pytest.mark.parametrize("value", NO_NUMBER, ids=repr)
@pytest.mark.parametrize("phase", PHASES)
def test_a_timeout_that_is_no_positive_number_is_named(phase: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=rf"^Timeouts\.{phase}: "):
        Timeouts(**{phase: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("phase", PHASES)
def test_a_timeout_is_taken_in_seconds(phase: str) -> None:
    assert getattr(Timeouts(**{phase: 1}), phase) == 1
    assert getattr(Timeouts(**{phase: 0.001}), phase) == 0.001


@pytest.mark.parametrize("value", [*NO_NUMBER, 2.0], ids=repr)
@pytest.mark.parametrize("name", ["max_connections", "chunk_size"])
def test_a_count_that_is_no_positive_whole_number_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=rf"^ClientConfig\.{name}: "):
        ClientConfig(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeouts", 30),
        ("timeouts", None),
        ("ssl", None),
        ("ssl", "ca.pem"),
        ("proxy", "proxy.example:3128"),
        ("proxy", "socks5://proxy.example"),
        ("proxy", ""),
        ("proxy", "http://"),
        ("proxy", "http://[::1"),
        ("proxy", b"http://proxy.example"),
        ("proxy", 8080),
        ("trust_env", "no"),
        ("trust_env", None),
    ],
)
def test_a_setting_of_another_kind_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=rf"^ClientConfig\.{name}: "):
        ClientConfig(**{name: value})  # type: ignore[arg-type]


def test_a_proxy_is_taken_and_not_printed() -> None:
    config = ClientConfig(proxy="http://user:canary-77@proxy.example:3128")
    assert config.proxy == "http://user:canary-77@proxy.example:3128"
    assert "canary-77" not in repr(config)
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig(proxy="socks5://user:canary-77@proxy.example:3128")
    assert "canary-77" not in str(caught.value)


def test_a_tls_context_is_taken() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert ClientConfig(ssl=context).ssl is context
    assert ClientConfig(ssl=False).ssl is False


def test_settings_are_frozen_and_given_by_name() -> None:
    for value, name in ((ClientConfig(), "proxy"), (Timeouts(), "total")):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, name, "x")
    with pytest.raises(TypeError):
        ClientConfig(PRODUCTION)  # type: ignore[misc]
