"""X.509 v3 certificates for RSA keys, and the serial number that Alipay knows them by.

Blocking: a signature takes about a millisecond. No I/O here.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, final

import attrs
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15
from Crypto.Util.asn1 import (
    DerBitString,
    DerBoolean,
    DerInteger,
    DerNull,
    DerObject,
    DerObjectId,
    DerOctetString,
    DerSequence,
    DerSetOf,
)

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.unusable import unusable

__all__ = ["Name", "certificate_key", "issue", "root_serial_number", "serial_number"]

_OIDS: Final = MappingProxyType(
    {"C": "2.5.4.6", "O": "2.5.4.10", "OU": "2.5.4.11", "CN": "2.5.4.3"}
)
_SHORT: Final = {oid: short for short, oid in _OIDS.items()}
_BASIC_CONSTRAINTS: Final = "2.5.29.19"
_RSA_FAMILY: Final = "1.2.840.113549.1.1."
_SHA256_WITH_RSA: Final = "1.2.840.113549.1.1.11"
_UTF8_STRING: Final = 0x0C
_PRINTABLE_STRING: Final = 0x13
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_LAST_UTC_YEAR: Final = 2049
_PEM: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----\s+(.+?)\s+-----END CERTIFICATE-----", re.DOTALL
)

Name = Sequence[tuple[str, str]]
"""A distinguished name in its encoded order, e.g. `[("C", "CN"), ("O", "..."), ("CN", "...")]`."""
_NO_RSA_KEY: Final = (("its key is not an RSA key.", ""), ("其密钥不是 RSA 密钥。", ""))
_DAMAGED: Final = (("this is damaged.", "Issue it again."), ("证书已损坏。", "请重新签发。"))
_NO_CERTIFICATE: Final = (
    ("this holds no certificate in PEM form.", ""),
    ("其中没有 PEM 格式的证书。", ""),
)


def issue(
    *,
    subject: Name,
    issuer: Name,
    serial: int,
    not_before: datetime.datetime,
    not_after: datetime.datetime,
    public_key: RSA.RsaKey,
    issuer_key: RSA.RsaKey,
    authority: bool = False,
) -> str:
    """Make a certificate, signed with RSA and SHA-256.

    Args:
        subject: whose key it is.
        issuer: who signs.
        serial: a positive number of up to 128 bits.
        not_before: first moment of its validity, aware.
        not_after: last moment of its validity, aware.
        public_key: the key that is certified.
        issuer_key: the private key that signs.
        authority: whether the key may sign certificates.

    Returns:
        The certificate, PEM.
    """
    algorithm = DerSequence([DerObjectId(_SHA256_WITH_RSA), DerNull()])
    fields: list[int | bytes | DerObject] = [
        DerInteger(2, explicit=0),
        serial,
        algorithm,
        _name(issuer),
        DerSequence([_time(not_before), _time(not_after)]),
        _name(subject),
        public_key.public_key().export_key("DER"),
    ]
    if authority:
        yes = DerBoolean(True)  # noqa: FBT003  # their API
        constraints = DerOctetString(DerSequence([yes]).encode())
        extension = DerSequence([DerObjectId(_BASIC_CONSTRAINTS), yes, constraints])
        fields.append(DerSequence([extension], explicit=3))
    content = DerSequence(fields).encode()
    signature = pkcs1_15.new(issuer_key).sign(SHA256.new(content))
    der = DerSequence([content, algorithm, DerBitString(signature)]).encode()
    text = base64.encodebytes(der).decode("ascii")
    return f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n"


def serial_number(pem: str) -> str:
    """Return the serial number that Alipay gives the first certificate of a file.

    Args:
        pem: content of the file.

    Returns:
        An MD5 in hexadecimal, 32 characters.

    Raises:
        ConfigurationError: there is no certificate in it.
    """
    return _parse_all(pem)[0].serial_number


def root_serial_number(pem: str) -> str:
    """Return the serial numbers of the RSA certificates of a file, joined with `_`.

    Args:
        pem: content of the file.

    Raises:
        ConfigurationError: there is no such certificate in it.
    """
    chosen = [
        found.serial_number for found in _parse_all(pem) if found.algorithm.startswith(_RSA_FAMILY)
    ]
    if not chosen:
        raise ConfigurationError(
            "root_certificate", "this holds no certificate that is signed with RSA."
        )
    return "_".join(chosen)


def certificate_key(pem: str) -> RSA.RsaKey:
    """Return the public key of the first certificate of a file.

    Args:
        pem: content of the file.

    Raises:
        ConfigurationError: there is no certificate in it, or its key is not an RSA key.
    """
    try:
        return RSA.import_key(_parse_all(pem)[0].public_key)
    except ValueError as error:
        raise unusable("certificate", *_NO_RSA_KEY) from error


@final
@attrs.frozen(kw_only=True)
class _Parsed:
    algorithm: str
    issuer: str
    serial: int
    public_key: bytes

    @property
    def serial_number(self) -> str:
        """The number that Alipay knows it by."""
        text = f"{self.issuer}{self.serial}".encode()
        return hashlib.md5(text, usedforsecurity=False).hexdigest()


def _parse_all(pem: str) -> list[_Parsed]:
    try:
        found = [_parse(base64.b64decode(text)) for text in _PEM.findall(pem)]
    except (binascii.Error, ValueError, IndexError, TypeError) as error:
        raise unusable("certificate", *_DAMAGED) from error
    if not found:
        raise unusable("certificate", *_NO_CERTIFICATE)
    return found


def _parse(der: bytes) -> _Parsed:
    content = DerSequence().decode(DerSequence().decode(der)[0])
    _, serial, algorithm, issuer, _, _, public_key = content[:7]
    return _Parsed(
        algorithm=DerObjectId().decode(DerSequence().decode(algorithm)[0]).value,
        issuer=_issuer_text(issuer),
        serial=serial,
        public_key=public_key,
    )


def _issuer_text(der: bytes) -> str:
    parts = []
    for relative in DerSequence().decode(der)[:]:
        for pair in DerSetOf().decode(relative):
            if not isinstance(pair, bytes):
                continue
            oid, value = DerSequence().decode(pair)[:2]
            name = DerObjectId().decode(oid).value
            text = DerObject().decode(value).payload.decode("utf-8")
            parts.append(f"{_SHORT.get(name, name)}={text}")
    return ",".join(reversed(parts))


def _name(name: Name) -> DerSequence:
    pairs = []
    for short, text in name:
        value = DerObject(_PRINTABLE_STRING if short == "C" else _UTF8_STRING, text.encode("utf-8"))
        pairs.append(DerSetOf([DerSequence([DerObjectId(_OIDS[short]), value]).encode()]))
    return DerSequence(pairs)


def _time(moment: datetime.datetime) -> DerObject:
    moment = moment.astimezone(datetime.UTC)
    if moment.year > _LAST_UTC_YEAR:
        return DerObject(_GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode("ascii"))
    return DerObject(_UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode("ascii"))
