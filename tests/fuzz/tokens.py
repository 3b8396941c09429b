"""Ways to damage a text word by word: TOML, JSON, heads of HTTP, multipart."""

import re
from collections.abc import Sequence
from random import Random

from fuzz.mutators import LONGEST, Mutator, piece

TOKEN = re.compile(rb"[A-Za-z0-9_.+-]+|\s+|.", re.DOTALL)
MOST_TOKENS = 3000
DEPTHS = (10, 900, 1100, 30_000, 100_000)

ODD = (
    *(
        b"",
        b"\0",
        b"\r\n",
        b"\n",
        b"\r",
        b"\x1b[31m",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xed\xa0\x80",
    ),
    *(b"0", b"-1", b"-0", b"9" * 20, b"9" * 5000, b"1e999", b"NaN", b"0x0", b"1_000", b"\xc2\xb2"),
    *(b"null", b"true", b"''", b'""', b"=", b":", b",", b";", b"%00", b"%s{0}", b"\xe2\x80\xa8"),
    b"A" * 70_000,
)
"""What is odd in any text."""
JSON = (
    *(
        b'"\\ud800"',
        b"\\ud800",
        b"\\u0000",
        b"\\u001b[31m",
        b"Infinity",
        b"-Infinity",
        b"[]",
        b"{}",
    ),
    *(b'{"a":1,"a":2}', b'"code":', b'"code":""', b'"message":[]', b"[[[]]]", b'{"":{"":{}}}'),
    *(b'"SUBMIT_REPEAT"', b'"2026-13-45 99:99:99"', b'"true"', b'"speed_up":"TRUE",', b"1.5"),
)
TOML = (
    *(b"'''", b'"""', b"[[a]]", b"[a.b]\n", b"\\u0000", b"\\ud800", b"\\U0010FFFF", b"#", b"{}"),
    *(b"1979-05-27T07:32:00Z", b"inf", b"a.b.c = 1\n", b'app_id_file = "a\\u0000b"\n', b"[]"),
    *(b'private_key_file = "' + b"a/" * 3000 + b'"\n', b"\nprofile = 3\n", b"0o7", b"99:99:99"),
)
HTTP = (
    *(b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Content-Encoding: gzip\r\n"),
    *(b"HTTP/1.1 200 OK\r\n", b"100", b"101", b"204", b"302", b"429", b"503", b"000", b"999"),
    b"Retry-After: Thu, 01 Jan 0001 00:00:00 +9999\r\n",
    b"Date: Fri, 31 Dec 9999 23:59:59 -9999\r\n",
    b"Retry-After: Fri, 31 Dec 99999 23:59:59 +99999999999999999999\r\n",
    b"Retry-After: 999999999\r\nDate: 1\r\n",
    *(b"alipay-sn: ../../etc/passwd\r\n", b"alipay-timestamp: 99999999999999\r\n", b"null"),
    *(b"Content-Type: text/plain\r\n", b"Content-Type: text/html; charset=\xff\r\n", b"\t"),
)
MULTIPART = (
    *(
        b"--b0undary\r\n",
        b"--b0undary--\r\n",
        b"--",
        b"\r\n--b0undary",
        b"\r\n\r\n",
        b'name="data"',
    ),
    *(b"Content-Length: -5\r\n", b"Content-Length: 99999999999\r\n", b"filename*=utf-8''%ff%00"),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n"),
    *(b"Content-Encoding: gzip\r\n", b"Content-Type: multipart/mixed; boundary=b0undary\r\n"),
    *(b"Content-Type: multipart/form-data; boundary=" + b"x" * 71 + b"\r\n", b"boundary=", b'"'),
    *(b'filename="\\""', b"name*0=da; name*1=ta", b"Content-Disposition: form-data\r\n"),
)
OPENERS = (
    (b"[", b"]"),
    (b'{"a":', b"}"),
    (b"[[", b"]]"),
    (b"{a=", b"}"),
    (b"a.", b""),
    (b"(", b")"),
)


def tokens_of(data: bytes) -> list[bytes]:
    """Return the first words of a text; the rest is the last of them."""
    found = []
    end = 0
    for match in TOKEN.finditer(data):
        if len(found) == MOST_TOKENS:
            break
        found.append(match[0])
        end = match.end()
    return [*found, data[end:]]


def delete(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    tokens = tokens_of(data)
    start, end = piece(random, bytes(len(tokens)))
    return b"".join(tokens[:start] + tokens[end:])


def double(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    tokens = tokens_of(data)
    start, end = piece(random, bytes(len(tokens)))
    return b"".join(tokens[:end] + tokens[start:])


def swap(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    tokens = tokens_of(data)
    one, two = random.randrange(len(tokens)), random.randrange(len(tokens))
    tokens[one], tokens[two] = tokens[two], tokens[one]
    return b"".join(tokens)


def borrow(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Put a word of another seed in the place of one."""
    tokens = tokens_of(data)
    tokens[random.randrange(len(tokens))] = random.choice(tokens_of(random.choice(seeds)))
    return b"".join(tokens)


def repeat_line(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    place = random.randrange(len(lines))
    times = random.choice((2, 2, 100, 5000))
    lines[place] = lines[place][: LONGEST // times] * times
    return b"".join(lines)


def deepen(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Put a word inside many brackets, which close or do not."""
    tokens = tokens_of(data)
    place = random.randrange(len(tokens))
    opened, closed = random.choice(OPENERS)
    depth = random.choice(DEPTHS)
    end = closed * depth if random.random() < 0.8 else b""  # most are whole
    tokens[place] = opened * depth + tokens[place] + end
    return b"".join(tokens)


def oddities(odd: Sequence[bytes]) -> tuple[Mutator, ...]:
    """Return the mutators that put odd words into a text, or into the place of others."""

    def insert(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
        tokens = tokens_of(data)
        tokens.insert(random.randint(0, len(tokens)), random.choice(odd))
        return b"".join(tokens)

    def put(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
        tokens = tokens_of(data)
        tokens[random.randrange(len(tokens))] = random.choice(odd)
        return b"".join(tokens)

    def at_line(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
        lines = data.splitlines(keepends=True)
        lines.insert(random.randint(0, len(lines)), random.choice(odd))
        return b"".join(lines)

    return insert, put, put, at_line


def words(*dialects: Sequence[bytes]) -> tuple[Mutator, ...]:
    """Return what can be done to a text, with the odd words of some dialects."""
    plain = oddities(ODD)
    own = oddities([word for dialect in dialects for word in dialect])
    return (delete, double, swap, borrow, repeat_line, deepen, *plain, *own)
