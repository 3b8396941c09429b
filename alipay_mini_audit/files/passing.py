"""`PassingHashes`: hashes of files while they are sent, from the very bytes that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from alipay_mini_audit.attachments import FilePart
from alipay_mini_audit.files.hashes import ContentHash, new_hash, text_of
from alipay_mini_audit.files.state import StateCache

__all__ = ["PassingHashes"]

# With more at once it lets go of the interpreter, and has to wait for it again.
_SLICE: Final = 64 * 1024
# Hashing less than that takes no longer than looking a digest up.
_WORTH_KEEPING: Final = 256 * 1024


@final
class PassingHashes:
    """Hashes the files of one attempt to send them.

    Args:
        known: digests by the state of a file, of all submissions; it is not hashed twice.
    """

    def __init__(self, known: StateCache[str]) -> None:
        self._known = known
        self._whole: dict[str, str] = {}
        self._name = ""
        self._hash: ContentHash | None = None
        self._left = 0

    @property
    def whole(self) -> Mapping[str, str]:
        """The digests of the files that were read whole, by wire name."""
        return self._whole

    def begin(self) -> None:
        """Note that what is read next is read from its start, though a part of it was before."""
        self._whole.clear()
        self._name = ""

    def read(self, file: FilePart, content: memoryview) -> None:
        """Note that this was read of a file, behind what was read of it before."""
        if len(content) == file.size < _WORTH_KEEPING:
            self._whole[file.name] = text_of(new_hash(content))
            return
        if file.name != self._name:
            self._start(file)
        if self._hash is None:
            return
        for start in range(0, len(content), _SLICE):
            self._hash.update(content[start : start + _SLICE])
        self._left -= len(content)
        if not self._left:
            self._whole[file.name] = digest = text_of(self._hash)
            if file.state is not None and file.size >= _WORTH_KEEPING:
                self._known.put(file.state, digest)

    def _start(self, file: FilePart) -> None:
        self._name, self._hash, self._left = file.name, None, file.size
        if file.state is not None and file.size >= _WORTH_KEEPING:
            known = self._known.get(file.state)
            if known is not None:
                self._whole[file.name] = known
                return
        self._hash = new_hash()
