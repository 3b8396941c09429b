"""What is said when something else than the wanted key was pasted.

No text holds a piece of a key.
"""

import base64
import datetime
import time
import traceback
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from support.certificates import integer, spki, tlv

from alipay_mini_audit.crypto import RSASigner, RSAVerifier
from alipay_mini_audit.errors import ConfigurationError

PEM = Encoding.PEM
DER = Encoding.DER
PLAIN = NoEncryption()
LOCKED = BestAvailableEncryption(b"secret")


@pytest.fixture(scope="session")
def small_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)  # noqa: S505  # too small on purpose


@pytest.fixture(scope="session")
def curve_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def request_for_certificate(app_key: rsa.RSAPrivateKey) -> x509.CertificateSigningRequest:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "app")])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(app_key, SHA256())


@pytest.fixture(scope="session")
def certificate(app_key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "app")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    builder = builder.not_valid_after(datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC))
    return builder.public_key(app_key.public_key()).sign(app_key, SHA256())


def pieces(content: bytes) -> set[str]:
    """Every run of 12 characters of a key, in base64, without the lines of the PEM."""
    lines = content.decode("latin-1").splitlines()
    text = "".join(
        line.strip() for line in lines if not line.startswith("-----") and ":" not in line
    )
    text = text if content.isascii() else base64.b64encode(content).decode("ascii")
    return {text[i : i + 12] for i in range(len(text) - 11)}


def refusal(make: type[RSASigner | RSAVerifier], source: Path | str | bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        make(source)  # type: ignore[arg-type]
    if isinstance(source, bytes) and len(source) > 100:
        shown = "".join(traceback.format_exception(caught.value))
        assert not [piece for piece in pieces(source) if piece in shown]
    return str(caught.value)


def both(content: bytes) -> list[bytes]:
    """PEM, and the same without its BEGIN and END."""
    inside = [line for line in content.splitlines() if not line.startswith(b"-----")]
    return [content, b"\n".join(inside)]


@pytest.mark.parametrize("name", ["app.public.pem", "app.public.b64"])
def test_a_public_key_is_no_private_key(keys: Path, name: str) -> None:
    text = refusal(RSASigner, (keys / name).read_bytes())
    assert text.startswith("private_key: this is a public key.")
    assert "private key" in text


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("app.pkcs1.pem", "a PKCS#1 private key"),
        ("app.pkcs1.b64", "a PKCS#1 private key"),
        ("app.pkcs8.pem", "a PKCS#8 private key"),
        ("app.pkcs8.b64", "a PKCS#8 private key"),
        ("app.pkcs8.oneline.pem", "a PKCS#8 private key"),
    ],
)
def test_a_private_key_is_no_public_key(keys: Path, name: str, found: str) -> None:
    text = refusal(RSAVerifier, (keys / name).read_bytes())
    assert text.startswith(f"alipay_public_key: this is {found}.")
    assert "Alipay public key" in text


def test_a_pkcs1_public_key_is_no_private_key(app_key: rsa.RSAPrivateKey) -> None:
    for encoding in (PEM, DER):
        content = app_key.public_key().public_bytes(encoding, PublicFormat.PKCS1)
        assert "this is a PKCS#1 public key." in refusal(RSASigner, content)


@pytest.mark.parametrize("make", [RSASigner, RSAVerifier])
def test_a_certificate_is_no_key(make: type[RSASigner], certificate: x509.Certificate) -> None:
    for content in [*both(certificate.public_bytes(PEM)), certificate.public_bytes(DER)]:
        text = refusal(make, content)
        assert "this is a certificate." in text
        assert "certificate mode" in text


@pytest.mark.parametrize("label", [b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST"])
def test_a_certificate_request_is_no_key(
    request_for_certificate: x509.CertificateSigningRequest, label: bytes
) -> None:
    content = request_for_certificate.public_bytes(PEM).replace(b"CERTIFICATE REQUEST", label)
    assert "this is a certificate request." in refusal(RSASigner, content)


def test_an_encrypted_pkcs8_key_is_named_and_the_remedy_too(app_key: rsa.RSAPrivateKey) -> None:
    pem = app_key.private_bytes(PEM, PrivateFormat.PKCS8, LOCKED)
    for content in [*both(pem), app_key.private_bytes(DER, PrivateFormat.PKCS8, LOCKED)]:
        text = refusal(RSASigner, content)
        assert "this is an encrypted private key." in text
        assert "openssl pkey" in text


def test_an_encrypted_traditional_key_is_named_and_the_remedy_too(
    app_key: rsa.RSAPrivateKey,
) -> None:
    content = app_key.private_bytes(PEM, PrivateFormat.TraditionalOpenSSL, LOCKED)
    assert b"Proc-Type: 4,ENCRYPTED" in content
    text = refusal(RSASigner, content)
    assert "this is an encrypted private key." in text
    assert "openssl pkey" in text


def test_an_openssh_key_is_named_and_the_remedy_too(app_key: rsa.RSAPrivateKey) -> None:
    text = refusal(RSASigner, app_key.private_bytes(PEM, PrivateFormat.OpenSSH, PLAIN))
    assert "this is an OpenSSH private key." in text
    assert "ssh-keygen" in text


def test_an_elliptic_curve_key_is_named(curve_key: ec.EllipticCurvePrivateKey) -> None:
    text = refusal(RSASigner, curve_key.private_bytes(PEM, PrivateFormat.TraditionalOpenSSL, PLAIN))
    assert "this is an elliptic-curve private key." in text
    assert "RSA" in text


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_keys_of_another_kind_are_no_rsa_keys(
    curve_key: ec.EllipticCurvePrivateKey, encoding: Encoding
) -> None:
    edwards_key = ed25519.Ed25519PrivateKey.generate()
    for key in (curve_key, edwards_key):
        private = key.private_bytes(encoding, PrivateFormat.PKCS8, PLAIN)
        public = key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
        assert "not an RSA key" in refusal(RSASigner, private)
        assert "not an RSA key" in refusal(RSAVerifier, public)


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_a_key_under_2048_bits_is_refused_with_its_size(
    small_key: rsa.RSAPrivateKey, encoding: Encoding
) -> None:
    private = small_key.private_bytes(encoding, PrivateFormat.PKCS8, PLAIN)
    public = small_key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    for text in (refusal(RSASigner, private), refusal(RSAVerifier, public)):
        assert "1024 bits" in text
        assert "2048" in text


@pytest.mark.parametrize(
    "source",
    [
        "hello",
        "....",
        "{}",
        "-----",
        "-----BEGIN PRIVATE KEY----",
        "MIIE",
        "\ud800",
        b"\x30\x82\xff",
    ],
)
def test_nonsense_is_refused(source: str | bytes) -> None:
    assert refusal(RSASigner, source).startswith("private_key: ")


def test_a_pem_without_its_last_line_is_cut_short(keys: Path) -> None:
    content = (keys / "app.pkcs8.pem").read_bytes().partition(b"-----END")[0]
    assert "END line is missing" in refusal(RSASigner, content)


def test_numbers_that_do_not_fit_together_are_damaged(app_key: rsa.RSAPrivateKey) -> None:
    numbers = app_key.private_numbers()
    der = app_key.private_bytes(DER, PrivateFormat.TraditionalOpenSSL, PLAIN)
    for number in (numbers.d, numbers.p, numbers.q, numbers.public_numbers.n):
        good = number.to_bytes((number.bit_length() + 7) // 8)
        bad = good[:50] + bytes([good[50] ^ 1]) + good[51:]
        assert "Copy it again, whole." in refusal(RSASigner, der.replace(good, bad))


def pkcs1(*numbers: int) -> bytes:
    """A private key of any numbers."""
    return tlv(0x30, *map(integer, numbers))


@pytest.mark.parametrize(
    ("modulus", "exponent", "code"),
    [
        ((1 << 16383) + 1, (1 << 16382) + 1, "key_too_large"),
        ((1 << 8192) + 1, 65537, "key_too_large"),
        ((1 << 2047) + 1, 65536, "bad_key"),
        ((1 << 2047) + 1, (1 << 64) + 1, "bad_key"),
        ((1 << 2047) + 1, 1, "bad_key"),
        (1 << 2047, 65537, "bad_key"),
        (3**1300, 3, "damaged"),
    ],
    ids=["both huge", "large", "even", "long exponent", "one", "even modulus", "common factor"],
)
def test_a_public_key_of_odd_numbers_is_refused(modulus: int, exponent: int, code: str) -> None:
    for content in (spki(modulus, exponent), pkcs1(modulus, exponent)):
        with pytest.raises(ConfigurationError) as caught:
            RSAVerifier(content)
        assert caught.value.code == code


def test_a_private_key_of_odd_numbers_is_refused(app_key: rsa.RSAPrivateKey) -> None:
    numbers = app_key.private_numbers()
    huge = (1 << 100_000) + 1
    large = (1 << 8192) + 1
    good = numbers.public_numbers.n
    rest = (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    for content, code in (
        (pkcs1(0, large, 65537, *rest), "key_too_large"),
        (pkcs1(0, good, 65536, *rest), "bad_key"),
        (pkcs1(0, good, 65537, numbers.d, huge, *rest[2:]), "damaged"),
        (pkcs1(0, good, 65537, numbers.d, 0, *rest[2:]), "damaged"),
        (tlv(0x30, integer(0), tlv(0x30), tlv(0x04, spki(good))), "damaged"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            RSASigner(content)
        assert caught.value.code == code


@pytest.mark.parametrize("make", [RSASigner, RSAVerifier])
def test_large_numbers_are_refused_at_once(make: type[RSASigner | RSAVerifier]) -> None:
    number = int.from_bytes(b"\x7f" * 60_000)
    before = time.process_time()
    for content in (spki(number), spki(5, number), pkcs1(number, 3), pkcs1(*[2**50_000] * 9)):
        refusal(make, content)
    assert time.process_time() - before < 1
