"""`wait_for_build`: a version until it can be submitted. No message tells of the end of a build."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, final

from alipay_mini_audit.errors import ApiError, AuditError, Outcome
from alipay_mini_audit.models import BuildStatus
from alipay_mini_audit.verdicts import Poll, is_passing

__all__ = ["BuildPending", "wait_for_build"]

Ask = Callable[[], Awaitable[BuildStatus]]

_NOT_THERE: Final = frozenset({"BUILD_VERSION_NOT_EXISTED", "POLLING_BUILD_VERSION_NOT_EXIST"})
_APPEARS_WITHIN_SECONDS: Final = 30.0
"""An upload that was just answered may not be known to all machines of the platform yet."""


@final
class BuildPending(AuditError):
    """The version cannot be submitted: its build has not ended in time, or has failed.

    Attributes:
        last: the platform's last answer; `None` if there was none.
        failure: why the last question failed; `None` if it did not.
    """

    outcome = Outcome.NOT_SENT

    def __init__(
        self, reason: str, last: BuildStatus | None = None, failure: AuditError | None = None
    ) -> None:
        super().__init__(reason, last, failure)
        self._reason = reason
        self.last = last
        self.failure = failure

    @property
    def has_failed(self) -> bool:
        """Whether the build has ended without a version; otherwise it may still end well."""
        return self.last is not None and self.last.has_failed

    @property
    def is_repeatable(self) -> bool:
        """Whether it may help to wait on."""
        return not self.has_failed

    def __str__(self) -> str:
        return self._reason


async def wait_for_build(ask: Ask, scope: asyncio.Timeout, poll: Poll) -> BuildStatus:
    """Ask until the version can be submitted.

    Args:
        ask: puts the question once.
        scope: bounds the wait; a `TimeoutError` does not leave this function.
        poll: how often to ask.

    Raises:
        BuildPending: the build has failed, or has not ended in time.
        AuditError: a question failed, and would fail again.
    """
    wait = _Wait(ask)
    began = asyncio.get_running_loop().time()
    interval = poll.first
    try:
        async with scope:
            while True:
                status = await wait.look(asyncio.get_running_loop().time() - began)
                if status is not None:
                    return status
                await asyncio.sleep(interval)
                interval = poll.after(interval)
    except TimeoutError:
        at = None if wait.last is None else wait.last.create_status
        stage = "" if at is None else f" It stands at {at}."
        raise BuildPending(
            f"The build has not ended in time.{stage}", wait.last, wait.failure
        ) from None


class _Wait:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.last: BuildStatus | None = None
        self.failure: AuditError | None = None

    async def look(self, waited: float) -> BuildStatus | None:
        """Ask once; return the answer if the version can be submitted."""
        try:
            self.last = await self._ask()
        except AuditError as error:
            if not is_passing(error) and not _may_appear(error, waited):
                raise
            self.failure = error
            return None
        self.failure = None
        if self.last.has_failed:
            raise BuildPending("The build has failed.", self.last)
        return self.last if self.last.is_usable else None


def _may_appear(error: AuditError, waited: float) -> bool:
    is_missing = isinstance(error, ApiError) and error.code in _NOT_THERE
    return is_missing and waited < _APPEARS_WITHIN_SECONDS
