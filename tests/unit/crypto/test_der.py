"""Elements of DER: what is read, what is refused, and that the length alone sets the time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.certificates import integer, oid, tlv

from alipay_mini_audit.crypto.der import (
    BITS,
    INTEGER,
    SET,
    read_bit_octets,
    read_bits,
    read_boolean,
    read_integer,
    read_members,
    read_object_id,
    read_one,
)


@given(st.integers(0, 255).filter(lambda tag: tag & 0x1F != 0x1F), st.binary(max_size=300))
def test_an_element_is_its_tag_its_content_and_its_encoding(tag: int, content: bytes) -> None:
    element = read_one(tlv(tag, content))
    assert (element.tag, element.content, element.encoded) == (tag, content, tlv(tag, content))


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65_000])
def test_content_of_any_size_is_read(size: int) -> None:
    assert read_one(tlv(0x04, bytes(size))).content == bytes(size)


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30",
        b"\x30\x01",
        b"\x30\x00\x00",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x7f" + bytes(127),
        b"\x30\x82\x00\x80" + bytes(128),
        b"\x30\x82\x01",
        b"\x30\xff" + b"\xff" * 127,
        b"\x1f\x81\x01\x00",
    ],
    ids=[
        "nothing",
        "only a tag",
        "cut short",
        "something behind it",
        "until the end",
        "a long length for a short one",
        "a length that begins with zero",
        "a length cut short",
        "an endless length",
        "a long tag",
    ],
)
def test_what_is_no_element_is_refused(der: bytes) -> None:
    with pytest.raises(ValueError, match="element"):
        read_one(der)


def test_members_are_read_in_their_order_and_to_the_end() -> None:
    inner = [integer(1), oid("1.2.3"), integer(2)]
    members = read_members(read_one(tlv(0x30, *inner)))
    assert [member.encoded for member in members] == inner
    assert read_members(read_one(tlv(0x31)), SET) == []
    for wrong in (tlv(0x31), tlv(0x30, b"\x02"), tlv(0x30, integer(1), b"\x05")):
        with pytest.raises(ValueError, match="element"):
            read_members(read_one(wrong))


@given(st.integers(-(2**200), 2**200))
def test_an_integer_may_be_negative(number: int) -> None:
    size = number.bit_length() // 8 + 1
    assert read_integer(read_one(tlv(0x02, number.to_bytes(size, signed=True)))) == number


@given(
    st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**32), min_size=1, max_size=5)
)
def test_an_object_identifier_is_read_back(first: int, second: int, others: list[int]) -> None:
    dotted = ".".join(map(str, (first, second, *others)))
    assert read_object_id(read_one(oid(dotted))) == dotted


def test_small_things_are_read_or_refused() -> None:
    assert read_boolean(read_one(b"\x01\x01\xff")) is True
    assert read_boolean(read_one(b"\x01\x01\x00")) is False
    assert read_bits(read_one(tlv(BITS, b"\x05\xa0"))) == b"\xa0"
    assert read_bit_octets(read_one(tlv(BITS, b"\x00\xa0"))) == b"\xa0"
    for read, der in (
        (read_boolean, b"\x01\x01\x01"),
        (read_boolean, b"\x01\x00"),
        (read_integer, b"\x02\x00"),
        (read_integer, b"\x04\x01\x00"),
        (read_bits, b"\x03\x00"),
        (read_bits, b"\x03\x02\x08\x00"),
        (read_bit_octets, b"\x03\x02\x05\xa0"),
        (read_object_id, b"\x06\x00"),
        (read_object_id, b"\x06\x02\x2a\x81"),
        (read_object_id, tlv(0x06, b"\x2a" * 65)),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            read(read_one(der))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(der: bytes) -> None:
    try:
        members = read_members(read_one(der))
    except ValueError:
        return
    assert b"".join(member.encoded for member in members) == read_one(der).content


def test_a_long_integer_takes_no_time() -> None:
    """A reader that goes byte by byte needs the square of the length."""
    der = tlv(INTEGER, b"\x7f" * 1_000_000)
    before = time.process_time()
    assert read_integer(read_one(der)) > 0
    assert time.process_time() - before < 1
