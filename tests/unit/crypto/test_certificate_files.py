"""Files of certificates: every spelling, several in one, damaged ones, and nothing usable."""

import base64
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from support import certificates
from support.certificates import VECTORS, armour, by_hand, name, pem, tlv

from alipay_mini_audit.crypto import Certificate, KeySource, load_certificates
from alipay_mini_audit.errors import ConfigurationError

KNOWN = json.loads((VECTORS / "vectors.json").read_text("utf-8"))["certificates"]


def load(source: KeySource) -> Certificate:
    (certificate,) = load_certificates(source, "certificate")
    return certificate


def refusal(source: KeySource) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_certificates(source, "certificate")
    return str(caught.value)


# Spellings.


def spellings() -> list[KeySource]:
    path = VECTORS / "certificates" / "app.crt"
    text = path.read_text("utf-8")
    der = x509.load_pem_x509_certificate(text.encode()).public_bytes(Encoding.DER)
    bare = base64.b64encode(der).decode()
    body = text[text.index("-----BEGIN") :]
    return [
        path,
        text,
        text.replace("\n", "\r\n"),
        "\ufeff" + text,
        der,
        bare,
        base64.encodebytes(der),
        "\ufeff" + bare,
        f" {bare}\n",
        body.strip().replace("\n", "\\n"),  # as in .env files
        body.replace("\n", " "),
        armour(der),
    ]


@pytest.mark.parametrize("source", spellings(), ids=range(12))
def test_every_spelling_gives_the_same_certificate(source: KeySource) -> None:
    assert load(source).cert_sn == KNOWN["app"]["sn"]


def test_several_certificates_are_read_in_their_order() -> None:
    chosen = ["alipay", "root", "app"]
    texts = [(VECTORS / "certificates" / f"{entry}.crt").read_text("utf-8") for entry in chosen]
    junk = "subject=/C=CN\nBag Attributes: 支付宝\n-----\n"
    found = load_certificates(junk + junk.join(texts) + junk, "certificate")
    assert [certificate.cert_sn for certificate in found] == [
        KNOWN[entry]["sn"] for entry in chosen
    ]


@pytest.mark.parametrize("kept", [20, 200, 900])
def test_a_truncated_one_is_passed_over(kept: int) -> None:
    good = pem(certificates.issue(serial=77))
    broken = pem(certificates.issue(serial=66))[:kept]
    closed = broken + b"\n-----END CERTIFICATE-----\n"
    for content in (closed + good, good + closed, broken + b"\n" + good, good + broken):
        assert [found.serial_number for found in load_certificates(content, "certificate")] == [77]


def test_what_is_no_certificate_is_passed_over() -> None:
    good = pem(certificates.issue(serial=77))
    others = [
        b"",
        b"\x30\x00",
        b"\x30\x03\x02\x01\x05",
        bytes(500),
        certificates.public_key_of("alipay"),
    ]
    content = b"".join(map(armour, others)) + good
    assert [found.serial_number for found in load_certificates(content, "certificate")] == [77]


def test_a_key_beside_a_certificate_is_passed_over() -> None:
    content = (VECTORS / "keys" / "app.pkcs8.pem").read_bytes() + pem(certificates.issue(serial=77))
    assert load(content).serial_number == 77


# Nothing usable.


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"{}",
        b"MIIE",
        b"\x30\x82\x01\x00",
        b"\x30\x80\x00\x00",
        "证书",
        "-----BEGIN CERTIFICATE-----",
        armour(b""),
        armour(certificates.public_key_of("app")),
        pem(certificates.root())[:500],
        by_hand()[:-1],
    ],
)
def test_nothing_usable_is_refused(content: str | bytes) -> None:
    text = refusal(content)
    assert text.startswith("certificate: there is no certificate in it that can be read.")
    assert "cut short" in text


@pytest.mark.parametrize("file", ["app.pkcs8.pem", "app.pkcs1.pem", "alipay.public.pem"])
def test_a_key_is_no_certificate(file: str) -> None:
    text = refusal(VECTORS / "keys" / file)
    assert text == "certificate: there is no certificate in it that can be read. This is a key."


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert f"the file {tmp_path / 'x.crt'} cannot be read: No such file" in refusal(
        tmp_path / "x.crt"
    )
    assert refusal("") == "certificate: it is empty."


@pytest.mark.parametrize(
    "member",
    [
        certificates.integer(5),
        certificates.integer(2**62),
        certificates.integer(2**200),
        tlv(0x05),
        tlv(0x0C, b"x"),
    ],
    ids=["small", "large", "huge", "null", "text"],
)
def test_a_name_that_is_none_is_passed_over(member: bytes) -> None:
    assert "no certificate" in refusal(by_hand(issuer=name(member)))
    assert "no certificate" in refusal(by_hand(issuer=tlv(0x30, member)))


def test_a_serial_that_is_no_number_is_passed_over() -> None:
    der = by_hand(serial=5)
    assert "no certificate" in refusal(der.replace(certificates.integer(5), tlv(0x04, b"\x05"), 1))


def test_eight_certificates_are_the_most() -> None:
    one = pem(certificates.root())
    assert len(load_certificates(one * 8, "certificate")) == 8
    with pytest.raises(ConfigurationError) as caught:
        load_certificates(one * 9, "certificate")
    assert caught.value.code == "too_many_certificates"
    assert "9 certificates" in caught.value.problem


def test_64_kib_are_the_most() -> None:
    one = pem(certificates.root())
    load(one + b" " * (65536 - len(one)))
    with pytest.raises(ConfigurationError) as caught:
        load_certificates(one + b" " * (65537 - len(one)), "certificate")
    assert caught.value.code == "too_large"


def test_a_serial_number_of_more_than_64_bytes_is_passed_over() -> None:
    """Python writes no number of more than 4300 digits, and RFC 5280 allows 20 bytes."""
    assert load(by_hand(serial=1 << 8 * 64 - 2)).serial_number == 1 << 8 * 64 - 2
    for serial in (1 << 8 * 64, 10**4300):
        assert "no certificate in it that can be read" in refusal(by_hand(serial=serial))
