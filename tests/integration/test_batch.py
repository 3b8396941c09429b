"""Many submissions: each is done or has one clear reason, and nothing goes twice."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import attrs
import pytest
from support.batches import TIMEOUTS, Night, night, states, submissions

from alipay_mini_audit import (
    AuditApply,
    BatchEntry,
    BatchError,
    BatchPolicy,
    ConfigurationError,
    EntryState,
    MemoryJournal,
    Preflight,
    Problem,
    SqliteJournal,
    Submission,
)
from alipay_mini_audit.preflight import Subject
from alipay_mini_audit.sandbox import Fault, Material

QUICK = BatchPolicy(unknown_window=0.3)


@pytest.fixture
async def here(material: Material) -> AsyncIterator[Night]:
    async with night(material) as found:
        yield found


@pytest.fixture
async def impatient(material: Material) -> AsyncIterator[Night]:
    """As `here`, and nobody waits long for an answer that does not come."""
    async with night(material, timeouts=attrs.evolve(TIMEOUTS, reply=0.5)) as found:
        yield found


@pytest.fixture(params=["memory", "sqlite"])
async def journal(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[MemoryJournal | SqliteJournal]:
    made = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal")
    async with made as opened:
        yield opened


async def test_every_entry_is_accepted_once(
    here: Night, journal: MemoryJournal, tmp_path: Path
) -> None:
    entries = await here.run(submissions(60, tmp_path), journal)
    assert Counter(entry.state for entry in entries) == {EntryState.DONE: 60}
    assert all(entry.reply is not None and entry.error is None for entry in entries)
    assert all(entry.attempts == 1 for entry in entries)
    sent = Counter(each.fields["app_version"] for each in here.gateway.submissions)
    assert sent == Counter({f"0.0.{number}": 1 for number in range(1, 61)})
    assert (await journal.summary()).counts == {EntryState.DONE: 60}


async def test_what_is_done_is_told_at_once_and_no_file_is_opened(
    here: Night, journal: MemoryJournal, tmp_path: Path
) -> None:
    await here.run(submissions(20, tmp_path), journal)
    for number in range(1, 21):  # the time of the last change is another now
        tmp_path.joinpath(f"{number}.png").chmod(0o600)
    before = len(here.gateway.submissions)
    entries = await here.run(submissions(20, tmp_path), journal)
    assert {(entry.state, entry.reason) for entry in entries} == {(EntryState.DONE, "already done")}
    assert len(here.gateway.submissions) == before
    again = await here.run(submissions(20, tmp_path), journal)
    assert {entry.reason for entry in again} == {"already done"}


async def test_the_next_version_under_the_same_key_is_another_entry(
    here: Night, journal: MemoryJournal
) -> None:
    await here.run(submissions(1), journal)
    here.gateway.decide("0.0.1", "RELEASE")
    again = Submission(
        "shop-1", AuditApply(app_version="0.0.2", version_desc="Next."), mini_app="app-1"
    )
    (entry,) = await here.run([again], journal)
    assert (entry.state, entry.reason) == (EntryState.DONE, "")


async def test_one_failure_stops_no_other_entry(here: Night, tmp_path: Path) -> None:
    missing = Submission(
        "no-file",
        AuditApply(app_version="1.0.1", version_desc="It has no logo."),
        {"app_logo": tmp_path / "none.png"},
        mini_app="x",
    )
    here.gateway.faults.add(Fault.answer("INVALID_LOGO"), operation="apply")
    given = [missing, *submissions(10)]
    entries = await here.run(given, policy=BatchPolicy(concurrency=1))
    found = Counter((entry.state, entry.reason) for entry in entries)
    assert found == {
        (EntryState.INVALID, "file_not_found"): 1,
        (EntryState.REFUSED, "INVALID_LOGO"): 1,
        (EntryState.DONE, ""): 9,
    }
    (invalid,) = [entry for entry in entries if entry.state is EntryState.INVALID]
    assert [problem.path for problem in invalid.problems] == ["attachments.app_logo"]


async def test_a_rule_that_raises_fails_its_entry_and_stops_no_other(
    here: Night, journal: MemoryJournal
) -> None:
    def no_twos(subject: Subject) -> tuple[Problem, ...]:
        if subject.request.app_version == "0.0.2":
            raise LookupError("no row")
        return ()

    preflight = Preflight(refuse=None, extra_rules=(no_twos,))
    client = here.client.with_options(preflight=preflight)
    found = [each async for each in client.submit_many(submissions(3), journal=journal)]
    by_key = {entry.key: entry for entry in found}
    assert Counter(states(found).values()) == {EntryState.DONE: 2, EntryState.INVALID: 1}
    bad = by_key["shop-2"]
    assert bad.state is EntryState.INVALID
    assert bad.reason == "rule_failed: Preflight.extra_rules[0]"
    assert "no_twos raised LookupError" in str(bad.problems[0])
    assert {group.reason for group in (await journal.summary()).groups} == {"", bad.reason}


async def test_the_same_entry_twice_is_invalid_the_second_time(
    here: Night, journal: MemoryJournal
) -> None:
    given = [*submissions(2), *submissions(1)]
    other_key = Submission(
        "other", AuditApply(app_version="0.0.2", version_desc="Same app."), mini_app="app-2"
    )
    entries = await here.run([*given, other_key], journal, BatchPolicy(concurrency=1))
    assert Counter(entry.state for entry in entries) == {
        EntryState.DONE: 2,
        EntryState.INVALID: 2,
    }
    assert {entry.problems[0].code for entry in entries if entry.problems} == {"same_entry"}
    assert len(here.gateway.submissions) == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault.CLOSE_AFTER_ACCEPTING,
        Fault.HANG_AFTER_ACCEPTING,
        Fault.CUT_ANSWER,
        Fault.UNSIGNED,
        Fault.INTERNAL_ERROR_AFTER_ACCEPTING,
    ],
    ids=str,
)
async def test_an_accepted_entry_whose_answer_is_lost_is_done_by_asking(
    impatient: Night, journal: MemoryJournal, fault: Fault
) -> None:
    impatient.gateway.faults.add(fault, operation="apply")
    (entry,) = await impatient.run(submissions(1), journal, QUICK)
    assert entry.state is EntryState.DONE
    assert entry.reply is not None
    assert entry.reply.meta.resolved
    assert len(impatient.gateway.submissions) == 1


@pytest.mark.parametrize(
    "fault", [Fault.CLOSE_AFTER_BODY, Fault.HANG, Fault.INTERNAL_ERROR, Fault.RESET], ids=str
)
async def test_an_entry_that_was_lost_is_sent_again_after_the_window(
    impatient: Night, journal: MemoryJournal, fault: Fault
) -> None:
    impatient.gateway.faults.add(fault, operation="apply")
    (entry,) = await impatient.run(submissions(1), journal, QUICK)
    assert entry.state is EntryState.DONE
    assert entry.attempts == 2
    assert impatient.gateway.accepted("0.0.1")


async def test_what_stays_unknown_stays_so_and_is_asked_for_in_the_next_run(
    here: Night, journal: MemoryJournal
) -> None:
    here.gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
    here.gateway.faults.add(Fault.UNSIGNED, operation="detail", times=100)
    leaving = here.client.submit_many(submissions(1), journal=journal, policy=QUICK)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.5):
            async for _ in leaving:
                raise AssertionError("nobody knows what became of it")
    await leaving.aclose()
    assert (await journal.summary()).counts == {EntryState.UNKNOWN: 1}
    here.gateway.faults.clear()
    (entry,) = await here.run(submissions(1), journal, QUICK)
    assert entry.state is EntryState.DONE
    assert len(here.gateway.submissions) == 1


async def test_a_changed_entry_is_told_and_not_sent(
    here: Night, journal: MemoryJournal, tmp_path: Path
) -> None:
    await here.run(submissions(2, tmp_path), journal)
    tmp_path.joinpath("1.png").write_bytes(b"another picture")
    entries = await here.run(submissions(2, tmp_path), journal)
    found = {entry.key: (entry.state, entry.reason) for entry in entries}
    assert found == {
        "shop-1": (EntryState.HELD, "content changed"),
        "shop-2": (EntryState.DONE, "already done"),
    }
    assert len(here.gateway.submissions) == 2


async def test_a_changed_entry_is_sent_if_the_policy_says_so(
    here: Night, journal: MemoryJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.steps._APART_SECONDS", 0.0)
    await here.run(submissions(1), journal)
    await here.client.cancel("0.0.1")
    policy = BatchPolicy(changed="send")
    (entry,) = await here.run(submissions(1, desc="Another text now."), journal, policy)
    assert (entry.state, entry.attempts) == (EntryState.DONE, 2)


async def followed(here: Night, journal: MemoryJournal | SqliteJournal) -> dict[str, EntryState]:
    async with aclosing(here.client.follow(journal, token_for=lambda _: None)) as entries:
        return {entry.key: entry.state async for entry in entries}


@pytest.mark.parametrize("status", ["AUDIT_REJECT", "RELEASE"])
async def test_what_was_accepted_stays_so_if_its_other_content_is_refused(
    here: Night,
    journal: MemoryJournal | SqliteJournal,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.steps._APART_SECONDS", 0.0)
    policy = BatchPolicy(changed="send")
    await here.run(submissions(1), journal)
    (entry,) = await here.run(submissions(1, desc="Another text now."), journal, policy)
    assert (entry.state, entry.reason) == (EntryState.REFUSED, "SUBMIT_REPEAT")
    (row,) = [row async for row in journal.entries()]
    assert (row.state, row.attempts) == (EntryState.DONE, 2)
    here.gateway.decide("0.0.1", status, reject_reason="The logo is blurred.")
    expected = EntryState.REJECTED if status == "AUDIT_REJECT" else EntryState.ONLINE
    assert await followed(here, journal) == {"shop-1": expected}


async def test_what_was_rejected_stays_so_until_it_is_taken_back(
    here: Night, journal: MemoryJournal | SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.steps._APART_SECONDS", 0.0)
    policy = BatchPolicy(changed="send")
    await here.run(submissions(1), journal)
    here.gateway.decide("0.0.1", "AUDIT_REJECT", reject_reason="The logo is blurred.")
    assert await followed(here, journal) == {"shop-1": EntryState.REJECTED}
    (entry,) = await here.run(submissions(1, desc="It is mended now."), journal, policy)
    assert entry.state is EntryState.REFUSED
    (row,) = [row async for row in journal.entries()]
    assert (row.state, row.reason) == (EntryState.REJECTED, "The logo is blurred.")
    assert row.verdict is not None
    assert row.verdict.reasons == ("The logo is blurred.",)
    await here.client.versions.cancel_audited("0.0.1")
    (entry,) = await here.run(submissions(1, desc="It is mended now."), journal, policy)
    assert (entry.state, entry.attempts) == (EntryState.DONE, 3)
    (row,) = [row async for row in journal.entries()]
    assert (row.state, row.verdict) == (EntryState.DONE, None)


async def test_what_was_refused_is_sent_again_once_it_is_mended_or_released(
    here: Night, journal: MemoryJournal
) -> None:
    here.gateway.faults.add(Fault.answer("VERSION_DESC_IS_BLANK"), operation="apply")
    await here.run(submissions(1), journal)
    (entry,) = await here.run(submissions(1), journal)
    assert (entry.state, entry.reason) == (EntryState.REFUSED, "VERSION_DESC_IS_BLANK")
    (entry,) = await here.run(submissions(1, desc="It is mended now."), journal)
    assert entry.state is EntryState.DONE


async def test_a_hold_from_outside_is_obeyed_and_a_release_too(
    here: Night, journal: MemoryJournal
) -> None:
    await journal.hold(mini_app="app-1")
    await journal.skip(key="shop-2")
    entries = await here.run(submissions(3), journal)
    found = {entry.key: (entry.state, entry.reason) for entry in entries}
    assert found == {
        "shop-1": (EntryState.HELD, "mini-program on hold"),
        "shop-2": (EntryState.SKIPPED, "skipped"),
        "shop-3": (EntryState.DONE, ""),
    }
    await journal.release(mini_app="app-1")
    entries = await here.run(submissions(3), journal)
    assert states(entries)["shop-1"] is EntryState.DONE
    assert states(entries)["shop-2"] is EntryState.SKIPPED


async def test_urgent_entries_go_first(here: Night) -> None:
    given = [
        Submission(
            f"shop-{number}",
            AuditApply(app_version=f"0.0.{number}", version_desc="By priority."),
            mini_app=f"app-{number}",
            priority=number % 3,
        )
        for number in range(1, 31)
    ]
    entries = await here.run(given, policy=BatchPolicy(concurrency=1))
    urgencies = [int(entry.key.removeprefix("shop-")) % 3 for entry in entries]
    assert urgencies == sorted(urgencies, reverse=True)


async def test_leaving_the_iterator_ends_everything(here: Night, journal: MemoryJournal) -> None:
    read = 0

    def endless() -> Iterator[Submission]:
        nonlocal read
        for each in submissions(1_000_000):
            read += 1
            yield each

    async with contextlib.aclosing(here.client.submit_many(endless(), journal=journal)) as entries:
        async for _ in entries:
            break
    assert [task for task in asyncio.all_tasks() if "/batch/" in str(task.get_coro())] == []
    assert read < 3000
    summary = await journal.summary()
    done = summary.counts.get(EntryState.DONE, 0)
    assert done >= 1
    await here.run(submissions(40), journal, QUICK)
    sent = Counter(each.fields["app_version"] for each in here.gateway.submissions)
    assert set(sent.values()) == {1}
    assert len(sent) >= 40


async def test_an_error_of_the_iterable_is_raised_and_loses_nothing(
    here: Night, journal: MemoryJournal
) -> None:
    def broken() -> Iterator[Submission]:
        yield from submissions(3)
        raise LookupError("the database is gone")

    with pytest.raises(LookupError, match="the database is gone"):
        await here.run(broken(), journal)
    entries = await here.run(submissions(3), journal, QUICK)
    assert set(states(entries).values()) == {EntryState.DONE}
    assert len(here.gateway.submissions) == 3


@pytest.mark.parametrize("name", ["submissions", "journal", "policy"])
async def test_an_argument_of_another_type_is_named_at_once(here: Night, name: str) -> None:
    arguments: dict[str, Any] = {"submissions": [], name: 7}
    with pytest.raises(TypeError, match=f"^{name}: expected .*, not int$"):
        here.client.submit_many(**arguments)


async def test_something_else_than_a_submission_is_a_type_error(here: Night) -> None:
    with pytest.raises(TypeError, match="submissions: expected Submission, not str"):
        await here.run(["shop-1"])


async def test_a_closed_client_ends_the_batch(here: Night, journal: MemoryJournal) -> None:
    await here.client.aclose()
    with pytest.raises(ConfigurationError, match="closed"):
        await here.run(submissions(3), journal)


async def test_failures_of_one_kind_in_a_row_stop_the_batch(
    here: Night, journal: MemoryJournal
) -> None:
    here.gateway.faults.add(Fault.EARLY_401, operation="apply", times=1000)
    policy = BatchPolicy(stop_after=5, concurrency=1)
    entries: list[BatchEntry] = []
    with pytest.raises(BatchError, match="invalid-app-auth-token") as caught:
        await here.collect(entries, submissions(100), journal, policy)
    assert caught.value.code == "batch_stopped"
    assert 5 <= len(entries) < 10
    assert (await journal.summary()).counts[EntryState.PLANNED] > 80


async def test_the_quota_of_a_template_defers_what_is_over_it(
    here: Night, journal: MemoryJournal
) -> None:
    given = [
        Submission(each.key, each.request, mini_app=each.mini_app, template_id="2021000000009999")
        for each in submissions(12)
    ]
    entries = await here.run(given, journal, BatchPolicy(template_quota=5))
    assert Counter(entry.state for entry in entries) == {
        EntryState.DONE: 5,
        EntryState.DEFERRED: 7,
    }
    for entry in entries:
        if entry.state is EntryState.DEFERRED:
            assert entry.reason == "quota of the template used up"
            assert entry.deferred_until is not None
    assert len(here.gateway.submissions) == 5


async def test_a_journal_of_another_application_is_refused(
    here: Night, material: Material, journal: MemoryJournal
) -> None:
    await here.run(submissions(1), journal)
    async with night(material) as elsewhere:
        with pytest.raises(BatchError) as caught:
            await elsewhere.run(submissions(1), journal)
    assert caught.value.code == "journal_other_app"


async def test_without_a_journal_nothing_is_kept(here: Night) -> None:
    assert len(await here.run(submissions(30))) == 30


async def test_what_waits_for_its_answer_holds_back_no_bytes(here: Night, tmp_path: Path) -> None:
    here.gateway.faults.add(Fault.HANG, operation="apply")
    policy = BatchPolicy(concurrency=2, bytes_in_flight=1)
    found = here.client.submit_many(submissions(2, tmp_path), policy=policy)
    async with aclosing(found) as entries, asyncio.timeout(TIMEOUTS.reply / 2):
        assert (await anext(entries)).state is EntryState.DONE, "while the first one waits"
