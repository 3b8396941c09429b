"""Ways to damage DER where it hurts: lengths that lie, and trees that are whole but monstrous.

A change of the second kind encodes all the lengths around it anew. DER in base64, in a PEM or in a
setting, is decoded, changed and encoded again.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from random import Random

import attrs
from support.certificates import integer, tlv

from fuzz.mutators import LONGEST, Mutator, flip_bits

SEQUENCE = 0x30
CONSTRUCTED = 0x20
WRAPPERS = (0x03, 0x04)
"""A bit string and an octet string often hold DER."""
MOST_SPANS = 400
BASE64 = re.compile(rb"[A-Za-z0-9+/\s]{64,}={0,2}")
TAGS = (0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x13, 0x17, 0x18, 0x1E, 0x1C, 0x30, 0x31, 0xA0)
LENGTHS = (b"\x80", b"\x84\xff\xff\xff\xff", b"\x88" + b"\xff" * 8, b"\x00", b"\xff", b"\x81\x05")
LEVELS = (2, 50, 1000, 30_000)
COPIES = (2, 2, 10, 300, 20_000)
NUMBERS = (
    *(0, 1, 2, 3, -1, -2, 65536, 65537, 65539, (1 << 64) - 1),
    *((1 << bits) - odd for bits in (512, 2047, 2048, 8192, 16_384) for odd in (0, 1)),
    10**4400,
    (1 << 400_000) - 1,
)


@attrs.frozen
class Span:
    """Where an element stands, and the index of the one around it."""

    start: int
    content: int
    end: int
    outer: int | None


def spans_of(der: bytes) -> list[Span]:
    """Return the elements of DER, outer ones first, as far as it can be read."""
    found: list[Span] = []
    waiting: list[tuple[int, int, int | None]] = [(0, len(der), None)]
    while waiting and len(found) < MOST_SPANS:
        start, end, outer = waiting.pop()
        while start < end and len(found) < MOST_SPANS:
            span = read_span(der, start, end, outer)
            if span is None:
                break
            found.append(span)
            inside = span.content + (der[span.start] == WRAPPERS[0])
            is_wrapper = der[span.start] in WRAPPERS and der[inside : inside + 1] == b"\x30"
            if der[span.start] & CONSTRUCTED or is_wrapper:
                waiting.append((inside, span.end, len(found) - 1))
            start = span.end
    return found


def read_span(der: bytes, start: int, end: int, outer: int | None) -> Span | None:
    if start + 2 > end:
        return None
    length, content = der[start + 1], start + 2
    if length & 0x80:
        digits = length & 0x7F
        length = int.from_bytes(der[content : content + digits])
        content += digits
    return Span(start, content, content + length, outer) if content + length <= end else None


def replace(der: bytes, spans: Sequence[Span], span: Span, new: bytes) -> bytes:
    """Put an element in the place of another one, and mend the lengths around it."""
    while span.outer is not None:
        outer = spans[span.outer]
        new = tlv(der[outer.start], der[outer.content : span.start], new, der[span.end : outer.end])
        span = outer
    return der[: span.start] + new + der[span.end :]


def nested(inner: bytes, levels: int, tag: int = SEQUENCE) -> bytes:
    """Return an element inside so many others."""
    length = len(inner)
    heads = []
    for _ in range(levels):
        size = b"" if length < 0x80 else length.to_bytes((length.bit_length() + 7) // 8)
        heads.append(bytes([tag, 0x80 | len(size)]) + size if size else bytes([tag, length]))
        length += len(heads[-1])
    return b"".join(reversed(heads)) + inner


Change = Callable[[Random, bytes, Sequence[Span], Span], bytes]


def nest(random: Random, der: bytes, spans: Sequence[Span], span: Span) -> bytes:
    inner = der[span.start : span.end]
    tag = random.choice((SEQUENCE, SEQUENCE, 0x31, 0xA0, 0x24))
    return replace(der, spans, span, nested(inner, random.choice(LEVELS), tag))


def repeat(random: Random, der: bytes, spans: Sequence[Span], span: Span) -> bytes:
    element = der[span.start : span.end]
    times = min(random.choice(COPIES), LONGEST // len(element))
    return replace(der, spans, span, element * times)


def grow(random: Random, der: bytes, spans: Sequence[Span], span: Span) -> bytes:
    filling = random.choice((b"\x00", b"\x01", b"\x7f", b"\xff", b"A", b"\x80"))
    content = filling * random.choice((0, 1, 20, 2000, 50_000))
    return replace(der, spans, span, tlv(der[span.start], content))


def renumber(random: Random, der: bytes, spans: Sequence[Span], _: Span) -> bytes:
    """Put another number in the place of an integer."""
    integers = [span for span in spans if der[span.start] == 0x02]
    if not integers:
        return der
    number = random.choice(NUMBERS)
    new = integer(number) if number >= 0 else tlv(0x02, number.to_bytes(2, signed=True))
    return replace(der, spans, random.choice(integers), new)


def retag(random: Random, der: bytes, _: Sequence[Span], span: Span) -> bytes:
    return der[: span.start] + bytes([random.choice(TAGS)]) + der[span.start + 1 :]


def drop(_: Random, der: bytes, spans: Sequence[Span], span: Span) -> bytes:
    return replace(der, spans, span, b"")


def move(random: Random, der: bytes, spans: Sequence[Span], span: Span) -> bytes:
    """Put another element of it in the place of one."""
    other = random.choice(spans)
    return replace(der, spans, span, der[other.start : other.end])


def lie(random: Random, der: bytes, _: Sequence[Span], span: Span) -> bytes:
    """Let a length say something else; the others stay as they are."""
    head = der[: span.start + 1]
    return head + random.choice(LENGTHS) + der[span.content :]


def der_aware(change: Change) -> Mutator:
    """Return the mutator that makes a change in DER, or in DER in base64."""

    def changed(random: Random, der: bytes) -> bytes | None:
        spans = spans_of(der)
        return change(random, der, spans, random.choice(spans))[:LONGEST] if spans else None

    def mutate(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
        if data[:1] == b"\x30":
            return changed(random, data) or data
        if not (texts := list(BASE64.finditer(data))):
            return flip_bits(random, data, seeds)
        text = random.choice(texts)
        try:
            new = changed(random, binascii.a2b_base64(b"".join(text[0].split())))
        except binascii.Error:
            new = None
        if new is None:
            return flip_bits(random, data, seeds)
        is_wrapped = b"\n" in text[0]
        spelt = b"\n" + base64.encodebytes(new) if is_wrapped else base64.b64encode(new)
        return data[: text.start()] + spelt + data[text.end() :]

    return mutate


DER: tuple[Mutator, ...] = tuple(
    der_aware(change) for change in (nest, repeat, grow, renumber, renumber, retag, drop, move, lie)
)
