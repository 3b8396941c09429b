"""`wait_for`: one version until its verdict is known."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from alipay_mini_audit.errors import AuditError
from alipay_mini_audit.models import Verdict
from alipay_mini_audit.transport import closed_client
from alipay_mini_audit.verdicts.inbox import Inbox
from alipay_mini_audit.verdicts.pending import VerdictPending
from alipay_mini_audit.verdicts.poller import Ask, Poller, is_passing
from alipay_mini_audit.verdicts.watched import Watched

__all__ = ["wait_for"]


async def wait_for(
    poller: Poller, watched: Watched, ask: Ask, inbox: Inbox | None, seconds: float | None
) -> Verdict:
    """Ask until the answer holds a verdict.

    Args:
        poller: gives each question its moment.
        watched: the version.
        ask: puts a question.
        inbox: whose messages end the wait for the next question; `None` for none.
        seconds: how long to wait; `None` waits for as long as it takes.

    Raises:
        VerdictPending: none came in time.
        ConfigurationError: the client is closed.
        AuditError: a question failed, and would fail again.
    """
    loop = asyncio.get_running_loop()
    bell = asyncio.Event()
    wait = _Wait(poller, watched, ask, bell)

    def ring(is_certain: bool) -> None:  # noqa: FBT001  # of the message, see `Ring`
        """End the wait for the next question, if the message brings it forward."""
        watched.rang(loop.time(), is_certain=is_certain)
        bell.set()

    if poller.is_closed:
        raise closed_client()
    with ExitStack() as stack:
        if inbox is not None:
            stack.enter_context(inbox.listen(watched.target, ring))
        scope = stack.enter_context(
            poller.until(None if seconds is None else loop.time() + seconds)
        )
        try:
            async with scope:
                return await wait.verdict()
        except TimeoutError:
            if poller.is_closed or seconds is None:
                raise closed_client() from None
            raise VerdictPending(seconds, watched.last, wait.failure) from None


class _Wait:
    def __init__(self, poller: Poller, watched: Watched, ask: Ask, bell: asyncio.Event) -> None:
        self._poller = poller
        self._ask = ask
        self._watched = watched
        self._bell = bell
        self.failure: AuditError | None = None

    async def verdict(self) -> Verdict:
        """Ask whenever it is due."""
        loop = asyncio.get_running_loop()
        while True:
            self._bell.clear()
            if (pause := self._watched.due - loop.time()) > 0:
                await self._pause(pause)
                continue
            verdict = await self._look()
            if verdict is not None:
                return verdict

    async def _look(self) -> Verdict | None:
        try:
            detail = await self._poller.look(self._watched, self._ask)
        except AuditError as error:
            if not is_passing(error):
                raise
            self.failure = error
            return None
        self.failure = None
        return self._watched.saw(detail)

    async def _pause(self, seconds: float) -> None:
        """Wait for a message, or so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            pass
