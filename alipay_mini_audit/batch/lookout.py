"""`Lookout`: looks at submissions before they are sent, and tells whether they were sent before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, final

from alipay_mini_audit.attachments import Attachments, FilePart, PathSource
from alipay_mini_audit.batch.content import Fingerprint, stamp_of
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.platform import Platform
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.calls import Call
from alipay_mini_audit.errors import (
    AuditError,
    ConfigurationError,
    Outcome,
    SendInterrupted,
    ValidationError,
)
from alipay_mini_audit.files import FileDigests, PassingHashes, states_of
from alipay_mini_audit.protocol import json_text

__all__ = ["Lookout"]

_DIGEST_SECONDS: Final = 60.0


@final
class Lookout:
    """Looks at the submissions of one run; what many share is looked at once.

    Args:
        platform: prepares the calls.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._digests = FileDigests()

    async def look(self, submission: Submission) -> tuple[Call, Fingerprint]:
        """Look at a submission and its files; a source of the user's may hang.

        Raises:
            ValidationError: it cannot be sent as it is.
            SendInterrupted: it could not be looked at in time.
        """
        call = await self._platform.prepare(submission)
        elsewhere = [file for file in call.files if not isinstance(file.source, PathSource)]
        known = await self._digests_of(call, elsewhere) if elsewhere else {}
        return call, Fingerprint.of(call.body, call.files, known)

    async def _digests_of(self, call: Call, files: Sequence[FilePart]) -> dict[str, str]:
        try:
            async with asyncio.timeout(call.options.timeouts.total):
                return await self._digests.of(files)
        except TimeoutError:
            reason = "The files were not read in time; nothing was sent."
            raise SendInterrupted(reason, outcome=Outcome.NOT_SENT) from None
        except SendInterrupted as error:
            error.outcome = Outcome.NOT_SENT
            raise

    async def is_same(self, row: Row, submission: Submission) -> bool:
        """Say whether an entry is what was sent; no file is opened if nothing has touched them."""
        body = json_text(submission.request.to_wire())
        attachments = submission.attachments
        if isinstance(attachments, Mapping):
            try:
                attachments = Attachments.from_parts(attachments)
            except ValidationError:
                return False
        parts = {} if attachments is None else attachments.parts
        paths = {name: each for name, each in parts.items() if isinstance(each, PathSource)}
        if len(paths) == len(parts):
            found = await states_of(list(paths.values()))
            states = {name: state for name, state in zip(paths, found, strict=True) if state}
            if len(states) == len(parts) and stamp_of(body, states) == row.stamp:
                return True
        try:
            _, fingerprint = await self.look(submission)
        except ConfigurationError:
            raise
        except AuditError:
            return False
        return await self.is_last(row, fingerprint)

    async def is_last(self, row: Row, fingerprint: Fingerprint) -> bool:
        """Say whether what was looked at is what was sent last."""
        if fingerprint.stamp == row.stamp:
            return True
        return bool(row.digest) and await self.digest_of(fingerprint) == row.digest

    def in_passing(self) -> PassingHashes | None:
        """Return what takes the digests of an attempt; `None` if they are taken afterwards."""
        return self._digests.in_passing()

    async def digest_of(self, fingerprint: Fingerprint) -> str:
        """Return the digest of a submission; empty if it cannot be had, or not in time."""
        try:
            async with asyncio.timeout(_DIGEST_SECONDS):
                return await fingerprint.digest(self._digests)
        except TimeoutError:
            return ""
