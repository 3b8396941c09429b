"""The extensions of a certificate that decide what its key may be used for (RFC 5280, 4.2.1)."""

from __future__ import annotations

from typing import Final, Self, final

import attrs

from alipay_mini_audit.crypto.der import (
    BOOLEAN,
    OCTETS,
    SEQUENCE,
    Element,
    read_bits,
    read_boolean,
    read_integer,
    read_members,
    read_object_id,
    read_one,
)

__all__ = ["Extensions"]

_KEY_USAGE: Final = "2.5.29.15"
_SUBJECT_ALTERNATIVE_NAME: Final = "2.5.29.17"
_BASIC_CONSTRAINTS: Final = "2.5.29.19"
_CERTIFICATE_POLICIES: Final = "2.5.29.32"
_UNDERSTOOD: Final = frozenset(
    {_KEY_USAGE, _BASIC_CONSTRAINTS, _SUBJECT_ALTERNATIVE_NAME, _CERTIFICATE_POLICIES}
)
"""The last two name what nothing here asks for: more names of the owner, and any policy is fine."""
_SIGNATURES: Final = 0x80 | 0x40
"""digitalSignature and nonRepudiation."""
_CERTIFICATES: Final = 0x04
"""keyCertSign."""


@final
@attrs.frozen(kw_only=True)
class Extensions:
    """What the extensions of a certificate say.

    Attributes:
        is_authority: it may issue certificates.
        path_length: how many authorities may stand between it and a leaf; `None` if it does not
            say.
        may_sign: its key may sign messages.
        unknown: identifiers of critical extensions that are not understood here.
    """

    is_authority: bool = False
    path_length: int | None = None
    may_sign: bool = True
    unknown: tuple[str, ...] = ()

    @classmethod
    def read(cls, der: bytes) -> Self:
        """Read the sequence of extensions.

        Raises:
            ValueError: one of them cannot be read, or is there twice.
        """
        found: dict[str, bytes] = {}
        unknown = []
        for extension in read_members(read_one(der)):
            identifier, is_critical, value = _read_extension(extension)
            if identifier in found:
                raise ValueError("an extension is there twice")
            found[identifier] = value
            if is_critical and identifier not in _UNDERSTOOD:
                unknown.append(identifier)
        is_authority, path_length = _basic_constraints(found.get(_BASIC_CONSTRAINTS))
        usage = _key_usage(found.get(_KEY_USAGE))
        return cls(
            is_authority=is_authority and bool(usage & _CERTIFICATES),
            path_length=path_length,
            may_sign=bool(usage & _SIGNATURES),
            unknown=tuple(unknown),
        )


def _read_extension(extension: Element) -> tuple[str, bool, bytes]:
    identifier, *critical, value = read_members(extension)
    if len(critical) > 1:
        raise ValueError("an extension has too many members")
    is_critical = any(read_boolean(member) for member in critical)
    return read_object_id(identifier), is_critical, value.expect(OCTETS)


def _basic_constraints(value: bytes | None) -> tuple[bool, int | None]:
    if value is None:
        return False, None
    members = read_members(read_one(value), SEQUENCE)
    is_authority = bool(members) and members[0].tag == BOOLEAN and read_boolean(members.pop(0))
    lengths = [read_integer(member) for member in members]
    if len(lengths) > 1 or any(length < 0 for length in lengths):
        raise ValueError("the length of a path is not a number")
    return is_authority, lengths[0] if lengths else None


def _key_usage(value: bytes | None) -> int:
    """Return the first byte of the bits; one that does not say allows everything."""
    if value is None:
        return 0xFF
    bits = read_bits(read_one(value))
    return bits[0] if bits else 0
