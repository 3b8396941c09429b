"""DER, as far as keys and certificates need it; the time is in proportion to the length.

PyCryptodome's own reader takes quadratic time for a long integer, so that a hostile file of 100 KB
holds the event loop for seconds. Whatever cannot be read is a `ValueError`.
"""

from __future__ import annotations

from typing import Final, final

import attrs

__all__ = [
    "BITS",
    "BOOLEAN",
    "INTEGER",
    "OBJECT_ID",
    "OCTETS",
    "SEQUENCE",
    "SET",
    "Element",
    "read_bit_octets",
    "read_bits",
    "read_boolean",
    "read_integer",
    "read_members",
    "read_object_id",
    "read_one",
]

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BITS: Final = 0x03
OCTETS: Final = 0x04
OBJECT_ID: Final = 0x06
SEQUENCE: Final = 0x30
SET: Final = 0x31

_LONG_LENGTH: Final = 0x80
"""With this bit set, the other bits of the byte say how many bytes the length has."""
_LONG_TAG: Final = 0x1F
_MOST_UNUSED_BITS: Final = 7
_MAX_OBJECT_ID: Final = 64
"""Bytes; the longest in use have about 20."""


@final
@attrs.frozen
class Element:
    """One element of DER.

    Attributes:
        tag: its first byte.
        content: what it holds.
        encoded: all of it, with tag and length.
    """

    tag: int
    content: bytes = attrs.field(repr=False)
    encoded: bytes = attrs.field(repr=False)

    def expect(self, tag: int) -> bytes:
        """Return its content.

        Raises:
            ValueError: it has another tag.
        """
        if self.tag != tag:
            raise ValueError(f"an element of DER has tag {self.tag:#x}, not {tag:#x}")
        return self.content


def read_one(der: bytes) -> Element:
    """Return the element that `der` is.

    Raises:
        ValueError: it is not one, or there is something behind it.
    """
    element, end = _read_at(der, 0)
    if end != len(der):
        raise ValueError("there is something behind an element of DER")
    return element


def read_members(element: Element, tag: int = SEQUENCE) -> list[Element]:
    """Return what a sequence or a set holds.

    Args:
        element: the sequence.
        tag: what its tag has to be.

    Raises:
        ValueError: it has another tag, or its content is no DER.
    """
    content = element.expect(tag)
    members = []
    position = 0
    while position < len(content):
        member, position = _read_at(content, position)
        members.append(member)
    return members


def read_integer(element: Element) -> int:
    """Return the value of an integer, which may be negative."""
    content = element.expect(INTEGER)
    if not content:
        raise ValueError("an integer of DER is empty")
    return int.from_bytes(content, signed=True)


def read_boolean(element: Element) -> bool:
    """Return the value of a boolean."""
    content = element.expect(BOOLEAN)
    if content not in (b"\x00", b"\xff"):
        raise ValueError("a boolean of DER is neither true nor false")
    return content == b"\xff"


def read_bits(element: Element) -> bytes:
    """Return the bytes of a string of bits, the last of which may be partly unused."""
    content = element.expect(BITS)
    if not content or content[0] > _MOST_UNUSED_BITS:
        raise ValueError("a string of bits does not say how many of them are unused")
    return content[1:]


def read_bit_octets(element: Element) -> bytes:
    """Return the bytes of a string of bits that is meant as bytes, such as a signature."""
    if element.content[:1] != b"\0":
        raise ValueError("a string of bits is not one of bytes")
    return read_bits(element)


def read_object_id(element: Element) -> str:
    """Return an object identifier in dotted decimals."""
    content = element.expect(OBJECT_ID)
    if not content or len(content) > _MAX_OBJECT_ID or content[-1] & _LONG_LENGTH:
        raise ValueError("an object identifier is empty, too long, or cut short")
    numbers = []
    number = 0
    for byte in content:
        number = number << 7 | byte & ~_LONG_LENGTH
        if not byte & _LONG_LENGTH:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _read_at(der: bytes, start: int) -> tuple[Element, int]:
    """Return the element that begins at `start`, and where it ends."""
    if start + 2 > len(der) or der[start] & _LONG_TAG == _LONG_TAG:
        raise ValueError("there is no element of DER")
    length = der[start + 1]
    begin = start + 2
    if length & _LONG_LENGTH:
        digits = length & ~_LONG_LENGTH
        length = int.from_bytes(der[begin : begin + digits])
        begin += digits
        # The shortest way to write a length is the only one, and BER's "until the end" is none.
        if length < _LONG_LENGTH or not der[begin - digits]:
            raise ValueError("the length of an element is not written as DER asks")
    end = begin + length
    if end > len(der):
        raise ValueError("an element of DER is cut short")
    return Element(der[start], der[begin:end], der[start:end]), end
