"""`EntrySteps`: the steps of one entry, as `next_step` orders them: recall, send, ask."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final, final

import attrs

from alipay_mini_audit.batch.budget import Bandwidth, Budget
from alipay_mini_audit.batch.content import Fingerprint
from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.gate import EntryGate, Withheld
from alipay_mini_audit.batch.item import Item
from alipay_mini_audit.batch.journal.actions import superseded
from alipay_mini_audit.batch.journal.changes import settled
from alipay_mini_audit.batch.journal.row import Place, Row, Settlement, Turn
from alipay_mini_audit.batch.journal.store import JournalRun
from alipay_mini_audit.batch.lookout import Lookout
from alipay_mini_audit.batch.next_step import closes_at
from alipay_mini_audit.batch.pace import Pace
from alipay_mini_audit.batch.platform import Platform
from alipay_mini_audit.batch.policy import BatchPolicy
from alipay_mini_audit.batch.quota import TemplateWatch, day_in_beijing, next_midnight
from alipay_mini_audit.batch.settling import (
    HOLD_REASONS,
    REASONS,
    after_answer,
    after_break,
    after_failure,
    after_reply,
    delay_after,
)
from alipay_mini_audit.calls import CLOCK_ALLOWANCE, Call
from alipay_mini_audit.concurrency import finish
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    BatchError,
    ConfigurationError,
    RateLimited,
)
from alipay_mini_audit.models import ApplyReply

__all__ = ["EntrySteps"]

_MOST_THROTTLES: Final = 50
_MOST_SUSPICIONS: Final = 5
_CHANGED: Final = "content changed"
_APART_SECONDS: Final = CLOCK_ALLOWANCE.total_seconds() + 1.0
"""More than the platform's times may be wrong by."""


@final
class EntrySteps:
    """Takes the steps of the entries of one run.

    Args:
        platform: makes the calls.
        journal: of the run.
        pace: says when a call may start.
        policy: of the batch.
        now: returns the time in seconds since 1970.
    """

    def __init__(
        self,
        platform: Platform,
        journal: JournalRun,
        pace: Pace,
        policy: BatchPolicy,
        now: Callable[[], float],
    ) -> None:
        self._platform = platform
        self._journal = journal
        self._pace = pace
        self._policy = policy
        self._now = now
        self._lookout = Lookout(platform)
        self._places = Budget(policy.concurrency)
        self._budget = Budget(policy.bytes_in_flight)
        rate = policy.max_bytes_per_second
        self._bandwidth = None if rate is None else Bandwidth(rate, time.monotonic)
        self._templates = TemplateWatch()
        self._used_up: dict[str, str] = {}

    async def recall(self, item: Item) -> None:
        """Compare an entry with what was sent before, and say so if it is another now."""
        row = item.row
        item.is_recalled = True
        if not row.attempts or row.state is EntryState.PLANNED:
            return
        is_same = await self._lookout.is_same(row, item.submission)
        if is_same and row.state.is_submitted:
            item.verdict = (row.state, REASONS[EntryState.DONE])
        if is_same:
            return
        if row.state is EntryState.REFUSED or self._policy.changed == "send":
            if row.state is EntryState.REFUSED or row.state.is_submitted:
                item.plan_anew(self._apart(row))
            item.is_changed = True
            return
        if row.former is not None and await self._lookout.is_same(row.former, item.submission):
            item.is_changed = True  # if what is in doubt was lost, there is nothing to send
            return
        item.verdict = (EntryState.HELD, _CHANGED)

    async def send(self, item: Item) -> None:
        """Send an entry once, and write down what becomes of it."""
        if await self._rests(item) or await self._is_stopped(item):
            return
        try:
            call, fingerprint = await self._lookout.look(item.submission)
        except ConfigurationError:
            raise
        except AuditError as error:
            await self._failed(item, error)
            return
        if await self._is_back(item, fingerprint):
            return
        if item.row.doubt_since is not None:  # that doubt may be about other content
            item.is_changed = not await self._lookout.is_last(item.row, fingerprint)
        item.problems = call.warnings
        async with self._places.hold(1) as leave, self._budget.hold(call.size) as give_back:
            if await self._turn(item):
                await self._attempt(item, call, fingerprint, give_back, leave)

    async def ask(self, item: Item) -> None:
        """Ask what became of an entry, and write it down."""
        row = item.row
        try:
            async with self._places.hold(1):
                await self._pace.moment()
                asked_at = self._now()
                since = row.sending_at if row.doubt_since is None else row.doubt_since
                ago = 0.0 if since is None else max(0.0, asked_at - since)
                found = await self._platform.ask(item.submission, ago)
        except ConfigurationError:
            raise
        except AuditError as error:
            await self._heard(error)
            item.error = error
            item.failed_questions += 1
            retry_at = self._now() + delay_after(item.failed_questions)
            item.row = attrs.evolve(row, retry_at=retry_at)
            return
        await self._pace.accepted()
        item.failed_questions = 0
        settlement = after_answer(row, found, asked_at, self._policy.unknown_window)
        if settlement.state is EntryState.DONE and item.is_changed:
            await self._settle(item, settlement)  # that was its content of before
            if self._policy.changed == "send":
                item.plan_anew(self._apart(item.row))
            else:
                item.verdict = (EntryState.HELD, _CHANGED)
            return
        if settlement.state is EntryState.DONE and found.detail is not None:
            item.reply = ApplyReply(meta=attrs.evolve(found.detail.meta, resolved=True))
        await self._settle(item, settlement)
        if item.is_changed and item.standing is not None:
            is_back = await self._is_back(item, None)
            if not is_back and self._policy.changed != "send":
                item.verdict = (EntryState.HELD, _CHANGED)

    async def _is_back(self, item: Item, fingerprint: Fingerprint | None) -> bool:
        """Say whether an entry is what was accepted before again; then it is done.

        Args:
            item: the entry.
            fingerprint: of what would be sent; `None` if it was not looked at.
        """
        row = item.standing
        if row is None or not row.state.is_submitted:
            return False
        if fingerprint is None:
            is_same = await self._lookout.is_same(row, item.submission)
        else:
            is_same = await self._lookout.is_last(row, fingerprint)
        if is_same:
            item.row, item.verdict = row, (row.state, REASONS[EntryState.DONE])
        return is_same

    def _apart(self, row: Row) -> float:
        """Return from when on what is sent differs in time from what was accepted before.

        The platform tells the one from the other by the time of its acceptance alone.
        """
        if not row.state.is_submitted:
            return 0.0
        return min(self._now(), closes_at(row, self._policy.unknown_window)) + _APART_SECONDS

    async def _is_stopped(self, item: Item) -> bool:
        """Say whether it is on hold or skipped, so that it takes no time of the others."""
        if not item.may_be_stopped:
            return False
        row = item.row
        place = await self._journal.look(row.identity, row.epoch, anew=item.is_anew)
        if place.turn is Turn.GO:
            return False
        await self._withheld(item, place)
        return True

    async def _rests(self, item: Item) -> bool:
        """Say whether its template rests; then it is deferred, or waits for a moment."""
        template = item.row.template
        now = self._now()
        has_place = item.row.quota_day == day_in_beijing(now) and not item.is_anew
        is_used_up = self._used_up.get(template) == day_in_beijing(now) and not has_place
        if is_used_up or self._templates.rests(template, now):
            await self._defer(item)
            return True
        until = self._templates.waits_until(template, now)
        if until:
            item.row = attrs.evolve(item.row, retry_at=until)
        return bool(until)

    async def _turn(self, item: Item) -> bool:
        """Wait until a call may start; `False` if that is too late."""
        if self._policy.until is None:
            await self._pace.moment()
            return True
        until = self._policy.until.timestamp()
        if until > self._now():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(until - self._now()):
                    await self._pace.moment()
                    return True
        item.row = attrs.evolve(item.row, retry_at=until)
        return False

    async def _attempt(
        self,
        item: Item,
        call: Call,
        fingerprint: Fingerprint,
        give_back: Callable[[], None],
        leave: Callable[[], None],
    ) -> None:
        hashes = self._lookout.in_passing()
        gate = EntryGate(
            self._journal,
            item.row,
            stamp=fingerprint.stamp,
            anew=item.is_anew or item.is_changed,
            doubt_since=None if item.is_changed else item.row.doubt_since,
            on_begin=item.begins,
            quota=self._policy.template_quota if item.row.template else None,
            bandwidth=self._bandwidth,
            hashes=hashes,
            on_sent=give_back,  # while it waits for its answer the next one may be sent
            now=self._now,
            clock=time.monotonic,
        )
        try:
            try:
                reply = await self._platform.submit(call, gate)
            finally:
                give_back()
                leave()  # while its outcome is written down the next one may be sent
                if gate.has_begun:
                    item.standing, item.is_changed = None, False
                digest = fingerprint.digest_of({} if hashes is None else hashes.whole)
        except Withheld as held:
            await self._withheld(item, held.place)
        except (ConfigurationError, BatchError) as error:
            await self._left(item, gate, error)
            raise
        except AuditError as error:
            item.row = gate.row
            await finish(self._failed(item, error, digest if gate.has_begun else None))
            if gate.has_begun:
                await self._note(item, fingerprint)
        except asyncio.CancelledError:
            await finish(self._left(item, gate, None))
            raise
        else:
            item.row, item.reply, item.error = gate.row, reply, None
            self._templates.accepted(item.row.template)
            await finish(self._settle(item, after_reply(reply, digest)))
            await self._pace.accepted()
            await self._note(item, fingerprint)

    async def _note(self, item: Item, fingerprint: Fingerprint) -> None:
        """Write down the digest of what was sent, if it was not known with the outcome."""
        row = item.row
        if row.digest or item.is_anew or row.state is EntryState.PLANNED:
            return
        if found := await self._lookout.digest_of(fingerprint):
            same = Settlement(
                state=row.state,
                reason=row.reason,
                is_repeatable=row.is_repeatable,
                code=row.code,
                retry_at=row.retry_at,
                digest=found,
            )
            await self._settle(item, same)

    async def _left(self, item: Item, gate: EntryGate, error: AuditError | None) -> None:
        """Write down that an attempt was broken off."""
        if not gate.has_begun:
            return
        item.row = gate.row
        with contextlib.suppress(BatchError):  # the row stays `sending`, which is as good
            await self._settle(
                item, after_break(gate.row, error, self._now(), may_have_left=gate.may_have_left)
            )

    async def _withheld(self, item: Item, place: Place) -> None:
        item.row = place.row
        match place.turn:
            case Turn.HELD if place.held_by is not None:
                await self._settle(
                    item, Settlement(state=EntryState.HELD, reason=HOLD_REASONS[place.held_by])
                )
            case Turn.SKIPPED:
                reason = REASONS[EntryState.SKIPPED]
                await self._settle(item, Settlement(state=EntryState.SKIPPED, reason=reason))
            case Turn.NO_QUOTA:
                self._used_up[item.row.template] = day_in_beijing(self._now())
                await self._defer(item)
            case _:
                raise superseded()

    async def _defer(self, item: Item) -> None:
        await self._settle(item, self._deferral(item))

    def _deferral(self, item: Item) -> Settlement:
        until = next_midnight(self._now())
        item.deferred_until = until
        reason = REASONS[EntryState.DEFERRED]
        return Settlement(state=EntryState.DEFERRED, reason=reason, retry_at=until)

    async def _failed(self, item: Item, error: AuditError, digest: str | None = None) -> None:
        """Write down how an attempt failed, or that none could be made."""
        row = item.row
        item.note(error)
        item.unsent += row.state is not EntryState.SENDING
        settlement = after_failure(row, error, self._now(), delay_after(row.tries + item.unsent))
        if isinstance(error, RateLimited):
            item.throttles += 1
            if item.throttles > _MOST_THROTTLES:
                settlement = attrs.evolve(settlement, refunds_try=False)
        if isinstance(error, ApiError) and settlement.state is EntryState.REFUSED:
            settlement = self._suspect(item, error, settlement)
        await self._settle(item, attrs.evolve(settlement, digest=digest))
        await self._heard(error)

    def _suspect(self, item: Item, error: ApiError, refused: Settlement) -> Settlement:
        """Return what a refusal makes of an entry if it may mean that a quota is used up."""
        template, now = item.row.template, self._now()
        item.suspicions += 1
        if item.suspicions > _MOST_SUSPICIONS:
            return refused
        self._templates.refused(template, error.code, now)
        if self._templates.rests(template, now):
            deferred = self._deferral(item)
            facts = {name: getattr(deferred, name) for name in ("state", "reason", "retry_at")}
            return attrs.evolve(refused, code="", **facts)
        if until := self._templates.waits_until(template, now):
            return attrs.evolve(refused, state=EntryState.PLANNED, retry_at=until, refunds_try=True)
        return refused

    async def _heard(self, error: AuditError) -> None:
        """Tell the pace what an answer means for it."""
        if isinstance(error, RateLimited):
            await self._pace.throttled(error.retry_after)
        elif isinstance(error, ApiError):
            await self._pace.accepted()

    async def _settle(self, item: Item, what: Settlement) -> None:
        if item.is_anew:
            item.row = settled(item.row, what, at=self._now(), owner=item.row.owner)
            return
        row = await self._journal.settle(item.row.identity, item.row.epoch, what)
        if row is None:
            raise superseded()
        if row.state is not what.state:  # what was accepted before stands again
            item.standing = row
            row = attrs.evolve(item.row, former=None)
            row = settled(row, what, at=self._now(), owner=row.owner)
        item.row = row
