"""Why a request is cut while its files are read. No I/O here."""

from __future__ import annotations

import os

from alipay_mini_audit.attachments import FilePart
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files.state import state_of
from alipay_mini_audit.problems import printable

__all__ = ["check_state", "too_long", "too_short", "unreadable"]


def too_short(part: FilePart, missing: int) -> SendInterrupted:
    """Return the error for a part that ends `missing` bytes early."""
    return _cut(part, f"has changed: {missing} of {part.size} bytes were missing at its end")


def too_long(part: FilePart) -> SendInterrupted:
    """Return the error for a part that goes on after its end."""
    return _cut(part, f"has changed: it is longer than the {part.size} bytes that it had")


def unreadable(part: FilePart, error: BaseException) -> SendInterrupted:
    """Return the error for a part that cannot be opened or read."""
    given = getattr(error, "strerror", None)
    reason = given if isinstance(given, str) and given else type(error).__name__
    return _cut(part, f"cannot be read any more: {reason}")


def check_state(part: FilePart, status: os.stat_result) -> None:
    """Return if a file is what it was when it was looked at.

    Raises:
        SendInterrupted: it was changed, replaced or removed.
    """
    if part.state is None or state_of(status) == part.state:
        return
    if not status.st_nlink:
        raise _cut(part, "was replaced or removed")
    if status.st_size > part.size:
        raise too_long(part)
    raise _cut(part, "has changed since it was looked at")


def _cut(part: FilePart, what: str) -> SendInterrupted:
    name = printable(part.source.filename or "") or "the content"
    return SendInterrupted(
        f"{part.location} ({part.name}): {name} {what}.",
        path=part.location,
        advice="Submit it again when the file is there and nobody writes to it.",
    )
