"""Search what a program shows of itself for secrets."""

import base64
import pickle
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

from support.keys import private_key


def pieces_of_key(path: Path) -> set[str]:
    """Return what would show that a private key leaks: runs of its base64, and its numbers."""
    pem = path.read_bytes()
    numbers = private_key(pem).private_numbers()
    text = "".join(
        line for line in pem.decode("ascii").splitlines() if not line.startswith("-----")
    )
    runs = {text[start : start + 24] for start in range(0, len(text) - 24, 8)}
    secret = [numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp]
    return runs | {spelt for number in secret for spelt in (str(number), f"{number:x}")}


def spellings_of(text: str) -> set[str]:
    """Return a token or password as it is and in base64."""
    return {text, base64.b64encode(text.encode()).decode("ascii").rstrip("=")}


def renderings(thing: object) -> Iterator[str]:
    """Yield the texts that a program prints, logs or keeps of a thing.

    None of them is meant to tell its secrets.
    """
    yield from (
        repr(thing),
        str(thing),
        f"{thing}",
        f"{thing!a}",
        repr([thing]),
        repr({"thing": thing}),
    )
    for protocol in (0, 2, pickle.HIGHEST_PROTOCOL):
        try:
            yield pickle.dumps(thing, protocol).decode("latin-1")
        except (TypeError, pickle.PicklingError) as error:
            yield "".join(traceback.format_exception(error))
    if isinstance(thing, BaseException):
        yield "".join(traceback.format_exception(thing))
        for behind in (thing.__cause__, thing.__context__):
            if behind is not None:
                yield from renderings(behind)


def find_leaks(things: Iterable[object], secrets: Iterable[str]) -> list[str]:
    """Return the type of a thing for each of its renderings that shows a secret."""
    secrets = list(secrets)
    return [
        type(thing).__name__
        for thing in things
        for text in renderings(thing)
        if any(secret in text for secret in secrets)
    ]
