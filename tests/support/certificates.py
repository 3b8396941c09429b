"""Certificates for tests.

By `cryptography` where it can make them, byte by byte where it cannot.
"""

import base64
import datetime
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)
from support.keys import private_key

VECTORS = Path(__file__).parents[1] / "vectors"
NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
SHA256_WITH_RSA = "1.2.840.113549.1.1.11"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM2_CURVE = "1.2.156.10197.1.301"
PRINTABLE = 0x13
UTF8 = 0x0C
BMP = 0x1E


def key(name: str) -> RSAPrivateKey:
    """A key of the vectors: `app`, `alipay`, `alipay_next` or `ca`."""
    return private_key((VECTORS / "keys" / f"{name}.pkcs8.pem").read_bytes())


def usage(*allowed: str) -> x509.KeyUsage:
    """What a key may be used for, e.g. `digital_signature`."""
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{each: each in allowed for each in names})


def unknown_extension() -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00")


def common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def issue(
    subject: str = "leaf",
    of: str = "alipay",
    *,
    issuer: str = "root",
    by: str = "ca",
    serial: int = 5,
    start: datetime.datetime = NOW - 365 * DAY,
    end: datetime.datetime = NOW + 365 * DAY,
    authority: bool | None = None,
    path_length: int | None = None,
    extensions: Iterable[tuple[x509.ExtensionType, bool]] = (),
    digest: SHA256 | SHA512 | None = None,
) -> x509.Certificate:
    """Make a certificate for key `of`, signed with key `by`; an extension may be critical."""
    builder = x509.CertificateBuilder(
        common_name(issuer), common_name(subject), key(of).public_key(), serial
    )
    builder = builder.not_valid_before(start).not_valid_after(end)
    if authority is not None:
        constraints = x509.BasicConstraints(authority, path_length)
        builder = builder.add_extension(constraints, critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key(by), digest or SHA256())


def root() -> x509.Certificate:
    return issue("root", "ca", serial=1, authority=True)


def middle(subject: str = "middle", of: str = "alipay_next", **traits: Any) -> x509.Certificate:
    """Make the certificate of an authority between root and leaf."""
    return issue(subject, of, **({"serial": 50, "authority": True} | traits))


def below(issuer: str = "middle", by: str = "alipay_next", **traits: Any) -> x509.Certificate:
    """Make a leaf that such an authority signed."""
    return issue(issuer=issuer, by=by, **traits)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def armour(der: bytes) -> bytes:
    return (
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
    )


# Byte by byte.


def tlv(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def oid(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    content = bytes([40 * first + second])
    for number in others:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        content += bytes(reversed(digits))
    return tlv(0x06, content)


def integer(number: int) -> bytes:
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def attribute(dotted: str, text: str, tag: int = UTF8) -> bytes:
    codec = {BMP: "utf-16-be", PRINTABLE: "ascii"}.get(tag, "utf-8")
    return tlv(0x30, oid(dotted), tlv(tag, text.encode(codec)))


def name(*rdns: bytes | list[bytes]) -> bytes:
    """A name in its encoded order; a list is a multi-valued part."""
    return tlv(0x30, *(tlv(0x31, *(rdn if isinstance(rdn, list) else [rdn])) for rdn in rdns))


def utc_time(moment: datetime.datetime) -> bytes:
    return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def generalized_time(moment: datetime.datetime) -> bytes:
    return tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


def public_key_of(of: str) -> bytes:
    return key(of).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def spki(modulus: int, exponent: int = 65537) -> bytes:
    """A public key of any numbers."""
    bits = tlv(0x03, b"\x00", tlv(0x30, integer(modulus), integer(exponent)))
    return tlv(0x30, tlv(0x30, oid("1.2.840.113549.1.1.1"), b"\x05\x00"), bits)


ISSUER = name(attribute("2.5.4.6", "CN", PRINTABLE), attribute("2.5.4.3", "Hand R1"))
VALIDITY = tlv(0x30, utc_time(NOW - 365 * DAY), utc_time(NOW + 365 * DAY))


def by_hand(
    *,
    issuer: bytes = ISSUER,
    subject: bytes = ISSUER,
    serial: int = 5,
    validity: bytes = VALIDITY,
    public_key: bytes | None = None,
    algorithm: str = SHA256_WITH_RSA,
    parameters: bytes = b"\x05\x00",
    version: bytes = tlv(0xA0, integer(2)),
    extensions: bytes = b"",
    outer_algorithm: bytes | None = None,
    digest: MD5 | SHA1 | SHA256 | None = None,
) -> bytes:
    """Make a certificate from encoded parts, signed by the CA whatever its algorithm says."""
    chosen = tlv(0x30, oid(algorithm), parameters)
    parts = [
        integer(serial),
        chosen,
        issuer,
        validity,
        subject,
        public_key or public_key_of("alipay"),
        extensions,
    ]
    content = tlv(0x30, version, *parts)
    signature = key("ca").sign(content, PKCS1v15(), digest or SHA256())
    return tlv(0x30, content, outer_algorithm or chosen, tlv(0x03, b"\x00", signature))


def sm2(serial: int = 7629940819692799611) -> bytes:
    """A certificate as the first of Alipay's root bundle.

    Curve and algorithm that few libraries know.
    """
    algorithm = tlv(0x30, oid("1.2.840.10045.2.1"), oid(SM2_CURVE))
    point = tlv(0x03, b"\x00\x04" + bytes(range(64)))
    return by_hand(
        serial=serial,
        algorithm=SM2_WITH_SM3,
        parameters=b"",
        public_key=tlv(0x30, algorithm, point),
    )


def serial_number(issuer: str, serial: int) -> str:
    """What Alipay calls the serial number."""
    return hashlib.md5(f"{issuer}{serial}".encode(), usedforsecurity=False).hexdigest()
