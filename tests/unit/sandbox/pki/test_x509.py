import datetime
import hashlib

import pytest
from Crypto.PublicKey import RSA
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.pki.x509 import (
    certificate_key,
    issue,
    root_serial_number,
    serial_number,
)

ISSUER = (("C", "CN"), ("O", "测试机构"), ("OU", "Unit"), ("CN", "Root"))
SUBJECT = (("C", "CN"), ("O", "x" * 64), ("CN", "2021000000000001-咖啡小站"))
FROM = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def key(app_key: RSAPrivateKey) -> RSA.RsaKey:
    numbers = app_key.private_numbers()
    return RSA.construct((numbers.public_numbers.n, 65537, numbers.d, numbers.p, numbers.q))


def make(key: RSA.RsaKey, *, serial: int = 1, year: int = 2034, authority: bool = False) -> str:
    return issue(
        subject=ISSUER if authority else SUBJECT,
        issuer=ISSUER,
        serial=serial,
        not_before=FROM.astimezone(datetime.timezone(datetime.timedelta(hours=8))),
        not_after=FROM.replace(year=year),
        public_key=key,
        issuer_key=key,
        authority=authority,
    )


@pytest.mark.parametrize("serial", [1, 127, 128, 255, 2**64, 2**128 - 1])
def test_an_outside_judge_reads_what_was_put_in(
    key: RSA.RsaKey, app_key: RSAPrivateKey, serial: int
) -> None:
    pem = make(key, serial=serial, year=2060)
    read = x509.load_pem_x509_certificate(pem.encode())
    assert read.version is x509.Version.v3
    assert read.serial_number == serial
    assert read.issuer.rfc4514_string() == "CN=Root,OU=Unit,O=测试机构,C=CN"
    assert read.subject.rfc4514_string() == f"CN=2021000000000001-咖啡小站,O={'x' * 64},C=CN"
    assert read.not_valid_before_utc == FROM
    assert read.not_valid_after_utc == FROM.replace(year=2060)
    assert isinstance(read.signature_hash_algorithm, hashes.SHA256)
    encoding = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert read.public_key().public_bytes(*encoding) == app_key.public_key().public_bytes(*encoding)
    assert certificate_key(pem) == key.public_key()
    formula = f"CN=Root,OU=Unit,O=测试机构,C=CN{serial}".encode()
    assert serial_number(pem) == hashlib.md5(formula).hexdigest()  # noqa: S324  # Alipay's formula


def test_a_root_signs_itself_and_others(key: RSA.RsaKey) -> None:
    root = x509.load_pem_x509_certificate(make(key, authority=True).encode())
    root.verify_directly_issued_by(root)
    x509.load_pem_x509_certificate(make(key).encode()).verify_directly_issued_by(root)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).critical


def test_certificates_of_others_are_read(app_key: RSAPrivateKey, key: RSA.RsaKey) -> None:
    curve = generate_private_key(SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=Other,O=Org,C=CN")
    builder = x509.CertificateBuilder(name, name, None, 2**100, FROM, FROM.replace(year=2051))
    by_rsa = builder.public_key(app_key.public_key()).sign(app_key, hashes.SHA256())
    by_curve = builder.public_key(curve.public_key()).sign(curve, hashes.SHA256())
    other, foreign = (each.public_bytes(Encoding.PEM).decode() for each in (by_rsa, by_curve))
    expected = hashlib.md5(f"CN=Other,O=Org,C=CN{2**100}".encode()).hexdigest()  # noqa: S324
    own = make(key, authority=True)
    assert serial_number(other + own) == expected
    assert root_serial_number(foreign + own + other) == f"{serial_number(own)}_{expected}"
    with pytest.raises(ConfigurationError, match="RSA"):
        root_serial_number(foreign)
    with pytest.raises(ConfigurationError, match="RSA"):
        certificate_key(foreign)


@pytest.mark.parametrize("body", ["", "AAAA", "MAA=", "%%%%"])
def test_what_is_not_a_certificate_is_refused(body: str) -> None:
    pem = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    with pytest.raises(ConfigurationError, match="certificate"):
        serial_number(pem)
