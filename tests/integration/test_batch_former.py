"""What was accepted stays in the journal, whatever becomes of other content of the same version."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import attrs
import pytest
from support.batches import Night, night

from alipay_mini_audit import (
    AuditApply,
    BatchEntry,
    BatchPolicy,
    EntryState,
    MemoryJournal,
    Submission,
)
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.sandbox import Fault, Material

SEND = BatchPolicy(changed="send", unknown_window=0.2)
SEND_ONCE = attrs.evolve(SEND, attempts=1)
REFUSED = Fault.answer("INVALID_LOGO")
SKEWED = Fault.clock_skew(-60)
"""What it accepts was accepted a minute ago, so that it can be told from what comes now."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other content waits for no moment of its own."""
    monkeypatch.setattr("alipay_mini_audit.batch.steps._APART_SECONDS", 0.0)
    monkeypatch.setattr("alipay_mini_audit.batch.quota._APART_SECONDS", 0.05)


@pytest.fixture
async def here(material: Material) -> AsyncIterator[Night]:
    async with night(material) as found:
        yield found


@pytest.fixture
async def journal() -> AsyncIterator[MemoryJournal]:
    async with MemoryJournal() as found:
        yield found


def entry_of(desc: str, key: str = "shop", version: str = "0.0.1") -> Submission:
    request = AuditApply(app_version=version, version_desc=desc)
    return Submission(key, request, mini_app=f"of {key}", template_id="ordinary")


FIRST, SECOND, THIRD = (entry_of(each) for each in ("First.", "Second.", "Third."))


async def run(
    here: Night, journal: MemoryJournal, what: Submission, policy: BatchPolicy = SEND
) -> BatchEntry:
    entries: list[BatchEntry] = await here.run([what], journal, policy)
    (entry,) = entries
    return entry


async def row_of(journal: MemoryJournal) -> Row:
    (row,) = [row async for row in journal.entries() if row.identity.key == "shop"]
    return row


async def accepted(
    here: Night, journal: MemoryJournal, policy: BatchPolicy = SEND, *, is_back: bool = False
) -> Callable[[], Awaitable[None]]:
    """Submit the first content, and return what sees that the journal says so.

    Args:
        here: the night.
        journal: of the night.
        policy: of the first run.
        is_back: somebody has withdrawn it since.
    """
    here.gateway.faults.add(SKEWED, operation="apply")
    assert (await run(here, journal, FIRST, policy)).state is EntryState.DONE
    if is_back:
        await here.client.cancel("0.0.1")
    before = await row_of(journal)

    async def see() -> None:
        row = await row_of(journal)
        counted = {name: getattr(row, name) for name in ("epoch", "attempts", "tries")}
        written = {name: getattr(row, name) for name in ("updated_at", "owner", "alive_until")}
        assert row == attrs.evolve(before, **counted, **written)

    return see


async def leave_in_doubt(here: Night, journal: MemoryJournal, what: Submission = SECOND) -> None:
    """Lose other content on its way, and end before the platform says so."""
    here.gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
    here.gateway.faults.add(Fault.UNSIGNED, operation="detail", times=None)
    leaving = asyncio.create_task(run(here, journal, what))
    async with asyncio.timeout(5):
        while (await row_of(journal)).state is not EntryState.UNKNOWN:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    leaving.cancel()
    await asyncio.wait([leaving])
    here.gateway.faults.clear()


async def test_it_stays_if_other_content_cannot_be_sent(
    here: Night, journal: MemoryJournal
) -> None:
    see = await accepted(here, journal)
    async with here.gateway.offline():
        entry = await run(here, journal, SECOND, SEND_ONCE)
    assert (entry.state, entry.reason) == (EntryState.PLANNED, "no connection")
    await see()
    entry = await run(here, journal, SECOND, BatchPolicy())
    assert (entry.state, entry.reason) == (EntryState.HELD, "content changed")
    entry = await run(here, journal, FIRST)
    assert (entry.state, entry.reason) == (EntryState.DONE, "already done")
    await see()
    assert len(here.gateway.arrivals) == 1


async def test_it_stays_while_other_content_waits_and_if_that_is_stopped(
    here: Night, journal: MemoryJournal
) -> None:
    see = await accepted(here, journal)
    here.gateway.faults.add(Fault.throttled(5), operation="apply")
    leaving = asyncio.create_task(run(here, journal, SECOND))
    async with asyncio.timeout(5):
        while (await row_of(journal)).attempts < 2 or (await row_of(journal)).former:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    await see()
    leaving.cancel()
    await asyncio.wait([leaving])
    await see()


@pytest.mark.parametrize("stop", ["hold", "skip"])
async def test_it_stays_if_an_operator_stops_other_content(
    here: Night, journal: MemoryJournal, stop: str
) -> None:
    see = await accepted(here, journal)
    async with here.gateway.offline():
        await run(here, journal, SECOND, SEND_ONCE)
    await (journal.hold(key="shop") if stop == "hold" else journal.skip(key="shop"))
    expected = EntryState.HELD if stop == "hold" else EntryState.SKIPPED
    assert (await run(here, journal, SECOND)).state is expected
    await see()


async def test_it_stays_if_other_content_was_lost_and_then_refused(
    here: Night, journal: MemoryJournal
) -> None:
    see = await accepted(here, journal, is_back=True)
    here.gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
    here.gateway.faults.add(REFUSED, operation="apply")
    entry = await run(here, journal, SECOND)
    assert (entry.state, entry.reason, entry.attempts) == (EntryState.REFUSED, "INVALID_LOGO", 3)
    await see()


@pytest.mark.parametrize("content", [FIRST, SECOND, THIRD])
async def test_it_stays_once_other_content_is_proved_lost(
    here: Night, journal: MemoryJournal, content: Submission
) -> None:
    see = await accepted(here, journal, is_back=True)
    await leave_in_doubt(here, journal)
    here.gateway.faults.add(REFUSED, operation="apply")
    entry = await run(here, journal, content)
    if content is FIRST:
        assert (entry.state, entry.reason) == (EntryState.DONE, "already done")
    else:
        assert (entry.state, entry.reason) == (EntryState.REFUSED, "INVALID_LOGO")
    assert entry.attempts == (2 if content is FIRST else 3)
    await see()


async def test_it_keeps_its_place_in_the_quota_of_its_template(
    here: Night, journal: MemoryJournal
) -> None:
    limited = attrs.evolve(SEND, template_quota=1)
    see = await accepted(here, journal, limited)
    here.gateway.faults.add(REFUSED, operation="apply")
    assert (await run(here, journal, SECOND)).state is EntryState.REFUSED  # counts no places
    await see()
    other = entry_of("Another one.", "other", "0.0.2")
    assert (await run(here, journal, other, limited)).state is EntryState.DEFERRED


async def test_a_refusal_that_may_be_of_a_quota_counts_no_try_of_other_content(
    here: Night, journal: MemoryJournal
) -> None:
    see = await accepted(here, journal)
    here.gateway.faults.add(Fault.answer("SYSTEM_LIMIT"), operation="apply", times=None)
    entry = await run(here, journal, SECOND, SEND_ONCE)
    assert (entry.state, entry.attempts) == (EntryState.DEFERRED, 4)
    assert entry.deferred_until is not None
    await see()


@pytest.mark.parametrize("is_lost", [True, False])
async def test_what_is_again_what_was_accepted_is_asked_for_whatever_the_policy(
    here: Night, journal: MemoryJournal, *, is_lost: bool
) -> None:
    see = await accepted(here, journal, is_back=True)
    request = attrs.evolve(FIRST.request, service_phone="13800000000")
    await leave_in_doubt(here, journal, attrs.evolve(FIRST, request=request))
    if not is_lost:  # it was on its way still
        await here.client.apply(request)
    entry = await run(here, journal, FIRST, BatchPolicy(unknown_window=0.2))
    if is_lost:
        assert (entry.state, entry.reason) == (EntryState.DONE, "already done")
        await see()
    else:
        assert (entry.state, entry.reason) == (EntryState.HELD, "content changed")
        row = await row_of(journal)
        assert (row.state, row.former) == (EntryState.DONE, None)
    assert len(here.gateway.submissions) == (1 if is_lost else 2)
