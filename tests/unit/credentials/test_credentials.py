"""Credentials for both modes: what fits together, and what is said of what does not."""

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from support import certificates
from support.certificates import DAY, NOW, VECTORS, issue, pem, root

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.crypto import CertificateVerifier, ContentCipher, RSASigner, RSAVerifier
from alipay_mini_audit.errors import ConfigurationError

APP_ID = "2021000000000001"
KEYS = VECTORS / "keys"
FILES = VECTORS / "certificates"
AES_KEY = "AAECAwQFBgcICQoLDA0ODw=="
PRIVATE = KEYS / "app.pkcs8.pem"
PUBLIC = KEYS / "alipay.public.pem"


class RemoteSigner:
    """A signer that keeps its key elsewhere."""

    async def sign(self, message: bytes) -> bytes:
        return certificates.key("app").sign(message, PKCS1v15(), SHA256())


class RemoteVerifier:
    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        """Accept everything."""


def with_certificates(**changes: Any) -> Credentials:
    given: dict[str, Any] = {
        "private_key": PRIVATE,
        "app_certificate": FILES / "app.crt",
        "alipay_certificate": FILES / "alipay.crt",
        "root_certificate": FILES / "root.crt",
        "clock": lambda: NOW,
    }
    return Credentials.from_certificates(APP_ID, **(given | changes))


def refusal(**changes: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        with_certificates(**changes)
    return str(caught.value)


# Key mode.


def test_key_mode_needs_two_keys() -> None:
    credentials = Credentials.from_keys(APP_ID, PRIVATE, PUBLIC)
    assert (credentials.app_id, credentials.cipher) == (APP_ID, None)
    assert (credentials.app_cert_sn, credentials.alipay_root_cert_sn) == (None, None)
    assert isinstance(credentials.signer, RSASigner)
    assert isinstance(credentials.verifier, RSAVerifier)


@pytest.mark.parametrize("read", [lambda path: path, Path.read_text, Path.read_bytes])
def test_keys_are_files_or_content(read: Any) -> None:
    credentials = Credentials.from_keys(APP_ID, read(PRIVATE), read(PUBLIC), encrypt_key=AES_KEY)
    assert isinstance(credentials.cipher, ContentCipher)


@pytest.mark.parametrize("spelling", ["app.public.pem", "app.public.b64"])
def test_the_public_key_of_the_application_is_not_alipays(spelling: str) -> None:
    with pytest.raises(
        ConfigurationError, match="alipay_public_key: this is the application's own public key"
    ):
        Credentials.from_keys(APP_ID, KEYS / "app.pkcs1.b64", KEYS / spelling)


async def test_a_signer_of_ones_own_takes_the_place_of_the_key() -> None:
    signer = RemoteSigner()
    for credentials in (
        Credentials.from_keys(APP_ID, signer, PUBLIC),
        with_certificates(private_key=signer),
    ):
        assert credentials.signer is signer


@pytest.mark.parametrize("key", [None, 5, object(), RemoteSigner.sign])
def test_what_is_neither_key_nor_signer_is_refused(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="signer: expected"):
        Credentials.from_keys(APP_ID, key, PUBLIC)


@pytest.mark.parametrize("encrypt_key", ["", "x", "AAEC", b"AAEC", 5])
def test_an_unusable_encrypt_key_is_named(encrypt_key: Any) -> None:
    with pytest.raises(ConfigurationError, match="encrypt_key: "):
        Credentials.from_keys(APP_ID, PRIVATE, PUBLIC, encrypt_key=encrypt_key)
    assert refusal(encrypt_key=encrypt_key).startswith("encrypt_key: ")


@pytest.mark.parametrize(
    "app_id", ["", " ", "2021 0000", "2021\n", "a,b", "x" * 65, 2021000000000001, None]
)
def test_what_cannot_be_an_app_id_is_refused(app_id: Any) -> None:
    with pytest.raises(ConfigurationError, match="app_id: expected the digits"):
        Credentials.from_keys(app_id, PRIVATE, PUBLIC)


@pytest.mark.parametrize("field", ["app_cert_sn", "alipay_root_cert_sn"])
@pytest.mark.parametrize("value", ["", "a,b", "a\r\nb", 5, "x" * 1025])
def test_what_cannot_be_a_serial_number_is_refused(field: str, value: Any) -> None:
    known = Credentials.from_keys(APP_ID, PRIVATE, PUBLIC)
    given: dict[str, Any] = {"signer": known.signer, "verifier": known.verifier, field: value}
    with pytest.raises(ConfigurationError, match=f"^{field}: expected hex digits"):
        Credentials(app_id=APP_ID, **given)


@pytest.mark.parametrize(
    ("part", "value"), [("signer", 5), ("verifier", None), ("cipher", AES_KEY)]
)
def test_a_part_that_is_none_is_named(part: str, value: Any) -> None:
    known = Credentials.from_keys(APP_ID, PRIVATE, PUBLIC)
    given: dict[str, Any] = {"signer": known.signer, "verifier": known.verifier, part: value}
    with pytest.raises(ConfigurationError, match=f"^{part}: expected"):
        Credentials(app_id=APP_ID, **given)


# Certificate mode.


@pytest.mark.parametrize("read", [lambda path: path, Path.read_text, Path.read_bytes])
def test_certificate_mode_knows_its_serial_numbers(read: Any) -> None:
    names = {"app_certificate": "app", "alipay_certificate": "alipay", "root_certificate": "root"}
    credentials = with_certificates(
        **{name: read(FILES / f"{file}.crt") for name, file in names.items()}
    )
    assert credentials.app_cert_sn == "c2968cfbb66f1b62d4cf31d02c102de1"
    assert credentials.alipay_root_cert_sn == "4eb301c24b1d5f4db3c37b634428300d"
    assert isinstance(credentials.verifier, CertificateVerifier)
    assert repr(credentials.verifier) == "<CertificateVerifier: 42c0498600568ef1084e6e283438b0e6>"


@pytest.mark.parametrize("key", ["alipay.pkcs8.pem", "alipay_next.pkcs8.pem", "ca.pkcs8.pem"])
def test_the_key_must_belong_to_the_application_certificate(key: str) -> None:
    alipay = FILES / ("alipay_next.crt" if key.startswith("alipay.") else "alipay.crt")
    text = refusal(private_key=KEYS / key, alipay_certificate=alipay)
    assert text.startswith("app_certificate: it does not belong to the private key.")


def test_the_application_certificate_is_not_alipays() -> None:
    text = refusal(alipay_certificate=FILES / "app.crt")
    assert text == "alipay_certificate: this is the application's certificate. Give Alipay's."
    assert refusal(private_key=RemoteSigner(), alipay_certificate=FILES / "app.crt") == text


def test_certificates_that_changed_places_are_named() -> None:
    text = refusal(app_certificate=FILES / "alipay.crt", alipay_certificate=FILES / "app.crt")
    assert text.startswith("alipay_certificate: this is the application's certificate.")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("alipay_forged.crt", "did not sign it"),
        ("alipay_expired.crt", "it expired on 2022-01-01 00:00 UTC"),
    ],
)
def test_an_untrusted_certificate_of_alipay_is_refused_with_its_reason(
    file: str, reason: str
) -> None:
    text = refusal(alipay_certificate=FILES / file)
    assert text.startswith("alipay_certificate: ")
    assert reason in text
    with_certificates(alipay_certificate=FILES / file, check_certificates=False)


def own(**dates: Any) -> bytes:
    return pem(issue("app", "app", serial=8, **dates))


@pytest.mark.parametrize(
    ("dates", "reason"),
    [
        ({"end": NOW - DAY}, "it expired on 2026-05-31 12:00 UTC"),
        ({"start": NOW + DAY}, "only from 2026-06-02"),
    ],
)
def test_the_application_certificate_must_hold_now(dates: dict[str, Any], reason: str) -> None:
    given = {
        "app_certificate": own(**dates),
        "alipay_certificate": pem(issue()),
        "root_certificate": pem(root()),
    }
    text = refusal(**given)
    assert text.startswith("app_certificate: ")
    assert reason in text
    assert "Make a new one in the console." in text
    assert with_certificates(
        **given, check_certificates=False
    ).app_cert_sn == certificates.serial_number("CN=root", 8)


def test_the_end_of_the_application_certificate_is_announced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    given = {"alipay_certificate": pem(issue()), "root_certificate": pem(root())}
    with pytest.warns(
        UserWarning, match="app_certificate: this certificate expires on 2026-06-30"
    ) as caught:
        with_certificates(app_certificate=own(end=NOW + 29 * DAY), **given)
    assert len(caught) == len(caplog.records) == 1


@pytest.mark.parametrize(
    "name", ["private_key", "app_certificate", "alipay_certificate", "root_certificate"]
)
@pytest.mark.parametrize("content", ["garbage", b"", Path("/nowhere/x")])
def test_an_unusable_part_is_named(name: str, content: Any) -> None:
    assert refusal(**{name: content}).startswith(name)


def test_a_root_without_rsa_is_refused() -> None:
    bundle = certificates.armour(certificates.sm2())
    text = refusal(root_certificate=bundle, check_certificates=False)
    assert text.startswith("root_certificate: there is no RSA certificate in it.")


def test_an_application_certificate_of_another_kind_of_key_is_named() -> None:
    text = refusal(app_certificate=certificates.armour(certificates.sm2()))
    assert text.startswith("app_certificate: ")
    assert "no RSA key" in text


def test_credentials_are_neither_pickled_nor_copied_nor_changed() -> None:
    credentials = Credentials.from_keys(APP_ID, PRIVATE, PUBLIC)
    for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="hold keys"):
            duplicate(credentials)
    with pytest.raises(AttributeError):
        credentials.app_id = "x"  # type: ignore[misc]


# Parts of one's own, and what is said of those that are none.


def test_credentials_come_out_of_two_keys() -> None:
    private = (KEYS / "app.pkcs1.b64").read_text("ascii")
    public = (KEYS / "alipay.public.b64").read_bytes()
    credentials = Credentials.from_keys(APP_ID, private, public)
    assert credentials.app_id == APP_ID
    assert isinstance(credentials.signer, RSASigner)
    assert isinstance(credentials.verifier, RSAVerifier)
    assert credentials.app_cert_sn is None
    assert credentials.alipay_root_cert_sn is None


def test_printed_credentials_hold_no_key() -> None:
    private = (KEYS / "app.pkcs8.b64").read_text("ascii")
    shown = repr(Credentials.from_keys(APP_ID, private, KEYS / "alipay.public.pem"))
    assert APP_ID in shown
    assert "<RSASigner: 2048 bits, openssl>" in shown
    assert not [i for i in range(len(private) - 11) if private[i : i + 12] in shown]


def test_the_public_key_of_the_application_itself_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match=r"application's own public key. Give the Alipay public key"
    ):
        Credentials.from_keys(APP_ID, KEYS / "app.pkcs8.pem", KEYS / "app.public.b64")


def test_swapped_keys_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^private_key: this is a public key"):
        Credentials.from_keys(APP_ID, KEYS / "alipay.public.pem", KEYS / "app.pkcs8.pem")


def test_a_signer_and_a_verifier_of_ones_own_are_taken() -> None:
    signer = RemoteSigner()
    verifier = RemoteVerifier()
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


def test_a_verifier_that_has_to_be_awaited_is_refused() -> None:
    class Awaited:
        async def verify(self, *_: object, **__: object) -> None:
            """Accept everything."""

    with pytest.raises(ConfigurationError, match=r"^verifier: its `verify` is asynchronous"):
        Credentials(app_id=APP_ID, signer=RemoteSigner(), verifier=Awaited())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["app_cert_sn", "alipay_root_cert_sn"])
@pytest.mark.parametrize("value", ["a,nonce=1", "a\r\nX: y", "a b", "é", 5])
def test_what_is_no_serial_number_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name}: "):
        Credentials(
            app_id=APP_ID, signer=RemoteSigner(), verifier=RemoteVerifier(), **{name: value}
        )  # type: ignore[arg-type]
