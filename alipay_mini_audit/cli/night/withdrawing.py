"""`Withdrawing`: takes one rejected version back, and finds out what a lost call has done.

Each attempt looks anew and withdraws at once after it. What has moved between two attempts is not
what was rejected, and a call that is repeated without a look could take an approval away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar, final

import attrs

from alipay_mini_audit.batch import Row
from alipay_mini_audit.batch.pace import Pace
from alipay_mini_audit.cli.calls.statuses import is_rejected
from alipay_mini_audit.cli.night.taken import Fate, Taken
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.errors import (
    ApiError,
    BatchError,
    CallError,
    Outcome,
    RateLimited,
    SigningError,
    StateConflict,
    ValidationError,
)
from alipay_mini_audit.models import VersionDetail, VersionStatus
from alipay_mini_audit.retry import RetryPolicy

__all__ = ["ONCE", "Withdrawing"]

ONCE: Final = RetryPolicy(attempts=1, resolve=False)
"""For the client: what follows a failure is decided here."""
_FAILURES: Final = (CallError, SigningError, ValidationError)
_MOMENTS: Final = 2
"""Of the pace, taken before the look: the call after it must not wait for one."""
_LOST: Final = (Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE)
_Reply = TypeVar("_Reply")
_Failure = CallError | SigningError | ValidationError


@final
@attrs.define(kw_only=True, eq=False)
class Withdrawing:
    """The way of one version back to development.

    Attributes:
        row: of the journal.
        client: view for the merchant, which makes each call `ONCE`.
        pace: of the application.
        retry: how many attempts there are, and what lies between them.
        stop: ends every wait.
        pace_error: why the pace could not be told of an answer; `None` if it could.
    """

    row: Row
    client: AuditClient
    pace: Pace
    retry: RetryPolicy
    stop: asyncio.Event
    pace_error: BatchError | None = None
    _status: str = ""
    _submitted: float | None = None
    _is_changing: bool = False
    _is_done: bool = False
    _doubt: _Failure | None = None
    _refusal: StateConflict | None = None
    _error: _Failure | None = None
    _closes: float = float("-inf")

    def __attrs_post_init__(self) -> None:
        self._submitted = self.row.audit_since

    async def go(self) -> Taken | None:
        """Take it back if it stands as it was rejected.

        Returns:
            What became of it; `None` if it was stopped before anything was asked.

        Raises:
            BatchError: the pace cannot be kept; nothing was asked.
        """
        number = 0
        while True:
            number += 1
            try:
                if not await self._moments():
                    return self._failed() if self._error is not None else None
            except BatchError as error:
                if self._error is None:
                    raise
                self.pace_error = error
                return self._failed()
            try:
                return await self._attempt(may_change=number <= self.retry.attempts)
            except _FAILURES as error:
                self._learn(error)
            is_last = number >= self.retry.attempts and not self._has_to_look()
            if is_last or not self._may_go_on() or not await self._pause(self._delay(number)):
                return self._failed()

    def cut(self) -> Taken:
        """Return what is known if the work is cancelled now."""
        if self._is_done:
            return Taken(row=self.row, fate=Fate.TAKEN_BACK, status=self._status)
        is_open = self._is_changing or self._doubt is not None
        fate = Fate.UNKNOWN if is_open else Fate.NOT_SENT
        return Taken(row=self.row, fate=fate, status=self._status if is_open else "")

    async def _attempt(self, *, may_change: bool) -> Taken:
        seen = self._seen(await self._look())
        if seen is None and self._doubt is not None:
            if not may_change or not await self._pause(self._closes - _now()):
                return self._failed()
            seen = self._seen(await self._look())
        if seen is not None:
            return seen
        self._is_changing = True
        identity = self.row.identity
        bundle = identity.bundle_id or None
        call = self.client.versions.cancel_audited(identity.app_version, bundle_id=bundle)
        await self._told(call, changes=True)
        return Taken(row=self.row, fate=Fate.TAKEN_BACK, status=self._status)

    async def _look(self) -> VersionDetail:
        self._is_changing = False
        identity = self.row.identity
        bundle = identity.bundle_id or None
        detail = await self._told(
            self.client.version_detail(identity.app_version, bundle_id=bundle), changes=False
        )
        if not detail.status:
            raise CallError(
                "The platform does not say where the version stands.", outcome=Outcome.NOT_SENT
            )
        return detail

    def _seen(self, detail: VersionDetail) -> Taken | None:
        """Return how it ends, by where the version stands; `None` if it is to be withdrawn."""
        stands = str(detail.status or "")
        applied = detail.gmt_apply_audit
        submitted = None if applied is None else applied.timestamp()
        is_another = None not in (submitted, self._submitted) and submitted != self._submitted
        if is_rejected(detail) and not is_another:
            if self._refusal is not None:
                return self._failed()
            self._submitted = submitted if self._submitted is None else self._submitted
            self._status = stands
            return None
        if self._doubt is not None:
            is_back = detail.status == VersionStatus.INIT
            return (
                Taken(row=self.row, fate=Fate.TAKEN_BACK, status=self._status)
                if is_back
                else self._failed()
            )
        return Taken(row=self.row, fate=Fate.LEFT_ALONE, status=stands, is_another=bool(is_another))

    def _learn(self, error: _Failure) -> None:
        self._error = error
        if not self._is_changing:
            return
        if error.outcome in _LOST:
            self._doubt = error
            self._closes = _now() + self.retry.unknown_window
        elif isinstance(error, StateConflict):
            self._refusal = error

    def _has_to_look(self) -> bool:
        """Say whether the last call may have changed it, or met a version that somebody moved."""
        return self._is_changing and self._error in (self._doubt, self._refusal)

    def _may_go_on(self) -> bool:
        error = self._error
        if error is None or self._has_to_look():
            return True
        return error.is_repeatable or (not self._is_changing and error.outcome in _LOST)

    def _delay(self, number: int) -> float:
        """Return the seconds before the next attempt; after a throttled one the pace knows them.

        After a refusal too, for what the platform shows may lag.
        """
        is_lost = self._is_changing and self._error is self._doubt
        if self._error is None or is_lost or isinstance(self._error, RateLimited):
            return 0.0
        return self.retry.delay_after(number, self._error)

    def _failed(self) -> Taken:
        if self._doubt is not None:
            return Taken(row=self.row, fate=Fate.UNKNOWN, status=self._status, error=self._doubt)
        error = self._refusal or self._error
        assert error is not None  # noqa: S101
        is_of_change = self._is_changing or error is self._refusal
        return Taken.failed(self.row, self._status if is_of_change else "", error)

    async def _moments(self) -> bool:
        """Wait until the pace lets two calls go; `False` if it is stopped before."""
        for _ in range(_MOMENTS):
            if not await self._unless_stopped(self.pace.moment()):
                return False
        return True

    async def _unless_stopped(self, work: Awaitable[object]) -> bool:
        task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                return False
            task.result()
            return True
        finally:
            task.cancel()
            stopped.cancel()
            await asyncio.gather(task, stopped, return_exceptions=True)

    async def _pause(self, seconds: float) -> bool:
        """Wait; `False` if it is stopped before."""
        if seconds <= 0:
            return not self.stop.is_set()
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return True
        return False

    async def _told(self, call: Awaitable[_Reply], *, changes: bool) -> _Reply:
        """Make a call, and tell the pace what the platform made of it.

        That the pace cannot be told must not hide the answer.
        """
        try:
            reply = await call
        except RateLimited as error:
            await self._tell(self.pace.throttled(error.retry_after))
            raise
        except ApiError:
            await self._tell(self.pace.accepted())
            raise
        self._is_done = changes
        await self._tell(self.pace.accepted())
        return reply

    async def _tell(self, telling: Awaitable[None]) -> None:
        try:
            await telling
        except BatchError as error:
            self.pace_error = error


def _now() -> float:
    return asyncio.get_running_loop().time()
