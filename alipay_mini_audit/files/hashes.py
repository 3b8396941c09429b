"""`ContentHash`: tells whether content is what it was. It is no proof against forgery.

XXH3 with 128 bits, of the extra `batch`: it takes a thousandth of the time that sending takes, so
it is computed in passing. Without the extra it is SHA-256. One is never taken for the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

__all__ = ["IS_FAST", "ContentHash", "new_hash", "text_of"]


class ContentHash(Protocol):
    """A hash under way."""

    @property
    def name(self) -> str:
        """Of the algorithm."""
        ...

    def update(self, content: memoryview, /) -> None:
        """Go on with more content."""
        ...

    def hexdigest(self) -> str:
        """Return the hash of all content so far."""
        ...


try:
    from xxhash import xxh3_128 as _hash
except ImportError:
    from hashlib import sha256 as _hash  # type: ignore[assignment]  # used alike

    IS_FAST = False
    """Content can be hashed in passing, on the event loop too."""
else:
    IS_FAST = True

new_hash: Final[Callable[..., ContentHash]] = _hash
"""Begins a hash, with some content if it is given."""


def text_of(content: ContentHash) -> str:
    """Return a hash as it is written down, with the name of its algorithm."""
    return f"{content.name}:{content.hexdigest()}"
