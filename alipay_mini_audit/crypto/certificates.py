"""X.509 as far as OpenAPI v3 needs it: serial numbers, names, dates, keys and signatures.

The DER is walked here, since Alipay's root bundle holds certificates that no installed library
reads: unknown curves, and extra data in an algorithm. What cannot be read is passed over, unless
nothing usable is left.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, final

import attrs
from Crypto.Hash import SHA1, SHA256, SHA384, SHA512
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15
from Crypto.Util.asn1 import DerBitString, DerObjectId, DerOctetString, DerSequence, DerSetOf

from alipay_mini_audit.crypto.encoding import KeySource, decode, read_source
from alipay_mini_audit.errors import ConfigurationError

__all__ = ["Certificate", "load_certificates", "root_serial_number"]

_LABELS: Final = frozenset({"", "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
"""What the PEM of a certificate is labelled; bare base64 and DER have no label."""
_RSA_FAMILY: Final = "1.2.840.113549.1.1"
_HASHES: Final = {
    f"{_RSA_FAMILY}.5": SHA1,
    f"{_RSA_FAMILY}.11": SHA256,
    f"{_RSA_FAMILY}.12": SHA384,
    f"{_RSA_FAMILY}.13": SHA512,
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
_BASIC_CONSTRAINTS: Final = "2.5.29.19"
_TRUE: Final = b"\x01\x01\xff"
_UTC_TIME: Final = 0x17
_LONG_LENGTH: Final = 0x80
"""With this bit set, the other bits of the byte say how many bytes the length has."""
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
        is_authority: it may issue certificates.
    """

    serial_number: int
    issuer: str
    subject: str
    not_before: datetime.datetime
    not_after: datetime.datetime
    is_authority: bool
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

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of its public key, hex.

        Raises:
            ConfigurationError: it holds another kind of key.
        """
        return hashlib.sha256(self.public_key.export_key("DER")).hexdigest()

    @cached_property
    def public_key(self) -> RSA.RsaKey:
        """Its RSA public key.

        Raises:
            ConfigurationError: it holds another kind of key.
        """
        try:
            return RSA.import_key(self._public_key)
        except (ValueError, IndexError, TypeError):
            raise ConfigurationError(
                "certificate",
                f"the certificate of {self.subject} holds no RSA key.",
                code="no_rsa_key",
            ) from None

    def is_issued_by(self, issuer: Certificate) -> bool:
        """Say whether `issuer` bears the name of its issuer and signed it."""
        if self.issuer != issuer.subject or self._algorithm not in _HASHES:
            return False
        try:
            digest = _HASHES[self._algorithm].new(self._signed)
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
        ConfigurationError: there is no certificate that can be read.
    """
    blocks = decode(read_source(source, name))
    candidates = [block for block in blocks if block.label in _LABELS and block.has_end]
    certificates = [_read(block.der) for block in candidates if block.der is not None]
    found = tuple(certificate for certificate in certificates if certificate is not None)
    if not found:
        is_key = any(block.label.endswith("KEY") for block in blocks)
        raise ConfigurationError(
            name,
            "there is no certificate in it that can be read.",
            "This is a key." if is_key else "It may be cut short or damaged.",
            code="no_certificate",
        )
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
        raise ConfigurationError(
            name,
            "there is no RSA certificate in it.",
            "Download Alipay's root file again.",
            code="no_rsa_certificate",
        )
    return "_".join(serial_numbers)


def _read(der: bytes) -> Certificate | None:
    try:
        whole = DerSequence().decode(der)
        signed = whole[0]
        fields = list(DerSequence().decode(signed)[:])
        if not isinstance(fields[0], int):
            del fields[0]
        serial, _, issuer, validity, subject, public_key = fields[:6]
        if not isinstance(serial, int):
            return None
        not_before, not_after = (_time(time) for time in DerSequence().decode(validity)[:2])
        return Certificate(
            serial_number=serial,
            issuer=_name(issuer),
            subject=_name(subject),
            not_before=not_before,
            not_after=not_after,
            is_authority=_is_authority(fields[6:]),
            algorithm=DerObjectId().decode(DerSequence().decode(whole[1])[0]).value,
            signed=signed,
            signature=DerBitString().decode(whole[2]).value,
            public_key=public_key,
        )
    except (ValueError, IndexError, TypeError, KeyError, OverflowError, MemoryError):
        return None


def _name(der: bytes) -> str:
    rdns = [DerSetOf().decode(rdn) for rdn in DerSequence().decode(der)[:]]
    return ",".join("+".join(_attribute(bytes(pair)) for pair in rdn) for rdn in reversed(rdns))


def _attribute(der: bytes) -> str:
    identifier, value = DerSequence().decode(der)[:2]
    oid = DerObjectId().decode(identifier).value
    length = value[1]
    header = 2 if length < _LONG_LENGTH else 2 + (length & ~_LONG_LENGTH)
    text = value[header:].decode(_TEXTS[value[0]])
    return f"{_NAMES.get(oid, oid)}={_escape(text)}"


def _escape(text: str) -> str:
    """Escape as RFC 4514 says."""
    text = re.sub(r'([\\,+"<>;])', r"\\\1", text).replace("\0", "\\00")
    if text[:1] in ("#", " "):
        text = "\\" + text
    return text[:-1] + "\\ " if text.endswith(" ") and text != "\\ " else text


def _time(der: bytes) -> datetime.datetime:
    digits = der[2:].decode("ascii").removesuffix("Z")
    if der[0] == _UTC_TIME:
        digits = ("19" if digits >= "50" else "20") + digits
    return datetime.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=datetime.UTC)


def _is_authority(rest: Sequence[object]) -> bool:
    extensions = next(
        (item for item in rest if isinstance(item, bytes) and item[:1] == b"\xa3"), None
    )
    if extensions is None:
        return False
    inner = DerSequence().decode(b"\x30" + extensions[1:])[0]
    for extension in DerSequence().decode(inner)[:]:
        members = DerSequence().decode(extension)[:]
        if DerObjectId().decode(members[0]).value == _BASIC_CONSTRAINTS:
            return DerOctetString().decode(members[-1]).payload[2:5] == _TRUE
    return False
