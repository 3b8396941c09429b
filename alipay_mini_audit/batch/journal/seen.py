"""`SeenNames`: names that were seen, in a few bytes each. No I/O here."""

from __future__ import annotations

import hashlib
import os
from typing import Final, final

__all__ = ["SeenNames"]

_DIGEST_BYTES: Final = 16
_LENGTH_BYTES: Final = 4
_BUCKETS: Final = 4096


@final
class SeenNames:
    """Names that were seen, and a text for each of them: some thirty bytes and the text.

    A name itself is not kept, but its digest, with a key of this process: nobody can choose names
    that collide.
    """

    def __init__(self) -> None:
        self._key = os.urandom(_DIGEST_BYTES)
        self._buckets: dict[int, bytearray] = {}

    def add(self, name: tuple[str, ...], text: str = "") -> None:
        """Keep a text for a name that was not added before."""
        digest, bucket = self._place_of(name)
        content = _encoded(text)
        length = len(content).to_bytes(_LENGTH_BYTES)
        self._buckets.setdefault(bucket, bytearray()).extend(digest + length + content)

    def find(self, name: tuple[str, ...]) -> str | None:
        """Return the text for a name; `None` if it was not seen."""
        digest, number = self._place_of(name)
        bucket = self._buckets.get(number, b"")
        at = bucket.find(digest)  # a text cannot look like it: nobody knows the key
        if at < 0:
            return None
        begin = at + _DIGEST_BYTES + _LENGTH_BYTES
        length = int.from_bytes(bucket[at + _DIGEST_BYTES : begin])
        return bucket[begin : begin + length].decode(errors="surrogatepass")

    def _place_of(self, name: tuple[str, ...]) -> tuple[bytes, int]:
        parts = [_encoded(part) for part in name]
        whole = b"".join(b"%d:%b" % (len(part), part) for part in parts)
        digest = hashlib.blake2b(whole, digest_size=_DIGEST_BYTES, key=self._key).digest()
        return digest, int.from_bytes(digest[:2]) % _BUCKETS


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # a key may be any text
