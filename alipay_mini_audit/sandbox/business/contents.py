"""`Content`: what the bytes of a file say of it, found while they arrive. No I/O here."""

from __future__ import annotations

import re
from typing import Final, final

from alipay_mini_audit.sandbox.business.archives import Archive, ZipTail, walk_rar
from alipay_mini_audit.sandbox.business.pictures import Picture, walk_jpeg, walk_png
from alipay_mini_audit.sandbox.business.walks import Walker

__all__ = ["Content"]

_HEAD: Final = 12
_FORMATS: Final = re.compile(
    rb"(?P<png>\x89PNG\r\n\x1a\n)|(?P<jpg>\xff\xd8\xff)"
    rb"|(?P<zip>PK(\x03\x04|\x05\x06|\x07\x08|00PK))|(?P<rar>Rar!\x1a\x07)"
)
_OTHER_PICTURES: Final = re.compile(
    rb"GIF8[79]a|RIFF.{4}WEBP|(II|MM)(\*\0|\0\*|\+\0|\0\+)|.{4}ftyp|BM", re.DOTALL
)


@final
class Content:
    """One file of an upload, looked at as it arrives; about 1.25 MiB of it are held at most.

    Attributes:
        format: by its first bytes; `None` if it is no format that any part takes. Of a zip that a
            program stands before it is known once the file has come whole.
        size: in bytes, of what has arrived.
        picture: what a picture says of itself.
        archive: what an archive says of itself.
    """

    def __init__(self) -> None:
        self.format: str | None = None
        self.size = 0
        self.picture = Picture()
        self.archive = Archive()
        self._head: bytes | None = b""
        self._reader: Walker | ZipTail | None = None

    def feed(self, content: bytes) -> None:
        """Take what has arrived.

        Args:
            content: the next bytes of the file.
        """
        self.size += len(content)
        if self._head is not None:
            content = self._head + content
            if len(content) < _HEAD:
                self._head = content
                return
            self._begin(content)
        if self._reader is not None:
            self._reader.feed(content)

    def end(self) -> None:
        """Draw the conclusions: the file has come whole."""
        if self._head is not None:  # it is shorter than what tells its format
            head = self._head
            self._begin(head)
            if self._reader is not None:
                self._reader.feed(head)
        if isinstance(self._reader, ZipTail):
            self._reader.list_into(self.archive)
            if self.archive.is_listed:
                self.format = "zip"
        elif self._reader is not None:
            self.picture.is_undecided = self._reader.has_given_up
        self._reader = None

    def _begin(self, head: bytes) -> None:
        self._head = None
        found = _FORMATS.match(head)
        self.format = None if found is None else found.lastgroup
        if self.format == "png":
            self._reader = Walker(walk_png(self.picture))
        elif self.format == "jpg":
            self._reader = Walker(walk_jpeg(self.picture))
        elif self.format == "rar":
            self._reader = Walker(walk_rar(self.archive))
        elif not _OTHER_PICTURES.match(head):
            self._reader = ZipTail()
