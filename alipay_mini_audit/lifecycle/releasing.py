"""`release`: a version that passed on its way to the users. The state is read before each step."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.lifecycle.release import (
    SHARES,
    Halt,
    Release,
    ReleaseKind,
    ReleasePolicy,
)
from alipay_mini_audit.models import Verdict, VerdictKind, VersionDetail, VersionStatus

__all__ = ["ReleaseCalls", "release"]

_LONGEST_SLEEP_SECONDS: Final = 30.0
"""So that a clock that is set is heeded."""
_BEFORE: Final = (
    VersionStatus.WAIT_RELEASE,
    VersionStatus.BASE_AUDIT_PASS,
    VersionStatus.PROMOTE_AUDIT_REJECT,
)
"""Where a version that may go online stands before anybody has it."""


class ReleaseCalls(Protocol):
    """The calls about one version."""

    async def detail(self) -> VersionDetail:
        """Ask where it stands."""
        ...

    async def gray_online(self, share: str) -> object:
        """Put it online for some of the users."""
        ...

    async def gray_cancel(self) -> object:
        """End its gray release."""
        ...

    async def online(self) -> object:
        """Put it online for everybody."""
        ...


async def release(
    calls: ReleaseCalls,
    verdict: Verdict,
    policy: ReleasePolicy,
    now: Callable[[], datetime.datetime],
    stop: asyncio.Event,
) -> Release:
    """Bring a version to the users.

    Args:
        calls: about the version.
        verdict: how its audit ended.
        policy: when and how.
        now: returns the time, aware.
        stop: once it is set nothing more is done.

    Raises:
        AuditError: a call failed; repeating goes on from where the version stands.
        Exception: whatever `health` raised, after the halt.
    """
    way = _Way(calls, verdict, policy, stop)
    if verdict.kind is not VerdictKind.PASSED:
        return way.ended(ReleaseKind.NOT_PASSED)
    if policy.manual:
        return way.ended(ReleaseKind.APPROVED)
    if policy.not_before is not None and await way.sleep_until(policy.not_before, now):
        return way.ended(ReleaseKind.STOPPED)
    return await way.go()


@final
@attrs.define
class _Way:
    calls: ReleaseCalls
    verdict: Verdict
    policy: ReleasePolicy
    stop: asyncio.Event
    status: VersionStatus | str = attrs.field(init=False)
    share: str | None = None
    _has_begun: bool = False

    def __attrs_post_init__(self) -> None:
        self.status = self.verdict.status

    def ended(self, kind: ReleaseKind) -> Release:
        """Return how it ended."""
        return Release(kind=kind, status=self.status, share=self.share, verdict=self.verdict)

    async def go(self) -> Release:
        """Take one step after another."""
        while not self.stop.is_set():
            detail = await self._look()
            if detail.status == VersionStatus.RELEASE:
                return self.ended(ReleaseKind.RELEASED)
            if not self._may_go_on(detail):
                return self.ended(ReleaseKind.TAKEN_OVER)
            if detail.status != VersionStatus.GRAY:
                await self._widen(None)
            end = await self._rest() if self.status == VersionStatus.GRAY else None
            if end is not None:
                return self.ended(end)
            if self.status == VersionStatus.RELEASE:
                return self.ended(ReleaseKind.RELEASED)
        return self.ended(ReleaseKind.STOPPED)

    async def sleep_until(
        self, moment: datetime.datetime, now: Callable[[], datetime.datetime]
    ) -> bool:
        """Wait for a moment; return `True` if it is told to stop before."""
        while (left := (moment - now()).total_seconds()) > 0:
            if await self._sleep(min(left, _LONGEST_SLEEP_SECONDS)):
                return True
        return False

    def _may_go_on(self, detail: VersionDetail) -> bool:
        if detail.status == VersionStatus.GRAY:
            return self.share in SHARES
        if detail.status == VersionStatus.PROMOTE_AUDIT_REJECT and not detail.can_release:
            return False
        return detail.status in _BEFORE and not self._has_begun

    async def _rest(self) -> ReleaseKind | None:
        """Pause after a share, ask for the health, and go on; or say how it ended."""
        before = self.share
        if await self._sleep(self.policy.pause):
            return ReleaseKind.STOPPED
        detail = await self._look()
        if (detail.status, self.share) != (VersionStatus.GRAY, before):
            return None  # somebody has moved it: it is looked at anew
        if not await self._is_healthy(detail):
            return ReleaseKind.HALTED
        if self.stop.is_set():
            return ReleaseKind.STOPPED
        await self._widen(before)
        return None

    async def _is_healthy(self, detail: VersionDetail) -> bool:
        if self.policy.health is None:
            return True
        try:
            is_healthy = await self.policy.health(detail)
        except Exception:
            await self._halt()
            raise
        if not is_healthy:
            await self._halt()
        return is_healthy

    async def _halt(self) -> None:
        if self.policy.halt is Halt.CANCEL:
            await self.calls.gray_cancel()
            self.status, self.share = VersionStatus.WAIT_RELEASE, None

    async def _widen(self, share: str | None) -> None:
        following = self.policy.share_after(share)
        if following is None:
            await self.calls.online()
            self.status, self.share = VersionStatus.RELEASE, None
        else:
            await self.calls.gray_online(following)
            self.status, self.share = VersionStatus.GRAY, following
        self._has_begun = True

    async def _look(self) -> VersionDetail:
        detail = await self.calls.detail()
        self.status = detail.status or ""
        is_gray = detail.status == VersionStatus.GRAY
        self.share = (detail.gray_strategy or self.share) if is_gray else None
        return detail

    async def _sleep(self, seconds: float) -> bool:
        """Return `True` if it is told to stop before."""
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return False
        return True
