"""`probe`: what a file is, by at most 64 KiB of it, or 1 MiB of an archive's directory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import attrs

from alipay_mini_audit.attachments.heads import Details, values_of
from alipay_mini_audit.preflight.probing.jpeg import look_at_jpeg
from alipay_mini_audit.preflight.probing.others import look_at_other, other_format
from alipay_mini_audit.preflight.probing.png import look_at_png
from alipay_mini_audit.preflight.probing.rars import look_at_rar
from alipay_mini_audit.preflight.probing.reading import BoundedReader, OverBudget, ReadAt
from alipay_mini_audit.preflight.probing.zips import END_SIGNATURE, ends_as_zip, look_at_zip

__all__ = ["DIRECTORY_BUDGET", "PICTURE_BUDGET", "Details", "probe", "probe_head"]

# With more at once hashlib lets go of the interpreter, and has to wait for it again.
_SLICE: Final = 2047
PICTURE_BUDGET: Final = 64 * 1024
"""How many bytes of a picture are read at most."""
DIRECTORY_BUDGET: Final = 1024 * 1024
"""How many bytes of an archive are read at most."""
_LOOKS: Final[dict[str, Callable[[BoundedReader], Details]]] = {
    "png": look_at_png,
    "jpg": look_at_jpeg,
    "zip": look_at_zip,
    "rar": look_at_rar,
}
_ARCHIVES: Final = ("zip", "rar")


def probe(
    read_at: ReadAt,
    size: int,
    *,
    directory_budget: int = DIRECTORY_BUDGET,
    spent: int = 0,
    is_quick: bool = False,
) -> Details:
    """Return what a content shows. No content makes it raise anything, unless it is to be quick.

    Args:
        read_at: reads a piece of it; what it raises is passed on.
        size: of the content, in bytes.
        directory_budget: how many bytes of an archive may be read in all.
        spent: how many of them were read before.
        is_quick: give up what has more headers than pictures have.

    Raises:
        TakesLong: it was given up.
    """
    file = BoundedReader(read_at, size, PICTURE_BUDGET - spent, is_quick=is_quick)
    kind = _format_of(file)
    if kind is None or kind in _ARCHIVES:
        file.allow(directory_budget - PICTURE_BUDGET)
    try:
        details = _look(file, kind)
    except OverBudget:
        details = Details(format=kind)
    file.check()
    return Details(**{**values_of(details), "fingerprint": _fingerprint(file)})


def probe_head(start: bytes, size: int) -> Details:
    """Return what the first bytes of a content show, if the others cannot be looked at.

    Args:
        start: its first bytes, 64 KiB or as many as there are; or fewer.
        size: of the whole content, in bytes.
    """

    def read_at(offset: int, count: int) -> bytes:
        """Return a piece."""
        return start[offset : offset + count]

    if len(start) >= size:
        return probe(read_at, size, directory_budget=PICTURE_BUDGET)
    kind = _format_of(BoundedReader(read_at, len(start), PICTURE_BUDGET))
    if kind is None or kind in _ARCHIVES:
        return Details(format=kind)
    # What it says of the end of these bytes is not true of the content.
    details = probe(read_at, len(start))
    return attrs.evolve(
        details,
        is_truncated=None,
        is_animated=details.is_animated or None,
        is_broken=False,
        fingerprint=None,
    )


def _look(file: BoundedReader, kind: str | None) -> Details:
    if kind is None:
        # A program that unpacks the archive, or anything else, may stand before it.
        return look_at_zip(file) if ends_as_zip(file) else Details(is_broken=True)
    look = _LOOKS.get(kind)
    return look_at_other(file, kind) if look is None else look(file)


def _format_of(file: BoundedReader) -> str | None:
    start = file.start
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if start.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if start.startswith((b"PK\x03\x04", END_SIGNATURE, b"PK\x07\x08", b"PK00PK")):
        return "zip"
    if start.startswith(b"Rar!\x1a\x07"):
        return "rar"
    return other_format(start)


def _fingerprint(file: BoundedReader) -> bytes:
    digest = hashlib.blake2b(file.size.to_bytes(8), digest_size=16)
    for start in range(0, len(file.start), _SLICE):
        digest.update(file.start[start : start + _SLICE])
    digest.update(file.end)
    return digest.digest()
