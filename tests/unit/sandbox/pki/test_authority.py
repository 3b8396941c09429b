import datetime
import sys
from collections.abc import Callable

import pytest
from Crypto.PublicKey import RSA
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from alipay_mini_audit.sandbox.pki.authority import (
    certify_alipay,
    certify_app,
    certify_root,
    new_key,
    private_pem,
    public_pem,
)

KeyNamed = Callable[[str], RSA.RsaKey]


def load(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def test_the_root_certifies_itself_the_app_and_the_platform(key_named: KeyNamed) -> None:
    root_key = key_named("ca")
    root = load(certify_root(root_key))
    root.verify_directly_issued_by(root)
    app = load(certify_app("2021", key_named("app"), root_key))
    app.verify_directly_issued_by(root)
    assert "CN=2021-" in app.subject.rfc4514_string()
    load(certify_alipay(key_named("alipay"), root_key)).verify_directly_issued_by(root)


@pytest.mark.parametrize("has_openssl", [True, False])
def test_a_new_key_is_sound_with_openssl_and_without(
    has_openssl: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_openssl:
        monkeypatch.setitem(
            sys.modules, "cryptography.hazmat.primitives.asymmetric.rsa", None
        )  # as if it were not installed
    key = new_key()
    assert (key.size_in_bits(), key.e) == (2048, 65537)
    load_pem_private_key(private_pem(key).encode(), password=None)  # checks it


def test_certificates_of_the_platform_differ_by_serial_number_alone(key_named: KeyNamed) -> None:
    old, new = (load(certify_alipay(key_named("alipay"), key_named("ca"))) for _ in range(2))
    assert old.subject == new.subject
    assert old.serial_number != new.serial_number
    assert new.not_valid_before_utc < datetime.datetime.now(datetime.UTC) < new.not_valid_after_utc


def test_an_expired_certificate_is_signed_all_the_same(key_named: KeyNamed) -> None:
    root_key = key_named("ca")
    expired = load(certify_alipay(key_named("alipay"), root_key, expired=True))
    expired.verify_directly_issued_by(load(certify_root(root_key)))
    assert expired.not_valid_after_utc < datetime.datetime.now(datetime.UTC)


def test_a_certificate_by_another_key_names_the_root_all_the_same(key_named: KeyNamed) -> None:
    root = load(certify_root(key_named("ca")))
    forged = load(certify_alipay(key_named("alipay"), key_named("alipay_next")))
    assert forged.issuer == root.subject
    with pytest.raises(InvalidSignature):
        forged.verify_directly_issued_by(root)


def test_keys_are_written_as_others_read_them(key_named: KeyNamed) -> None:
    key = key_named("app")
    assert private_pem(key).startswith("-----BEGIN PRIVATE KEY-----\n")
    public = load_pem_private_key(private_pem(key).encode(), None).public_key()
    assert load_pem_public_key(public_pem(key).encode()) == public
