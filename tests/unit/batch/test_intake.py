"""Submissions are read lazily and claimed together; one that is ready waits for no other."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

import attrs
import pytest
from support.scripted_platform import BINDING, ScriptedPlatform

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.intake import Intake
from alipay_mini_audit.batch.item import Item
from alipay_mini_audit.batch.journal.memory import MemoryJournal
from alipay_mini_audit.batch.journal.row import Claim, Claimed
from alipay_mini_audit.batch.journal.run import Run
from alipay_mini_audit.batch.policy import BatchPolicy
from alipay_mini_audit.batch.schedule import Schedule
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.models import AuditApply

PLATFORM = ScriptedPlatform(token="of-the-client")


def submission(number: int, **changes: object) -> Submission:
    request = AuditApply(app_version=f"0.0.{number}")
    return attrs.evolve(Submission(f"k{number}", request, mini_app=f"m{number}"), **changes)  # type: ignore[arg-type]


@attrs.define
class CountingRun:
    """The run, and how many were claimed together."""

    run: Run
    groups: list[int] = attrs.Factory(list)

    async def claim(self, claims: Sequence[Claim]) -> list[Claimed]:
        self.groups.append(len(claims))
        return await self.run.claim(claims)


@attrs.define
class Scene:
    journal: CountingRun
    schedule: Schedule[Item]

    def intake(self, policy: BatchPolicy | None = None) -> Intake:
        run: object = self.journal
        return Intake(
            PLATFORM,
            run,  # type: ignore[arg-type]
            policy or BatchPolicy(),
            self.schedule,
            lambda: 0.0,
        )

    async def all(self) -> list[Item]:
        found = []
        while (item := await asyncio.wait_for(self.schedule.take(), 2)) is not None:
            found.append(item)
            self.schedule.done()
        return found


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with MemoryJournal() as journal, journal.run(BINDING) as run:
        yield Scene(CountingRun(run), Schedule(lambda: 0.0))


async def test_all_are_claimed_a_hundred_at_a_time(scene: Scene) -> None:
    await scene.intake().run(submission(number) for number in range(250))
    assert scene.journal.groups == [100, 100, 50]
    assert [item.submission.key for item in await scene.all()] == [f"k{n}" for n in range(250)]


@pytest.mark.parametrize("given", [[], iter(())])
async def test_nothing_is_nothing(scene: Scene, given: Iterable[Submission]) -> None:
    await scene.intake().run(given)
    assert await scene.all() == []
    assert scene.journal.groups == []


async def test_no_more_than_a_thousand_are_read_ahead(scene: Scene) -> None:
    asyncio.get_running_loop().set_debug(False)  # it takes most of the time
    read: list[int] = []
    is_full = asyncio.Event()

    def source() -> Iterator[Submission]:
        for number in range(1100):
            read.append(number)
            if number == 1000:
                is_full.set()
            yield submission(number)

    running = asyncio.create_task(scene.intake().run(source()))
    await asyncio.wait_for(is_full.wait(), 10)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(read) == 1001, "the last of them is in hand"
    assert sum(scene.journal.groups) == 1000
    assert len(await scene.all()) == 1100
    await running


async def test_a_little_room_is_used_though_the_others_wait_for_long(scene: Scene) -> None:
    asyncio.get_running_loop().set_debug(False)  # it takes most of the time
    running = asyncio.create_task(scene.intake().run(submission(n) for n in range(1010)))
    for _ in range(1000):
        item = await asyncio.wait_for(scene.schedule.take(), 2)
        assert item is not None
        if int(item.submission.key[1:]) < 995:
            scene.schedule.park(item, 0, 1e9)
        else:
            scene.schedule.done()
    for number in range(1000, 1010):
        item = await asyncio.wait_for(scene.schedule.take(), 2)
        assert item is not None
        assert item.submission.key == f"k{number}"
        scene.schedule.done()
    await asyncio.wait_for(running, 2)


async def test_what_is_here_waits_for_nothing_that_is_slow_to_come(scene: Scene) -> None:
    more = asyncio.Event()

    async def source() -> AsyncIterator[Submission]:
        for number in range(3):
            yield submission(number)
        await more.wait()
        yield submission(3)

    running = asyncio.create_task(scene.intake().run(source()))
    first = [await asyncio.wait_for(scene.schedule.take(), 2) for _ in range(3)]
    assert [item.submission.key for item in first if item is not None] == ["k0", "k1", "k2"]
    assert scene.journal.groups == [3]
    more.set()
    await running
    for _ in range(3):
        scene.schedule.done()
    assert [item.submission.key for item in await scene.all()] == ["k3"]


async def test_a_source_may_hold_what_belongs_to_its_task(scene: Scene) -> None:
    tasks = set()

    async def source() -> AsyncIterator[Submission]:
        for number in range(3):
            async with asyncio.TaskGroup() as group:
                tasks.add(asyncio.current_task())
                waiting = group.create_task(asyncio.sleep(0.01))
                yield submission(number)
                await waiting
            tasks.add(asyncio.current_task())

    await scene.intake().run(source())
    assert len(await scene.all()) == 3
    assert len(tasks) == 1


async def test_a_source_that_is_quick_is_claimed_together(scene: Scene) -> None:
    async def source() -> AsyncIterator[Submission]:
        for number in range(250):
            yield submission(number)

    await scene.intake().run(source())
    assert scene.journal.groups == [100, 100, 50]


async def test_a_source_is_closed_as_the_run_is_ended(scene: Scene) -> None:
    closed = asyncio.Event()

    async def source() -> AsyncIterator[Submission]:
        try:
            yield submission(0)
            await asyncio.Event().wait()
        finally:
            closed.set()

    running = asyncio.create_task(scene.intake().run(source()))
    await asyncio.wait_for(scene.schedule.take(), 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert closed.is_set()


@pytest.mark.parametrize("is_async", [False, True])
async def test_what_fails_while_it_is_read_fails_here(scene: Scene, is_async: bool) -> None:
    def source() -> Iterator[Submission]:
        yield submission(0)
        raise LookupError("no row")

    async def slow() -> AsyncIterator[Submission]:
        for each in source():
            yield each

    with pytest.raises(LookupError):
        await scene.intake().run(slow() if is_async else source())


async def test_another_type_is_named(scene: Scene) -> None:
    with pytest.raises(TypeError, match="submissions: expected Submission, not dict"):
        await scene.intake().run([{"key": "a"}])  # type: ignore[list-item]


async def test_whose_version_it_is_is_told_by_what_is_given_or_a_digest(scene: Scene) -> None:
    given = [
        submission(0),
        submission(1, mini_app=None, app_auth_token="of-a-merchant"),
        submission(2, mini_app=None),
        submission(3, template_id="t"),
    ]
    await scene.intake().run(given)
    rows = [item.row for item in await scene.all()]
    assert rows[0].mini_app == "m0"
    assert rows[1].mini_app.startswith("token:")
    assert rows[2].mini_app not in (rows[1].mini_app, "")
    assert "of-" not in "".join(row.mini_app for row in rows)
    assert [row.template for row in rows] == ["", "", "", "t"]


async def test_the_later_of_two_moments_counts(scene: Scene) -> None:
    def at(second: int) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(second, datetime.UTC)

    given = [submission(0), submission(1, not_before=at(50)), submission(2, not_before=at(150))]
    await scene.intake(BatchPolicy(not_before=at(100))).run(given)
    assert [item.starts_at for item in await scene.all()] == [100.0, 100.0, 150.0]


async def test_what_collides_is_told_with_what(scene: Scene) -> None:
    same_version = submission(0, key="other")
    await scene.intake().run([submission(0), submission(0), same_version])
    first, again, other = await scene.all()
    assert first.verdict is None
    for item in (again, other):
        assert item.verdict is not None
        assert item.verdict[0] is EntryState.INVALID
        (problem,) = item.problems
        assert (problem.path, problem.code) == ("key", "same_entry")
        assert not problem.in_language("zh").message.isascii()
    assert "k0" in other.problems[0].message
    assert again.verdict != other.verdict


async def test_what_is_more_urgent_goes_first(scene: Scene) -> None:
    await scene.intake().run([submission(0), submission(1, priority=3), submission(2, priority=7)])
    assert [item.submission.key for item in await scene.all()] == ["k2", "k1", "k0"]
