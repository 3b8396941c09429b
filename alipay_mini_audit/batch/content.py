"""Whether an entry is still what was sent: digests of its fields and files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import final

import attrs

from alipay_mini_audit.attachments import FilePart, FileState, PathSource
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files import FileDigests

__all__ = ["Fingerprint", "stamp_of"]


def stamp_of(body: str, files: Mapping[str, FileState | str]) -> str:
    """Return a digest of the fields and of what is known of the files without reading them.

    Args:
        body: the JSON text of the fields.
        files: by wire name, what the file system says of a file; of one that it says nothing of,
            the digest of its content.
    """
    digest = hashlib.sha256(body.encode())
    for name in sorted(files):
        digest.update(f"\0{name}\0{files[name]!r}".encode())
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
    async def of(cls, body: str, files: Sequence[FilePart], digests: FileDigests) -> Fingerprint:
        """Look at a submission; what is not a file on disk is read.

        Raises:
            SendInterrupted: it cannot be read.
        """
        elsewhere = [file for file in files if not isinstance(file.source, PathSource)]
        known = await digests.of(elsewhere) if elsewhere else {}
        on_disk = tuple(file for file in files if isinstance(file.source, PathSource))
        states = {file.name: file.state for file in on_disk if file.state is not None}
        return cls(body, on_disk, known, stamp_of(body, {**states, **known}))

    def digest_of(self, found: Mapping[str, str]) -> str:
        """Return the digest from those of the files; empty if one of them is missing.

        Args:
            found: digests of the files on disk, by wire name.
        """
        if any(file.name not in found for file in self.on_disk):
            return ""
        on_disk = {file.name: found[file.name] for file in self.on_disk}
        return stamp_of(self.body, {**on_disk, **self.known}) if on_disk else self.stamp

    async def digest(self, digests: FileDigests) -> str:
        """Return a digest of the fields and the content of all files; empty if one has changed."""
        try:
            found = await digests.of(self.on_disk)
        except SendInterrupted:
            return ""
        return self.digest_of(found)
