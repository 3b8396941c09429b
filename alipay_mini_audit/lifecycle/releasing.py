"""`release`: a version that passed on its way to the users. The state is read before each step."""

from __future__ import annotations

import asyncio
import datetime
import inspect
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.lifecycle.release_policy import (
    SHARES,
    Halt,
    Health,
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


Pause = Callable[[asyncio.Event, float], Awaitable[bool]]


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
    pause: Pause,
) -> Release:
    """Bring a version to the users.

    Args:
        calls: about the version.
        verdict: how its audit ended.
        policy: when and how.
        now: returns the time, aware.
        stop: once it is set nothing more is done.
        pause: waits for an event, or so many seconds; returns whether it is set.

    Raises:
        AuditError: a call failed; repeating goes on from where the version stands.
        Exception: whatever `health` raised, after the halt.
    """
    way = _Way(calls, verdict, policy, stop, pause)
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
    pause: Pause
    status: VersionStatus | str = attrs.field(init=False)
    share: str | None = None

    def __attrs_post_init__(self) -> None:
        self.status = self.verdict.status

    def ended(self, kind: ReleaseKind) -> Release:
        """Return how it ended."""
        return Release(kind=kind, status=self.status, share=self.share, verdict=self.verdict)

    async def go(self) -> Release:
        """Take one step after another."""
        if self.stop.is_set():
            return self.ended(ReleaseKind.STOPPED)
        detail = await self._look()
        if detail.status == VersionStatus.RELEASE:
            return self.ended(ReleaseKind.RELEASED)
        if not self._may_begin(detail):
            return self.ended(ReleaseKind.TAKEN_OVER)
        if detail.status != VersionStatus.GRAY:
            await self._widen(None)
        end = None
        while end is None and self.status == VersionStatus.GRAY:
            end = await self._rest()
        return self.ended(end or ReleaseKind.RELEASED)

    async def sleep_until(
        self, moment: datetime.datetime, now: Callable[[], datetime.datetime]
    ) -> bool:
        """Wait for a moment; return `True` if it is told to stop before."""
        while (left := (moment - now()).total_seconds()) > 0:
            if await self.pause(self.stop, min(left, _LONGEST_SLEEP_SECONDS)):
                return True
        return False

    def _may_begin(self, detail: VersionDetail) -> bool:
        if self._is_another_submission(detail):
            return False
        if detail.status == VersionStatus.GRAY:
            return self.share in SHARES
        if detail.status == VersionStatus.PROMOTE_AUDIT_REJECT and not detail.can_release:
            return False
        return detail.status in _BEFORE

    def _is_another_submission(self, detail: VersionDetail) -> bool:
        times = {self.verdict.submitted_at, detail.gmt_apply_audit} - {None}
        return len(times) > 1

    async def _rest(self) -> ReleaseKind | None:
        """Pause after a share, ask for the health, and go on; or say how it ended."""
        share = self.share
        if await self.pause(self.stop, self.policy.pause):
            return ReleaseKind.STOPPED
        detail = await self._look()
        end = self._end_beside(detail, share) or await self._ask_health(detail, share)
        if end is None and self.stop.is_set():
            end = ReleaseKind.STOPPED
        if end is None:
            await self._widen(share)
        return end

    def _end_beside(self, detail: VersionDetail, share: str | None) -> ReleaseKind | None:
        """Say how it ended if somebody else has moved the version since it was left."""
        if detail.status == VersionStatus.RELEASE:
            return ReleaseKind.RELEASED
        is_as_left = (detail.status, self.share) == (VersionStatus.GRAY, share)
        if is_as_left and not self._is_another_submission(detail):
            return None
        return ReleaseKind.TAKEN_OVER

    async def _ask_health(self, detail: VersionDetail, share: str | None) -> ReleaseKind | None:
        """Ask for the health, which may take hours, and look again before anything is done."""
        if self.policy.health is None:
            return None
        try:
            is_healthy = await _answer_of(self.policy.health, detail)
        except Exception:
            if self._end_beside(await self._look(), share) is None:
                await self._halt()
            raise
        end = self._end_beside(await self._look(), share)
        if end is None and not is_healthy:
            await self._halt()
            end = ReleaseKind.HALTED
        return end

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

    async def _look(self) -> VersionDetail:
        detail = await self.calls.detail()
        self.status = detail.status or ""
        is_gray = detail.status == VersionStatus.GRAY
        self.share = (detail.gray_strategy or self.share) if is_gray else None
        return detail


async def _answer_of(health: Health, detail: VersionDetail) -> bool:
    answer: object = health(detail)
    if inspect.isawaitable(answer):
        answer = await answer
    if not isinstance(answer, bool):  # an async generator, say, would count as healthy
        raise TypeError(f"health: expected True or False, not a {type(answer).__name__}")
    return answer
