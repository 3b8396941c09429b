"""Ways to damage bytes, and the mixer that makes the input of an index."""

from collections.abc import Callable, Sequence
from random import Random

import attrs

Mutator = Callable[[Random, bytes, Sequence[bytes]], bytes]
"""Takes the source of chance, the bytes, and all seeds of the target; returns other bytes."""

LONGEST = 512 * 1024
"""Inputs are cut here: what is larger is the business of limits, not of parsers."""
RUNS = (1, 1, 2, 3, 10, 30, 300, 3000, 30_000, 300_000)
ROUNDS = (1, 1, 1, 1, 2, 2, 3, 5)


@attrs.frozen
class Mixer:
    """Makes inputs out of seeds.

    Attributes:
        name: of the target.
        seeds: good inputs, and bad ones that are near.
        mutators: what may be done to them, each as likely as the next.
    """

    name: str
    seeds: Sequence[bytes] = attrs.field(repr=False)
    mutators: Sequence[Mutator] = attrs.field(repr=False)

    def make(self, seed: int, index: int) -> bytes:
        """Return the input of an index; the same one every time."""
        random = Random(f"{self.name}:{seed}:{index}")
        data = random.choice(self.seeds)
        for _ in range(random.choice(ROUNDS)):
            data = random.choice(self.mutators)(random, data, self.seeds)[:LONGEST]
        return data


def piece(random: Random, data: bytes) -> tuple[int, int]:
    """Return where a piece begins and ends; most pieces are short."""
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice(RUNS))


def flip_bits(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8)) if data else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def overwrite(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = piece(random, data)
    return data[:start] + random.randbytes(min(end - start, 300)) + data[end:]


def truncate(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: random.randint(0, len(data))]


def behead(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[random.randint(0, len(data)) :]


def delete(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = piece(random, data)
    return data[:start] + data[end:]


def duplicate(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = piece(random, data)
    times = random.choice((2, 2, 2, 3, 50, 1000))
    return data[:start] + data[start:end][: LONGEST // times] * times + data[end:]


def insert_run(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, _end = piece(random, data)
    what = random.choice(
        (b"\0", b"\xff", b"0", b"9", b"A", b" ", b"\n", b"\r\n", b"-", b"\xe5\x9b")
    )
    return data[:start] + what * random.choice(RUNS) + data[start:]


def insert_noise(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, _end = piece(random, data)
    return data[:start] + random.randbytes(random.choice(RUNS[:7])) + data[start:]


def splice(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Go on with the end of another seed."""
    other = random.choice(seeds)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def transplant(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Put a piece of another seed in the place of one of this one."""
    start, end = piece(random, data)
    first, last = piece(random, other := random.choice(seeds))
    return data[:start] + other[first:last] + data[end:]


BYTES: tuple[Mutator, ...] = (
    flip_bits,
    overwrite,
    truncate,
    behead,
    delete,
    duplicate,
    insert_run,
    insert_noise,
    splice,
    transplant,
)
"""What can be done to anything."""
