"""What the processes of a night tell each other, besides what they ask of the journal."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import final

import attrs

from alipay_mini_audit.batch import BatchPolicy, Submission
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.errors import AuditError

__all__ = ["Ended", "Share", "Stop"]


@final
@attrs.frozen(kw_only=True)
class Share:
    """What one process of a night does.

    Attributes:
        source: all submissions of the night; it can be pickled.
        number: of this share, from 0 on.
        of: how many shares there are.
        connection: whom it calls.
        journal: the journal's file.
        policy: of this process.
    """

    source: AsyncIterable[Submission]
    number: int
    of: int
    connection: Connection
    journal: Path
    policy: BatchPolicy

    async def submissions(self) -> AsyncIterator[Submission]:
        """Yield those of this share; the same ones whenever there are as many shares."""
        async for submission in self.source:
            digest = hashlib.sha256(submission.key.encode(errors="replace")).digest()
            if int.from_bytes(digest[:8]) % self.of == self.number:
                yield submission


@final
@attrs.frozen
class Stop:
    """The parent says: begin nothing more."""


@final
@attrs.frozen
class Ended:
    """The child says: that was all.

    Attributes:
        error: why it broke off; `None` if it did not.
    """

    error: AuditError | None = None
