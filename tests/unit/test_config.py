"""Settings and credentials: every bad value is named at construction."""

import ssl
from pathlib import Path

import attrs
import pytest

from alipay_mini_audit.config import PRODUCTION, SANDBOX, ClientConfig, Timeouts
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.crypto import RSASigner, RSAVerifier
from alipay_mini_audit.errors import ConfigurationError

APP_ID = "2021000000000001"
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


class RemoteSigner:
    async def sign(self, message: bytes) -> bytes:
        return message


class RemoteVerifier:
    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        """Accept everything."""


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


def test_settings_are_frozen_and_given_by_name(keys: Path) -> None:
    credentials = Credentials.from_keys(APP_ID, keys / "app.pkcs8.pem", keys / "alipay.public.pem")
    for value, name in ((ClientConfig(), "proxy"), (Timeouts(), "total"), (credentials, "app_id")):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, name, "x")
    with pytest.raises(TypeError):
        ClientConfig(PRODUCTION)  # type: ignore[misc]


def test_credentials_come_out_of_two_keys(keys: Path) -> None:
    private, public = (
        (keys / "app.pkcs1.b64").read_text("ascii"),
        (keys / "alipay.public.b64").read_bytes(),
    )
    credentials = Credentials.from_keys(APP_ID, private, public)
    assert credentials.app_id == APP_ID
    assert isinstance(credentials.signer, RSASigner)
    assert isinstance(credentials.verifier, RSAVerifier)
    assert credentials.app_cert_sn is None
    assert credentials.alipay_root_cert_sn is None


def test_printed_credentials_hold_no_key(keys: Path) -> None:
    private = (keys / "app.pkcs8.b64").read_text("ascii")
    shown = repr(Credentials.from_keys(APP_ID, private, keys / "alipay.public.pem"))
    assert APP_ID in shown
    assert "<RSASigner: 2048 bits, openssl>" in shown
    assert not [i for i in range(len(private) - 11) if private[i : i + 12] in shown]


def test_the_public_key_of_the_application_itself_is_refused(keys: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"application's own public key. Give the Alipay public key"
    ):
        Credentials.from_keys(APP_ID, keys / "app.pkcs8.pem", keys / "app.public.b64")


def test_swapped_keys_are_refused(keys: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^private_key: this is a public key"):
        Credentials.from_keys(APP_ID, keys / "alipay.public.pem", keys / "app.pkcs8.pem")


def test_a_signer_and_a_verifier_of_ones_own_are_taken() -> None:
    signer, verifier = RemoteSigner(), RemoteVerifier()
    credentials = Credentials(app_id=APP_ID, signer=signer, verifier=verifier)
    assert credentials.signer is signer
    assert credentials.verifier is verifier


@pytest.mark.parametrize(
    "app_id", ["", " ", "2021 1", "2021,nonce=1", "2021\n", "\uff12021", 2021, None, b"2021"]
)
def test_what_is_no_app_id_is_named(app_id: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^app_id: "):
        Credentials(app_id=app_id, signer=RemoteSigner(), verifier=RemoteVerifier())  # type: ignore[arg-type]


def test_a_part_that_does_not_fulfil_its_protocol_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"^signer: "):
        Credentials(app_id=APP_ID, signer=RemoteVerifier(), verifier=RemoteVerifier())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"^verifier: "):
        Credentials(app_id=APP_ID, signer=RemoteSigner(), verifier=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["app_cert_sn", "alipay_root_cert_sn"])
@pytest.mark.parametrize("value", ["a,nonce=1", "a\r\nX: y", "a b", "é", 5])
def test_what_is_no_serial_number_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name}: "):
        Credentials(
            app_id=APP_ID, signer=RemoteSigner(), verifier=RemoteVerifier(), **{name: value}
        )  # type: ignore[arg-type]
