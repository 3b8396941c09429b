"""Journals that are followed, with a platform that is played by the test."""

import asyncio
import datetime
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest

from alipay_mini_audit import (
    ApiError,
    BatchEntry,
    BatchError,
    ConfigurationError,
    EntryState,
    Inbox,
    MemoryJournal,
    Poll,
    SqliteJournal,
    VerdictKind,
    VersionDetail,
)
from alipay_mini_audit.batch import Binding
from alipay_mini_audit.batch.journal.row import Claim, Identity, Settlement
from alipay_mini_audit.batch.pace import Pace
from alipay_mini_audit.errors import AuditError
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.notifications import AuditRejected
from alipay_mini_audit.verdicts import Poller, Target, follow_journal

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
BINDING = Binding(app_id="app", base_url="http://127.0.0.1:1")
FAST = Poll(0.01, 1.0)
NEVER = Poll(3600.0)


class Played:
    """A platform that the test decides at."""

    binding = BINDING

    def __init__(self) -> None:
        self.status: dict[str, str] = {}
        self.failing: dict[str, AuditError] = {}
        self.submitted = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        self.asked: Counter[str] = Counter()
        self.tokens: set[tuple[str, str | None]] = set()
        self.pollers: list[Poller] = []

    async def ask(self, target: Target) -> VersionDetail:
        version = target.app_version
        self.asked[version] += 1
        self.tokens.add((version, target.app_auth_token))
        await asyncio.sleep(0)
        if version in self.failing:
            raise self.failing[version]
        return VersionDetail(
            app_version=version,
            status=self.status.get(version, "AUDITING"),
            reject_reason="Logo blurred" if self.status.get(version) == "AUDIT_REJECT" else None,
            gmt_apply_audit=self.submitted,
            meta=META,
        )

    @contextmanager
    def poller(self, pace: Pace) -> Iterator[Poller]:
        self.pollers.append(Poller(pace))
        yield self.pollers[-1]


@pytest.fixture(params=["memory", "sqlite"])
async def journal(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[MemoryJournal | SqliteJournal]:
    kind = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "night")
    async with kind as journal:
        yield journal


async def submit(journal: MemoryJournal | SqliteJournal, count: int) -> None:
    """Have some entries accepted, and one refused."""
    names = [Identity(f"shop-{n}", f"0.0.{n}") for n in range(1, count + 2)]
    async with journal.run(BINDING) as run:
        claims = [Claim(identity=name, mini_app=f"mini-{name.key}") for name in names]
        for claimed in await run.claim(claims):
            row = claimed.row
            now = datetime.datetime.now(datetime.UTC).timestamp()
            place = await run.begin(row.identity, row.epoch, at=now, stamp="s", quota=None)
            is_last = row.identity == names[-1]
            state = EntryState.REFUSED if is_last else EntryState.DONE
            await run.settle(row.identity, place.row.epoch, Settlement(state=state))


def token_for(entry: BatchEntry) -> str:
    return f"token-{entry.key}"


async def told(
    platform: Played,
    journal: MemoryJournal | SqliteJournal,
    poll: Poll = FAST,
    inbox: Inbox | None = None,
    stop: asyncio.Event | None = None,
) -> list[BatchEntry]:
    following = follow_journal(platform, journal, token_for, poll, inbox, stop)
    return [entry async for entry in following]


async def test_each_entry_that_was_submitted_comes_to_its_verdict(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    platform = Played()
    await submit(journal, 5)
    platform.status = {
        "0.0.1": "WAIT_RELEASE",
        "0.0.2": "AUDIT_REJECT",
        "0.0.3": "RELEASE",
        "0.0.4": "OFFLINE",
        "0.0.5": "INIT",
    }
    entries = {entry.key: entry for entry in await told(platform, journal)}
    found = {key: (entry.state, entry.reason) for key, entry in entries.items()}
    assert found == {
        "shop-1": (EntryState.PASSED, ""),
        "shop-2": (EntryState.REJECTED, "Logo blurred"),
        "shop-3": (EntryState.ONLINE, ""),
        "shop-4": (EntryState.DONE, "submitted again, or taken offline"),
        "shop-5": (EntryState.DONE, "withdrawn from audit"),
    }
    rows = {row.identity.key: row async for row in journal.entries()}
    for key, entry in entries.items():
        assert rows[key].state is entry.state
        assert rows[key].verdict == entry.verdict
        assert rows[key].verdict_at is not None
        assert entry.verdict is not None
        assert entry.verdict.detail is not None
    assert rows["shop-6"].state is EntryState.REFUSED
    assert rows["shop-6"].verdict is None
    assert platform.tokens == {(f"0.0.{n}", f"token-shop-{n}") for n in range(1, 6)}
    before = platform.asked.total()
    assert await told(platform, journal) == []
    assert platform.asked.total() == before


async def test_it_goes_on_where_it_was_left(journal: MemoryJournal | SqliteJournal) -> None:
    platform, found = Played(), []
    await submit(journal, 20)
    platform.status = {f"0.0.{n}": "WAIT_RELEASE" for n in range(1, 11)}
    following = follow_journal(platform, journal, token_for, NEVER, None, None)
    async with aclosing(following):
        async for entry in following:
            found.append(entry.key)
            if len(found) == 10:
                break
    platform.status |= {f"0.0.{n}": "AUDIT_REJECT" for n in range(11, 21)}
    found += [entry.key for entry in await told(platform, journal)]
    assert Counter(found) == {f"shop-{n}": 1 for n in range(1, 21)}


async def test_what_was_submitted_again_meanwhile_is_known_after_a_pause_too(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    platform, stop = Played(), asyncio.Event()
    await submit(journal, 1)
    following = asyncio.create_task(told(platform, journal, NEVER, None, stop))
    while [row.audit_since async for row in journal.entries(EntryState.DONE)] == [None]:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.005)
    stop.set()
    assert await following == []
    platform.submitted += datetime.timedelta(seconds=1)
    platform.status["0.0.1"] = "WAIT_RELEASE"
    (entry,) = await told(platform, journal)
    assert entry.state is EntryState.DONE
    assert entry.verdict is not None
    assert entry.verdict.kind is VerdictKind.TAKEN_OVER


async def test_another_version_than_was_sent_is_no_verdict_of_it(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    platform = Played()  # as if a token of another merchant had been given
    await submit(journal, 1)
    platform.submitted -= datetime.timedelta(days=3)
    platform.status["0.0.1"] = "WAIT_RELEASE"
    (entry,) = await told(platform, journal)
    assert entry.verdict is not None
    assert entry.verdict.kind is VerdictKind.TAKEN_OVER


async def test_a_message_brings_the_question_forward(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    platform, inbox = Played(), Inbox()
    await submit(journal, 30)
    following = asyncio.create_task(told(platform, journal, NEVER, inbox))
    while len(platform.asked) < 30:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.005)
    for n in range(30, 0, -1):
        platform.status[f"0.0.{n}"] = "AUDIT_REJECT"
        inbox.put(AuditRejected(notify_id=f"{n}", mini_app_id=f"mini-shop-{n}"))
    entries = await asyncio.wait_for(following, 20)
    assert {entry.state for entry in entries} == {EntryState.REJECTED}
    assert platform.asked.total() <= 60
    assert not inbox._rings


async def test_one_that_fails_for_good_ends_no_other(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    platform = Played()
    await submit(journal, 2)
    platform.failing["0.0.1"] = ApiError("invalid-app-auth-token", "")
    platform.status["0.0.2"] = "WAIT_RELEASE"
    entries = {entry.key: entry for entry in await told(platform, journal)}
    assert entries["shop-1"].error is platform.failing["0.0.1"]
    assert entries["shop-1"].state is EntryState.DONE
    assert entries["shop-1"].verdict is None
    assert entries["shop-2"].state is EntryState.PASSED
    del platform.failing["0.0.1"]
    platform.status["0.0.1"] = "WAIT_RELEASE"
    (entry,) = await told(platform, journal)
    assert entry.state is EntryState.PASSED


async def test_closing_the_client_ends_it(journal: MemoryJournal | SqliteJournal) -> None:
    platform = Played()
    await submit(journal, 3)
    following = asyncio.create_task(told(platform, journal, NEVER))
    while len(platform.asked) < 3:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.005)
    platform.pollers[0].close()
    with pytest.raises(ConfigurationError):
        await following


async def test_a_journal_is_followed_by_one_at_a_time_and_fenced(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    platform = Played()
    await submit(journal, 3)
    first = asyncio.create_task(told(platform, journal))
    while len(platform.asked) < 3:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.005)
    with pytest.raises(BatchError) as raised:
        await told(platform, journal)
    assert raised.value.code == "journal_locked"
    over = follow_journal(platform, journal, token_for, FAST, None, None, take_over=True)
    platform.status = {f"0.0.{n}": "WAIT_RELEASE" for n in range(1, 4)}
    entries = [entry async for entry in over]
    assert len(entries) == 3
    with pytest.raises(BatchError) as raised:
        await first
    assert raised.value.code == "batch_superseded"


async def test_a_stop_breaks_off_what_is_asked_and_leaves_nothing(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    platform, stop, before = Played(), asyncio.Event(), asyncio.all_tasks()
    await submit(journal, 3)

    async def hang(_: BatchEntry) -> str | None:
        await asyncio.sleep(3600)
        return None

    following = follow_journal(platform, journal, hang, FAST, None, stop)
    asking = asyncio.ensure_future(anext(following, None))
    await asyncio.sleep(0.05)
    stop.set()
    assert await asyncio.wait_for(asking, 5) is None
    assert asyncio.all_tasks() == before


async def test_a_worker_that_is_cancelled_is_no_quiet_end(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    await submit(journal, 3)

    def cancels(_: BatchEntry) -> str | None:
        raise asyncio.CancelledError

    following = follow_journal(Played(), journal, cancels, FAST, None, None)
    with pytest.raises(BatchError) as raised:
        await anext(following)
    assert raised.value.code == "batch_stopped"


async def test_what_asks_for_a_token_may_wait_and_may_raise(
    journal: MemoryJournal | SqliteJournal,
) -> None:
    platform = Played()
    await submit(journal, 1)

    async def slowly(entry: BatchEntry) -> str | None:
        await asyncio.sleep(0)
        raise LookupError(entry.key)

    following = follow_journal(platform, journal, slowly, FAST, None, None)
    with pytest.raises(LookupError, match="shop-1"):
        await anext(following)
