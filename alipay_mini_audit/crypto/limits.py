"""How large keys may be, so that reading and using them takes milliseconds."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from alipay_mini_audit.crypto.der import (
    SEQUENCE,
    read_bit_octets,
    read_integer,
    read_members,
    read_object_id,
    read_one,
)

if TYPE_CHECKING:
    from Crypto.PublicKey import RSA

__all__ = ["MAXIMUM_BITS", "MINIMUM_BITS", "KeyFault", "key_fault", "public_numbers", "to_rsa_key"]

MINIMUM_BITS: Final = 2048
"""What Alipay asks for."""
MAXIMUM_BITS: Final = 8192
_MAXIMUM_EXPONENT_BITS: Final = 64
"""OpenSSL's own limit for large keys; in use are 17 bits."""
_MINIMUM_EXPONENT: Final = 3
_RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"


class KeyFault(enum.StrEnum):
    """What is wrong with the numbers of an RSA key: the code of an error."""

    TOO_SMALL = "key_too_small"
    TOO_LARGE = "key_too_large"
    BAD_NUMBERS = "bad_key"


def key_fault(modulus: int, exponent: int) -> KeyFault | None:
    """Say what is wrong with the numbers of a public key; `None` if they will do.

    Args:
        modulus: n.
        exponent: e.
    """
    if modulus.bit_length() < MINIMUM_BITS:
        return KeyFault.TOO_SMALL
    if modulus.bit_length() > MAXIMUM_BITS:
        return KeyFault.TOO_LARGE
    is_usual = _MINIMUM_EXPONENT <= exponent < 1 << _MAXIMUM_EXPONENT_BITS
    return None if is_usual and exponent & modulus & 1 else KeyFault.BAD_NUMBERS


def public_numbers(der: bytes) -> tuple[int, int]:
    """Return modulus and exponent of an RSA public key, SubjectPublicKeyInfo or PKCS#1.

    Raises:
        ValueError: it is another kind of key, or none.
    """
    outer = read_one(der)
    members = read_members(outer)
    if len(members) > 1 and members[0].tag == SEQUENCE:
        kind, bits = members
        algorithm = read_members(kind)[:1]
        if [read_object_id(each) for each in algorithm] != [_RSA_ENCRYPTION]:
            raise ValueError("this is not an RSA key")
        members = read_members(read_one(read_bit_octets(bits)))
    modulus, exponent = map(read_integer, members)
    if modulus < 0:
        raise ValueError("the modulus of an RSA key is negative")
    return modulus, exponent


def to_rsa_key(modulus: int, exponent: int) -> RSA.RsaKey:
    """Return a public key whose numbers will do.

    Raises:
        ValueError: the numbers contradict each other.
    """
    from Crypto.PublicKey import RSA  # noqa: PLC0415

    return RSA.construct((modulus, exponent))
