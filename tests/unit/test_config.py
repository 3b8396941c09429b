"""Settings of a client: every bad value is named at construction."""

import os
import ssl
from pathlib import Path

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
    assert config.check_freshness is True
    assert config.timeouts.queue is None
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
        ("allow_plain_http", 1),
        ("allow_plain_http", "true"),
        ("allow_plain_http", None),
        ("check_freshness", "no"),
        ("check_freshness", None),
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


# Plain http.


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:8080",
        "http://127.255.3.4",
        "http://[::1]:8080",
        "http://localhost",
        "HTTP://LOCALHOST:8080/",
    ],
)
def test_plain_http_may_stay_on_this_machine(base_url: str) -> None:
    assert ClientConfig(base_url=base_url).base_url == base_url


@pytest.mark.parametrize(
    "base_url",
    [
        "http://openapi.alipay.com",
        "HTTP://openapi.alipay.com",
        "http://sandbox:8080",
        "http://192.168.0.7",
        "http://0.0.0.0:8080",
        "http://128.0.0.1",
        "http://127.1",
        "http://2130706433",
        "http://[::]:8080",
        "http://[::2]",
        "http://localhost.example",
        "http://127.0.0.1.example",
    ],
)
def test_plain_http_to_elsewhere_is_refused_until_it_is_allowed(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig(base_url=base_url)
    assert (caught.value.setting, caught.value.code) == ("base_url", "plain_http")
    for way in (
        "ClientConfig(allow_plain_http=True)",
        "ALIPAY_ALLOW_PLAIN_HTTP=1",
        "allow_plain_http = true",
        "--allow-plain-http",
    ):
        assert way in caught.value.advice
    assert ClientConfig(base_url=base_url, allow_plain_http=True).base_url == base_url


def test_a_proxy_elsewhere_does_not_read_plain_http_either() -> None:
    local = "http://127.0.0.1:8080"
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig(base_url=local, proxy="http://user:canary-77@proxy.example:3128")
    assert (caught.value.setting, caught.value.code) == ("ClientConfig.proxy", "plain_http")
    assert "canary-77" not in str(caught.value)
    ClientConfig(base_url=local, proxy="http://127.0.0.1:3128")
    ClientConfig(base_url=local, proxy="http://proxy.example:3128", allow_plain_http=True)
    ClientConfig(proxy="http://proxy.example:3128")  # a tunnel


# From elsewhere.


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("ALIPAY_")]:
        monkeypatch.delenv(name)
    return monkeypatch


def test_what_is_not_given_is_as_by_default(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("ALIPAY_BASE_URL", " ")
    assert ClientConfig.from_env() == ClientConfig()
    (tmp_path / "alipay.toml").write_text('app_id = "2021000000000001"')
    assert ClientConfig.from_file(tmp_path / "alipay.toml") == ClientConfig()


def test_settings_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ALIPAY_BASE_URL", "http://sandbox:8080\n")
    environment.setenv("ALIPAY_ALLOW_PLAIN_HTTP", "1")
    environment.setenv("ALIPAY_PROXY", "http://proxy.example:3128")
    environment.setenv("ALIPAY_TIMEOUT_TOTAL", "30")
    environment.setenv("ALIPAY_TIMEOUT_REPLY", "1.5")
    assert ClientConfig.from_env() == ClientConfig(
        base_url="http://sandbox:8080",
        allow_plain_http=True,
        proxy="http://proxy.example:3128",
        timeouts=Timeouts(total=30.0, reply=1.5),
    )
    assert ClientConfig.from_env("SHOP_") == ClientConfig()
    environment.setenv("SHOP_BASE_URL", SANDBOX)
    assert ClientConfig.from_env("SHOP_").base_url == SANDBOX


def test_settings_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "alipay.toml"
    file.write_text(
        'base_url = "http://sandbox:8080"\nallow_plain_http = true\n'
        'proxy = "http://127.0.0.1:3128"\n[timeouts]\ntotal = 30\nreply = 1.5\n'
    )
    assert ClientConfig.from_file(file) == ClientConfig(
        base_url="http://sandbox:8080",
        allow_plain_http=True,
        proxy="http://127.0.0.1:3128",
        timeouts=Timeouts(total=30, reply=1.5),
    )


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("BASE_URL", "openapi.alipay.com", "not_a_url"),
        ("BASE_URL", "http://sandbox:8080", "plain_http"),
        ("PROXY", "proxy:3128", "not_a_url"),
        ("ALLOW_PLAIN_HTTP", "maybe", "bad_value"),
        ("TIMEOUT_STALL", "0", "bad_number"),
        ("TIMEOUT_CONNECT", "nan", "bad_number"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    environment: pytest.MonkeyPatch, name: str, value: str, code: str
) -> None:
    environment.setenv(f"SHOP_{name}", value)
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig.from_env("SHOP_")
    assert (caught.value.setting, caught.value.code) == (f"SHOP_{name}", code)


@pytest.mark.parametrize(
    ("line", "setting", "code"),
    [
        ("base_url = 5", "base_url", "not_a_url"),
        ("allow_plain_http = 1", "allow_plain_http", "bad_value"),
        ('proxy = "x"', "proxy", "not_a_url"),
        ("timeouts = 30", "timeouts", "wrong_type"),
        ("timeouts.total = '30'", "timeouts.total", "bad_number"),
        ("timeouts.day = 30", "timeouts", "unknown_setting"),
    ],
)
def test_a_key_that_cannot_be_used_is_named(
    tmp_path: Path, line: str, setting: str, code: str
) -> None:
    (tmp_path / "alipay.toml").write_text(line)
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig.from_file(tmp_path / "alipay.toml")
    assert (caught.value.setting, caught.value.code) == (setting, code)


@pytest.mark.parametrize("value", [None, 5, b"ALIPAY_"])
def test_a_prefix_or_path_of_another_type_is_named(value: object) -> None:
    with pytest.raises(TypeError, match=r"^prefix: expected a text, not "):
        ClientConfig.from_env(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^path: expected a str or os\.PathLike, not "):
        ClientConfig.from_file(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [value for value in NO_NUMBER if value is not None], ids=repr)
def test_waiting_for_a_place_has_a_positive_limit_or_none(value: object) -> None:
    assert Timeouts(queue=0.5).queue == 0.5
    with pytest.raises(ConfigurationError, match=r"^Timeouts\.queue: "):
        Timeouts(queue=value)  # type: ignore[arg-type]
