"""Which numbers make an RSA key that is taken."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support import certificates
from support.certificates import integer, oid, tlv

from alipay_mini_audit.crypto.limits import KeyFault, key_fault, public_numbers, to_rsa_key

RSA_ENCRYPTION = tlv(0x30, oid("1.2.840.113549.1.1.1"), b"\x05\x00")
DER = Encoding.DER


@pytest.mark.parametrize(
    ("modulus", "exponent", "fault"),
    [
        ((1 << 2047) + 1, 65537, None),
        ((1 << 8191) + 1, 3, None),
        ((1 << 2047) + 1, (1 << 64) - 1, None),
        ((1 << 2047) - 1, 65537, KeyFault.TOO_SMALL),
        (0, 65537, KeyFault.TOO_SMALL),
        ((1 << 8192) + 1, 65537, KeyFault.TOO_LARGE),
        ((1 << 2047) + 1, 65536, KeyFault.BAD_NUMBERS),
        ((1 << 2047) + 1, 1, KeyFault.BAD_NUMBERS),
        ((1 << 2047) + 1, -1, KeyFault.BAD_NUMBERS),
        ((1 << 2047) + 1, (1 << 64) + 1, KeyFault.BAD_NUMBERS),
        (1 << 2047, 65537, KeyFault.BAD_NUMBERS),
    ],
    ids=range(11),
)
def test_bits_and_exponent_are_bounded(modulus: int, exponent: int, fault: KeyFault | None) -> None:
    assert key_fault(modulus, exponent) is fault


def test_both_spellings_of_a_public_key_are_read() -> None:
    key = certificates.key("alipay").public_key()
    numbers = key.public_numbers()
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        assert public_numbers(key.public_bytes(DER, form)) == (numbers.n, numbers.e)
    assert to_rsa_key(numbers.n, numbers.e).size_in_bits() == 2048


@pytest.mark.parametrize(
    "der",
    [
        b"",
        integer(5),
        tlv(0x30),
        tlv(0x30, integer(5)),
        tlv(0x30, integer(5), integer(3), integer(1)),
        tlv(0x30, tlv(0x02, b"\xff"), integer(3)),
        tlv(0x30, RSA_ENCRYPTION),
        tlv(0x30, RSA_ENCRYPTION, tlv(0x03, b"\x00")),
        tlv(0x30, RSA_ENCRYPTION, tlv(0x03, b"\x01", tlv(0x30, integer(5), integer(3)))),
        tlv(0x30, tlv(0x30), tlv(0x03, b"\x00", tlv(0x30, integer(5), integer(3)))),
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(DER, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=range(11),
)
def test_another_key_or_none_is_refused(der: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # and no other error
        public_numbers(der)
