"""Certificates, judged by the vectors and, where it can read them, by `cryptography`."""

import datetime
import hashlib
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from support import certificates
from support.certificates import (
    NOW,
    VECTORS,
    armour,
    attribute,
    by_hand,
    integer,
    name,
    oid,
    pem,
    tlv,
)

from alipay_mini_audit.crypto import Certificate, KeySource, load_certificates, root_serial_number
from alipay_mini_audit.errors import ConfigurationError

KNOWN = json.loads((VECTORS / "vectors.json").read_text("utf-8"))["certificates"]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def load(source: KeySource) -> Certificate:
    (certificate,) = load_certificates(source, "certificate")
    return certificate


def agree(der: bytes) -> Certificate:
    """Compare everything that both sides read, and return ours."""
    ours = load(der)
    theirs = x509.load_der_x509_certificate(der)
    assert ours.serial_number == theirs.serial_number
    assert ours.issuer == theirs.issuer.rfc4514_string()
    assert ours.subject == theirs.subject.rfc4514_string()
    assert ours.not_before == theirs.not_valid_before_utc
    assert ours.not_after == theirs.not_valid_after_utc
    return ours


@pytest.mark.parametrize("entry", KNOWN)
def test_a_certificate_has_the_known_serial_number(entry: str) -> None:
    known = KNOWN[entry]
    path = VECTORS / "certificates" / f"{entry}.crt"
    for source in (path, path.read_bytes(), path.read_text("utf-8")):
        certificate = load(source)
        assert (certificate.issuer, str(certificate.serial_number)) == (
            known["issuer"],
            known["serial"],
        )
        assert certificate.cert_sn == known["sn"]
    agree(x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER))


def test_the_vectors_hold_all_six() -> None:
    assert set(KNOWN) == {path.stem for path in (VECTORS / "certificates").glob("*.crt")}
    assert len(KNOWN) == 6


def test_a_serial_number_keeps_its_leading_zeros() -> None:
    found = next(
        serial for serial in range(1, 999) if md5(f"CN=Hand R1,C=CN{serial}").startswith("0")
    )
    assert load(by_hand(serial=found)).cert_sn == md5(f"CN=Hand R1,C=CN{found}")


# The traits of Alipay's own files.


def test_an_sm2_certificate_is_read_without_its_key() -> None:
    certificate = load(certificates.sm2())
    assert (certificate.serial_number, certificate.issuer) == (
        7629940819692799611,
        "CN=Hand R1,C=CN",
    )
    assert not certificate.is_signed_with_rsa
    with pytest.raises(ConfigurationError, match="holds no RSA key"):
        _ = certificate.public_key


@pytest.mark.parametrize(
    "parameters",
    [b"", b"\x05\x00", tlv(0x30, b"\x05\x00"), tlv(0x04, b"whatever"), tlv(0x0C, bytes(300))],
    ids=["none", "null", "sequence", "octets", "long"],
)
def test_extra_data_in_the_algorithm_is_passed_over(parameters: bytes) -> None:
    certificate = load(by_hand(parameters=parameters))
    assert certificate.is_signed_with_rsa
    assert certificate.cert_sn == md5("CN=Hand R1,C=CN5")


def test_a_serial_that_nobody_can_write_down_is_not_read() -> None:
    der = by_hand(serial=10**4400)
    with pytest.raises(ConfigurationError, match="no certificate in it that can be read"):
        load(der)
    (usable,) = load_certificates(armour(der) + armour(by_hand()), "root_certificate")
    assert usable.serial_number == 5


@pytest.mark.parametrize("exponent", [2, 4, 65538])
def test_a_certificate_of_a_key_with_an_even_exponent_is_refused(exponent: int) -> None:
    modulus = certificates.key("alipay").public_key().public_numbers().n
    key = tlv(0x30, integer(modulus), integer(exponent))
    algorithm = tlv(0x30, oid("1.2.840.113549.1.1.1"), b"\x05\x00")
    spki = tlv(0x30, algorithm, tlv(0x03, b"\x00" + key))
    with pytest.raises(ConfigurationError) as caught:
        load(by_hand(public_key=spki)).public_key  # noqa: B018  # it is parsed when asked for
    assert caught.value.code == "bad_key"


@pytest.mark.parametrize(
    "serial", [0, 1, 127, 128, 255, 2**63, 2**127, 2**127 + 5, 2**128 - 1, 2**159 - 1]
)
def test_a_serial_of_any_length_is_read(serial: int) -> None:
    assert load(by_hand(serial=serial)).serial_number == serial
    if serial:
        agree(by_hand(serial=serial))


def test_a_certificate_of_version_1_is_read() -> None:
    assert agree(by_hand(version=b"")).serial_number == 5


def test_a_chinese_subject_is_read() -> None:
    subject = name(
        attribute("2.5.4.6", "CN", certificates.PRINTABLE),
        attribute("2.5.4.3", "支付宝(中国)网络技术有限公司"),
    )
    assert agree(by_hand(subject=subject)).subject == "CN=支付宝(中国)网络技术有限公司,C=CN"


def test_a_bmp_string_is_read() -> None:
    issuer = name(
        attribute("2.5.4.10", "蚂蚁", certificates.BMP),
        attribute("2.5.4.3", "R1", certificates.BMP),
    )
    assert agree(by_hand(issuer=issuer)).issuer == "CN=R1,O=蚂蚁"


@pytest.mark.parametrize(
    ("tag", "codec"), [(0x12, "ascii"), (0x1A, "ascii"), (0x16, "ascii"), (0x1C, "utf-32-be")]
)
def test_every_kind_of_text_is_read(tag: int, codec: str) -> None:
    issuer = name(tlv(0x30, certificates.oid("2.5.4.3"), tlv(tag, "2026".encode(codec))))
    assert load(by_hand(issuer=issuer)).issuer == "CN=2026"


def test_a_long_value_is_read() -> None:
    for size in (127, 128, 255, 256, 60000):
        issuer = name(attribute("2.5.4.3", "x" * size))
        assert load(by_hand(issuer=issuer)).issuer == "CN=" + "x" * size


def test_a_multi_valued_part_keeps_its_order() -> None:
    both = [attribute("2.5.4.3", "one"), attribute("2.5.4.11", "two")]
    assert (
        agree(by_hand(issuer=name(attribute("2.5.4.6", "CN", 0x13), both))).issuer
        == "CN=one+OU=two,C=CN"
    )
    twice = [attribute("2.5.4.3", "one"), attribute("2.5.4.3", "one")]
    assert load(by_hand(issuer=name(twice))).issuer == "CN=one+CN=one"


def test_an_attribute_without_a_short_name_is_called_by_its_number() -> None:
    issuer = name(attribute("1.2.840.113549.1.9.1", "a@b.example"), attribute("2.5.4.5", "17"))
    assert agree(by_hand(issuer=issuer)).issuer == "2.5.4.5=17,1.2.840.113549.1.9.1=a@b.example"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a,b", r"a\,b"),
        ('a+"b"', r"a\+\"b\""),
        (r"a\b", r"a\\b"),
        ("<a>;b", r"\<a\>\;b"),
        ("#a#", r"\#a#"),
        (" a ", r"\ a\ "),
        ("  ", r"\ \ "),
        (" ", r"\ "),
        ("a=b", "a=b"),
        ("a\0b", r"a\00b"),
        ("", ""),
    ],
)
def test_a_value_is_escaped_as_rfc_4514_says(text: str, escaped: str) -> None:
    der = by_hand(issuer=name(attribute("2.5.4.3", text)))
    assert load(der).issuer == f"CN={escaped}"
    if text:
        agree(der)


def test_a_time_after_2049_is_read() -> None:
    start = NOW
    end = datetime.datetime(2071, 2, 28, 23, 59, 59, tzinfo=datetime.UTC)
    certificate = agree(
        by_hand(
            validity=tlv(0x30, certificates.utc_time(start), certificates.generalized_time(end))
        )
    )
    assert (certificate.not_before, certificate.not_after) == (start, end)


@pytest.mark.parametrize(
    ("digits", "year"), [("490101000000Z", 2049), ("500101000000Z", 1950), ("000101000000Z", 2000)]
)
def test_two_digits_of_a_year_are_read_as_x509_says(digits: str, year: int) -> None:
    time = tlv(0x17, digits.encode())
    certificate = agree(by_hand(validity=tlv(0x30, time, time)))
    assert certificate.not_after == datetime.datetime(year, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize(("authority", "expected"), [(True, True), (False, False), (None, False)])
def test_only_basic_constraints_make_an_authority(authority: bool | None, expected: bool) -> None:
    assert load(pem(certificates.issue(authority=authority))).is_authority is expected


def test_the_fingerprint_is_that_of_the_key() -> None:
    expected = hashlib.sha256(certificates.public_key_of("alipay")).hexdigest()
    assert load(VECTORS / "certificates" / "alipay.crt").fingerprint == expected


# The root bundle.


def elliptic() -> bytes:
    """A certificate signed with ECDSA and SHA-384, as the third of Alipay's root bundle."""
    curve_key = ec.generate_private_key(ec.SECP384R1())
    subject = certificates.common_name("E1")
    builder = x509.CertificateBuilder(subject, subject, curve_key.public_key(), 33)
    builder = builder.not_valid_before(NOW).not_valid_after(NOW + certificates.DAY)
    return builder.sign(curve_key, SHA384()).public_bytes(Encoding.DER)


def test_only_certificates_signed_with_rsa_count_in_a_bundle() -> None:
    first = certificates.issue("R1", "ca", issuer="R1", serial=11)
    second = by_hand(serial=22, parameters=tlv(0x30))
    bundle = armour(certificates.sm2()) + pem(first) + armour(elliptic()) + armour(second)
    roots = load_certificates(bundle, "root_certificate")
    assert [root.is_signed_with_rsa for root in roots] == [False, True, False, True]
    expected = [md5("CN=R111"), md5("CN=Hand R1,C=CN22")]
    assert root_serial_number(roots) == "_".join(expected)


@pytest.mark.parametrize("number", [2, 3, 4, 5, 11, 12, 13, 14])
def test_every_algorithm_of_the_rsa_family_counts(number: int) -> None:
    assert load(by_hand(algorithm=f"1.2.840.113549.1.1.{number}")).is_signed_with_rsa


@pytest.mark.parametrize(
    "algorithm", ["1.2.840.10045.4.3.3", "1.2.840.10040.4.3", certificates.SM2_WITH_SM3]
)
def test_no_other_algorithm_counts(algorithm: str) -> None:
    assert not load(by_hand(algorithm=algorithm)).is_signed_with_rsa


def test_a_bundle_without_rsa_is_refused() -> None:
    roots = load_certificates(armour(certificates.sm2()) + armour(elliptic()), "root")
    with pytest.raises(
        ConfigurationError, match="root_certificate: there is no RSA certificate in it"
    ):
        root_serial_number(roots)
