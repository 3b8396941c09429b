"""What extensions say, with `cryptography` as the judge, and what is refused."""

import pytest
from cryptography import x509
from support.certificates import integer, issue, oid, tlv, unknown_extension, usage

from alipay_mini_audit.crypto.extensions import Extensions

CONSTRAINTS = oid("2.5.29.19")
USAGE = oid("2.5.29.15")
TRUE = b"\x01\x01\xff"
FALSE = b"\x01\x01\x00"


def extension(identifier: bytes, value: bytes, *critical: bytes) -> bytes:
    return tlv(0x30, identifier, *critical, tlv(0x04, value))


def read(*extensions: bytes) -> Extensions:
    return Extensions.read(tlv(0x30, *extensions))


def encoded(certificate: x509.Certificate) -> bytes:
    """Cut the extensions out of what another library made."""
    members = [
        extension(
            oid(each.oid.dotted_string),
            each.value.public_bytes(),
            *([TRUE] if each.critical else []),
        )
        for each in certificate.extensions
    ]
    der = tlv(0x30, *members)
    assert der in certificate.tbs_certificate_bytes
    return der


def test_nothing_said_is_no_authority_and_no_restriction() -> None:
    assert read() == Extensions()
    assert Extensions() == Extensions(
        is_authority=False, path_length=None, may_sign=True, unknown=()
    )


@pytest.mark.parametrize("authority", [True, False])
@pytest.mark.parametrize("path_length", [None, 0, 3])
@pytest.mark.parametrize("allowed", [None, "digital_signature", "key_cert_sign", "crl_sign"])
def test_what_another_library_writes_is_read(
    authority: bool, path_length: int | None, allowed: str | None
) -> None:
    length = path_length if authority else None
    extensions = () if allowed is None else ((usage(allowed), True),)
    made = issue(authority=authority, path_length=length, extensions=extensions)
    assert Extensions.read(encoded(made)) == Extensions(
        is_authority=authority and allowed in (None, "key_cert_sign"),
        path_length=length,
        may_sign=allowed in (None, "digital_signature"),
    )


def test_unknown_extensions_are_told_if_they_are_critical() -> None:
    made = issue(extensions=((unknown_extension(), True), (x509.OCSPNoCheck(), False)))
    assert Extensions.read(encoded(made)).unknown == ("1.3.6.1.4.1.55555.1",)
    made = issue(extensions=((unknown_extension(), False), (x509.OCSPNoCheck(), True)))
    assert Extensions.read(encoded(made)).unknown == ("1.3.6.1.5.5.7.48.1.5",)
    for identifier in ("2.5.29.30", "2.5.29.36", "2.5.29.37"):
        assert read(extension(oid(identifier), b"", TRUE)).unknown == (identifier,)


def test_a_false_that_is_written_out_is_read() -> None:
    """DER leaves it out; old authorities do not."""
    assert not read(extension(CONSTRAINTS, tlv(0x30, FALSE), FALSE)).is_authority
    assert read(extension(CONSTRAINTS, tlv(0x30, TRUE), FALSE)).is_authority


def test_no_bits_at_all_allow_nothing() -> None:
    extensions = read(
        extension(USAGE, b"\x03\x01\x00"), extension(CONSTRAINTS, tlv(0x30, TRUE), TRUE)
    )
    assert not extensions.is_authority
    assert not extensions.may_sign


@pytest.mark.parametrize(
    "extensions",
    [
        [extension(CONSTRAINTS, tlv(0x30, TRUE)), extension(CONSTRAINTS, tlv(0x30))],
        [extension(CONSTRAINTS, b"")],
        [extension(CONSTRAINTS, tlv(0x30, b"\x01\x01\x01"))],
        [extension(CONSTRAINTS, tlv(0x30, TRUE, tlv(0x02, b"\xff")))],
        [extension(CONSTRAINTS, tlv(0x30, TRUE, integer(1), integer(1)))],
        [extension(CONSTRAINTS, tlv(0x30, TRUE, TRUE))],
        [extension(USAGE, b"\x03\x00")],
        [extension(USAGE, tlv(0x04, b"\x00\x04"))],
        [extension(USAGE, b"\x03\x02\x00\x04", TRUE, TRUE)],
        [tlv(0x30)],
        [tlv(0x30, USAGE)],
        [tlv(0x30, USAGE, tlv(0x03, b"\x00"))],
        [USAGE],
    ],
)
def test_what_cannot_be_read_is_refused(extensions: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(*extensions)
