"""Verdicts of a batch whose machine has another time than the platform, and texts that are cut."""

import asyncio
import datetime
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    BatchEntry,
    BatchPolicy,
    ClientConfig,
    EntryState,
    MemoryJournal,
    Poll,
    Preflight,
    RetryPolicy,
    SqliteJournal,
    Submission,
    Timeouts,
    VerdictKind,
)
from alipay_mini_audit.batch import runner
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

DESC = "Orders can be filtered by shop, and refunds show their amounts."
SOON = Poll(0.05, 1.0)


class Clock:
    """The platform's."""

    offset = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gateway(material: Material, clock: Clock) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, clock=clock) as gateway:
        yield gateway


@pytest.fixture
async def client(gateway: SandboxGateway) -> AsyncIterator[AuditClient]:
    config = ClientConfig(
        base_url=gateway.base_url,
        preflight=Preflight.OFF,
        retry=RetryPolicy(attempts=1),
        timeouts=Timeouts(reply=0.5),
    )
    async with AuditClient(gateway.credentials, config) as client:
        yield client


def night() -> list[Submission]:
    return [Submission("shop-1", AuditApply(app_version="1.0.0", version_desc=DESC))]


async def followed(client: AuditClient, journal: MemoryJournal | SqliteJournal) -> list[BatchEntry]:
    return [e async for e in client.follow(journal, token_for=lambda _: None, poll=SOON)]


@pytest.mark.parametrize("hours", [-3, 3])
@pytest.mark.parametrize("is_lost", [False, True])
async def test_a_clock_that_is_set_during_the_night_changes_no_verdict(
    gateway: SandboxGateway,
    client: AuditClient,
    monkeypatch: pytest.MonkeyPatch,
    hours: int,
    *,
    is_lost: bool,
) -> None:
    def before_it_was_set() -> Callable[[], float]:
        return lambda: time.time() + hours * 3600

    monkeypatch.setattr(runner, "RunClock", before_it_was_set)
    if is_lost:
        gateway.faults.add(Fault.HANG_AFTER_ACCEPTING, operation="apply")
    policy = BatchPolicy(unknown_window=0.2)
    async with MemoryJournal() as journal:
        (entry,) = [e async for e in client.submit_many(night(), journal=journal, policy=policy)]
        assert entry.state is EntryState.DONE
        gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="The logo is blurred.")
        (entry,) = await followed(client, journal)
        assert (entry.state, entry.reason) == (EntryState.REJECTED, "The logo is blurred.")


async def test_a_reason_that_was_cut_within_a_character_can_be_written_down(
    gateway: SandboxGateway, client: AuditClient, tmp_path: Path
) -> None:
    async with SqliteJournal(tmp_path / "night.journal") as journal:
        assert [e async for e in client.submit_many(night(), journal=journal)]
        gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="The logo is blurred \ud83d")
        (entry,) = await followed(client, journal)
        assert entry.reason == "The logo is blurred \ufffd"


async def test_what_a_person_submits_five_minutes_later_is_another_submission(
    gateway: SandboxGateway, client: AuditClient, clock: Clock
) -> None:
    async with MemoryJournal() as journal:
        (entry,) = [e async for e in client.submit_many(night(), journal=journal)]
        assert entry.state is EntryState.DONE
        await client.cancel("1.0.0")
        clock.offset = 300
        await client.apply(night()[0].request)
        gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="Of another submission.")
        (entry,) = await followed(client, journal)
        assert entry.state is EntryState.DONE
        assert entry.verdict is not None
        assert entry.verdict.kind is VerdictKind.TAKEN_OVER


async def test_an_earlier_submission_that_is_still_shown_is_waited_out(
    gateway: SandboxGateway, client: AuditClient, clock: Clock
) -> None:
    clock.offset = -540
    before = await client.apply(night()[0].request)
    gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="Of the submission before.")
    assert before.meta.platform_time is not None
    later = before.meta.platform_time + datetime.timedelta(minutes=15)  # nothing shows it yet
    waiting = asyncio.create_task(
        client.wait_for_verdict("1.0.0", poll=Poll(1.5, 1.0), submitted_at=later)
    )
    calls = gateway.calls
    while gateway.calls == calls:  # noqa: ASYNC110  # the gateway tells nobody
        await asyncio.sleep(0.005)
    clock.offset = 360
    await client.versions.cancel_audited("1.0.0")
    await client.apply(night()[0].request)
    assert not waiting.done()
    gateway.decide("1.0.0", "WAIT_RELEASE")
    assert (await asyncio.wait_for(waiting, 5)).kind is VerdictKind.PASSED


async def test_a_moment_of_nowhere_is_refused(client: AuditClient) -> None:
    moment = datetime.datetime(2026, 11, 26)  # noqa: DTZ001  # that is the mistake
    with pytest.raises(TypeError, match="submitted_at"):
        await client.wait_for_verdict("1.0.0", submitted_at=moment)
