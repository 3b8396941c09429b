"""Whether an entry is still what was sent: digests of its fields and files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, final

import attrs

from alipay_mini_audit.attachments import FilePart, FileState
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files import FileDigests

__all__ = ["Fingerprint", "stamp_of"]

# With more at once hashlib lets go of the interpreter, and has to wait for it again.
_SLICE: Final = 2047


def stamp_of(body: str, files: Mapping[str, FileState | str]) -> str:
    """Return a digest of the fields and of what is known of the files without reading them.

    Args:
        body: the JSON text of the fields.
        files: by wire name, what the file system says of a file; of one that it says nothing of,
            the digest of its content.
    """
    content = repr((body, sorted(files.items()))).encode()
    digest = hashlib.sha256()
    for start in range(0, len(content), _SLICE):
        digest.update(content[start : start + _SLICE])
    return digest.hexdigest()


@final
@attrs.frozen
class Fingerprint:
    """What one submission is, as it was looked at.

    Attributes:
        body: the JSON text of its fields.
        on_disk: its files on disk.
        known: the digests of the content of the others, by wire name.
        stamp: see `stamp_of`.
    """

    body: str = attrs.field(repr=False)
    on_disk: tuple[FilePart, ...] = attrs.field(repr=False)
    known: Mapping[str, str]
    stamp: str

    @classmethod
    def of(cls, body: str, files: Sequence[FilePart], known: Mapping[str, str]) -> Fingerprint:
        """Put together what one submission is.

        Args:
            body: the JSON text of its fields.
            files: all of them.
            known: the digests of the content of those that are not on disk, by wire name.
        """
        on_disk = tuple([file for file in files if file.name not in known])
        states = {file.name: file.state for file in on_disk if file.state is not None}
        return cls(body, on_disk, known, stamp_of(body, {**states, **known}))

    def digest_of(self, found: Mapping[str, str]) -> str:
        """Return the digest from those of the files; empty if one of them is missing.

        Args:
            found: digests of the files on disk, by wire name.
        """
        names = [file.name for file in self.on_disk]
        if not found.keys() >= set(names):
            return ""
        on_disk = {name: found[name] for name in names}
        return stamp_of(self.body, {**on_disk, **self.known}) if on_disk else self.stamp

    async def digest(self, digests: FileDigests) -> str:
        """Return a digest of the fields and the content of all files; empty if one has changed."""
        try:
            found = await digests.of(self.on_disk)
        except SendInterrupted:
            return ""
        return self.digest_of(found)
