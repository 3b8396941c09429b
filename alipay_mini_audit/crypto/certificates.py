"""X.509 as far as OpenAPI v3 needs it: serial numbers, names, dates, keys and signatures.

The DER is walked here, since Alipay's root bundle holds certificates that no installed library
reads: unknown curves, and extra data in an algorithm. What cannot be read is passed over, unless
nothing usable is left.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final, final

import attrs

from alipay_mini_audit.crypto.der import (
    SET,
    Element,
    read_bit_octets,
    read_integer,
    read_members,
    read_object_id,
    read_one,
)
from alipay_mini_audit.crypto.encoding import KeySource, decode, read_source
from alipay_mini_audit.crypto.extensions import Extensions
from alipay_mini_audit.crypto.limits import (
    MAXIMUM_BITS,
    MINIMUM_BITS,
    KeyFault,
    key_fault,
    public_numbers,
    to_rsa_key,
)
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

if TYPE_CHECKING:
    from Crypto.PublicKey import RSA

__all__ = ["Certificate", "load_certificates", "root_serial_number"]

_LABELS: Final = frozenset({"", "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
"""What the PEM of a certificate is labelled; bare base64 and DER have no label."""
_RSA_FAMILY: Final = "1.2.840.113549.1.1"
_HASHES: Final = {
    f"{_RSA_FAMILY}.11": "SHA256",
    f"{_RSA_FAMILY}.12": "SHA384",
    f"{_RSA_FAMILY}.13": "SHA512",
}
_NAMES: Final = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
}
_MOST: Final = 8
"""Certificates in one file; Alipay's root bundle has four."""
_LONGEST_SERIAL: Final = 64
"""Bytes; RFC 5280 allows 20."""
_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_UTC_TIME: Final = 0x17
_TEXTS: Final = {
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
"""How the kinds of DER strings are encoded."""
_KEY_FAULTS: Final = {
    KeyFault.TOO_SMALL: (
        ("the key of {subject} has {bits} bits; {least} are the least that is trusted.", ""),
        ("{subject} 的密钥长度为 {bits} 位，至少 {least} 位才可信。", ""),
    ),
    KeyFault.TOO_LARGE: (
        ("the key of {subject} has {bits} bits; {most} are the most that is taken.", ""),
        ("{subject} 的密钥长度为 {bits} 位，最多接受 {most} 位。", ""),
    ),
    KeyFault.BAD_NUMBERS: (
        ("the key of {subject} is damaged: its numbers are not those of an RSA key.", ""),
        ("{subject} 的密钥已损坏：其中的数值不是 RSA 密钥应有的数值。", ""),
    ),
}
_NO_RSA_KEY: Final = (
    ("the certificate of {subject} holds no RSA key.", ""),
    ("{subject} 的证书中没有 RSA 密钥。", ""),
)
_TOO_MANY: Final = (
    (
        "there are {count} certificates in it; {most} are the most that is taken.",
        "Give the file as it came from the console.",
    ),
    ("其中有 {count} 张证书，最多接受 {most} 张。", "请提供从控制台下载的原文件。"),
)
_NO_CERTIFICATE: Final = (
    ("there is no certificate in it that can be read.", "It may be cut short or damaged."),
    ("其中没有可读取的证书。", "可能不完整或已损坏。"),
)
_KEY_INSTEAD: Final = (
    ("there is no certificate in it that can be read.", "This is a key."),
    ("其中没有可读取的证书。", "这是密钥。"),
)
_NO_RSA_CERTIFICATE: Final = (
    ("there is no RSA certificate in it.", "Download Alipay's root file again."),
    ("其中没有 RSA 证书。", "请重新下载支付宝根证书。"),
)


@final
@attrs.frozen(kw_only=True, slots=False)
class Certificate:
    """One X.509 certificate.

    Attributes:
        serial_number: its serial number as the issuer gave it.
        issuer: who issued it: `CN=…,OU=…,O=…,C=…`, most specific first.
        subject: whose it is, in the same form.
        not_before: it is valid from this time on, aware.
        not_after: it is valid until this time, aware.
        extensions: what its key may be used for.
        has_one_algorithm: it names the same algorithm inside and outside of what is signed.
    """

    serial_number: int
    issuer: str
    subject: str
    not_before: datetime.datetime
    not_after: datetime.datetime
    extensions: Extensions = attrs.field(repr=False)
    has_one_algorithm: bool = attrs.field(repr=False)
    _algorithm: str = attrs.field(repr=False)
    _signed: bytes = attrs.field(repr=False)
    _signature: bytes = attrs.field(repr=False)
    _public_key: bytes = attrs.field(repr=False)

    @property
    def cert_sn(self) -> str:
        """The serial number that Alipay means.

        MD5 of issuer and serial, 32 lower-case hex digits.
        """
        text = f"{self.issuer}{self.serial_number}"
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    @property
    def is_signed_with_rsa(self) -> bool:
        """Only these count in the serial number of a root bundle."""
        return self._algorithm.startswith(_RSA_FAMILY)

    @property
    def is_signed_well(self) -> bool:
        """Its signature is RSA's over a SHA-2: the only ones that are verified here."""
        return self._algorithm in _HASHES

    @property
    def is_authority(self) -> bool:
        """It may issue certificates."""
        return self.extensions.is_authority

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of its public key, hex.

        Raises:
            ConfigurationError: it holds a key that will not do.
        """
        return hashlib.sha256(self.public_key.export_key("DER")).hexdigest()

    @cached_property
    def public_key(self) -> RSA.RsaKey:
        """Its RSA public key.

        Raises:
            ConfigurationError: it holds another kind of key, or one with too few or too many bits.
        """
        try:
            modulus, exponent = public_numbers(self._public_key)
            fault = key_fault(modulus, exponent)
            if fault is None:
                return to_rsa_key(modulus, exponent)
        except ValueError:
            subject = {"subject": self.subject}
            problem = told("certificate", "no_rsa_key", *_NO_RSA_KEY, values=subject)
            raise ConfigurationError.from_problem(problem) from None
        values = {
            "subject": self.subject,
            "bits": modulus.bit_length(),
            "least": MINIMUM_BITS,
            "most": MAXIMUM_BITS,
        }
        problem = told("certificate", fault, *_KEY_FAULTS[fault], values=values)
        raise ConfigurationError.from_problem(problem)

    def is_issued_by(self, issuer: Certificate) -> bool:
        """Say whether `issuer` bears the name of its issuer and signed it."""
        if self.issuer != issuer.subject or not self.is_signed_well:
            return False
        from Crypto.Hash import SHA256, SHA384, SHA512  # noqa: PLC0415
        from Crypto.Signature import pkcs1_15  # noqa: PLC0415

        hashes = {"SHA256": SHA256, "SHA384": SHA384, "SHA512": SHA512}
        try:
            digest = hashes[_HASHES[self._algorithm]].new(self._signed)
            pkcs1_15.new(issuer.public_key).verify(digest, self._signature)
        except (ValueError, TypeError, ConfigurationError):
            return False
        return True


def load_certificates(source: KeySource, name: str) -> tuple[Certificate, ...]:
    """Read all certificates of a file or text, PEM, bare base64 or DER; the first is the leaf.

    Args:
        source: a `Path` to a file, or the content itself.
        name: what to call it in an error.

    Raises:
        ConfigurationError: there is no certificate that can be read, more than 8 of them, or more
            than 64 KiB.
    """
    blocks = decode(read_source(source, name))
    candidates = [block for block in blocks if block.label in _LABELS and block.has_end]
    if len(candidates) > _MOST:
        counts = {"count": len(candidates), "most": _MOST}
        problem = told(name, "too_many_certificates", *_TOO_MANY, values=counts)
        raise ConfigurationError.from_problem(problem)
    certificates = [_read(block.der) for block in candidates if block.der is not None]
    found = tuple(certificate for certificate in certificates if certificate is not None)
    if not found:
        is_key = any(block.label.endswith("KEY") for block in blocks)
        texts = _KEY_INSTEAD if is_key else _NO_CERTIFICATE
        raise ConfigurationError.from_problem(told(name, "no_certificate", *texts))
    return found


def root_serial_number(roots: Iterable[Certificate], name: str = "root_certificate") -> str:
    """Return the serial number of a root bundle: those of its RSA-signed certificates.

    They are joined by `_`, in the order of the bundle.

    Args:
        roots: the certificates of the bundle.
        name: what to call it in an error.

    Raises:
        ConfigurationError: there is no such certificate in it.
    """
    serial_numbers = [root.cert_sn for root in roots if root.is_signed_with_rsa]
    if not serial_numbers:
        problem = told(name, "no_rsa_certificate", *_NO_RSA_CERTIFICATE)
        raise ConfigurationError.from_problem(problem)
    return "_".join(serial_numbers)


def _read(der: bytes) -> Certificate | None:
    try:
        outer, outer_algorithm, signature = read_members(read_one(der))
        fields = read_members(outer)
        if fields[0].tag == _VERSION:
            del fields[0]
        serial, algorithm, issuer, validity, subject, public_key, *rest = fields
        not_before, not_after = map(_time, read_members(validity))
        if len(serial.content) > _LONGEST_SERIAL:
            return None
        return Certificate(
            serial_number=read_integer(serial),
            issuer=_name(issuer),
            subject=_name(subject),
            not_before=not_before,
            not_after=not_after,
            extensions=_extensions(rest),
            has_one_algorithm=algorithm == outer_algorithm,
            algorithm=read_object_id(read_members(outer_algorithm)[0]),
            signed=outer.encoded,
            signature=read_bit_octets(signature),
            public_key=public_key.encoded,
        )
    except (ValueError, IndexError, KeyError, OverflowError):
        return None


def _name(name: Element) -> str:
    rdns = [read_members(rdn, SET) for rdn in read_members(name)]
    return ",".join("+".join(_attribute(pair) for pair in rdn) for rdn in reversed(rdns))


def _attribute(pair: Element) -> str:
    identifier, value = read_members(pair)
    oid = read_object_id(identifier)
    return f"{_NAMES.get(oid, oid)}={_escape(value.content.decode(_TEXTS[value.tag]))}"


def _escape(text: str) -> str:
    """Escape as RFC 4514 says."""
    text = re.sub(r'([\\,+"<>;])', r"\\\1", text).replace("\0", "\\00")
    if text[:1] in ("#", " "):
        text = "\\" + text
    return text[:-1] + "\\ " if text.endswith(" ") and text != "\\ " else text


def _time(time: Element) -> datetime.datetime:
    digits = time.content.decode("ascii").removesuffix("Z")
    if time.tag == _UTC_TIME:
        digits = ("19" if digits >= "50" else "20") + digits
    return datetime.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=datetime.UTC)


def _extensions(rest: Iterable[Element]) -> Extensions:
    found = next((field for field in rest if field.tag == _EXTENSIONS), None)
    return Extensions() if found is None else Extensions.read(found.content)
