"""How many long steps happen in one round of the event loop."""

import asyncio
import gc
import time

import pytest

from alipay_mini_audit import concurrency
from alipay_mini_audit.concurrency import (
    ClosableWaits,
    JobLimiter,
    StepLimiter,
    finish,
    is_answered,
)


async def steps_per_round(
    limiter: StepLimiter, tasks: int, steps: int
) -> tuple[list[int], list[int]]:
    """Return how many steps each round of the loop had, and who had them in which order."""
    order: list[int] = []
    rounds: list[int] = []
    running = True

    async def count() -> None:
        while running:
            before = len(order)
            await asyncio.sleep(0)
            rounds.append(len(order) - before)

    async def work(number: int) -> None:
        for _ in range(steps):
            async with limiter:
                order.append(number)

    counter = asyncio.create_task(count())
    await asyncio.gather(*(work(number) for number in range(tasks)))
    running = False
    await counter
    return rounds, order


async def test_a_round_of_the_loop_has_few_steps_and_everybody_has_a_turn() -> None:
    rounds, order = await steps_per_round(StepLimiter(), tasks=20, steps=5)
    assert 1 <= max(rounds) <= 2
    assert order == [*range(20)] * 5


async def test_who_is_cancelled_while_it_waits_or_at_the_end_of_its_turn_holds_up_nobody() -> None:
    limiter, steps = StepLimiter(), 0

    async def work() -> None:
        nonlocal steps
        while True:
            async with limiter:
                steps += 1

    tasks = [asyncio.create_task(work()) for _ in range(12)]
    await asyncio.sleep(0)
    assert steps == 2, "two have had their step, ten wait"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(5):
        rounds, _ = await steps_per_round(limiter, tasks=4, steps=1)
    assert max(rounds) == 2, "all turns are free"


async def test_an_error_in_a_turn_ends_it() -> None:
    limiter = StepLimiter()
    for _ in range(10):
        with pytest.raises(ValueError, match="mine"):
            async with limiter:
                raise ValueError("mine")


class Jobs:
    """Jobs that end when they are told to."""

    def __init__(self) -> None:
        self.limiter = JobLimiter()
        self.running: list[str] = []
        self.begun: dict[str, asyncio.Event] = {}
        self.ending: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, *names: str) -> None:
        for name in names:
            self.begun[name], self.ending[name] = asyncio.Event(), asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._run(name))

    async def _run(self, name: str) -> None:
        async with self.limiter:
            self.running.append(name)
            self.begun[name].set()
            await self.ending[name].wait()

    async def end(self, *names: str) -> None:
        for name in names:
            self.ending[name].set()
            await self.tasks[name]


async def test_a_job_begins_when_one_of_the_two_before_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(concurrency, "_LONG_SECONDS", 60)  # a busy machine makes any job long
    jobs = Jobs()
    jobs.start("a", "b", "c", "d")
    await asyncio.sleep(0)
    assert jobs.running == ["a", "b"]
    await jobs.end("b")
    await asyncio.sleep(0)
    assert jobs.running == ["a", "b", "c"]
    await jobs.end("a", "c", "d")


async def test_a_long_job_holds_up_no_other_and_gives_one_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs = Jobs()
    jobs.start("hanging", "stuck", "a", "b")
    async with asyncio.timeout(5):
        await jobs.begun["b"].wait()
    monkeypatch.setattr(concurrency, "_LONG_SECONDS", 60)
    jobs.start("c", "d", "e")
    await jobs.end("hanging", "stuck", "a", "b")
    await asyncio.sleep(0)
    assert jobs.running == ["hanging", "stuck", "a", "b", "c", "d"]
    await jobs.end("c", "d", "e")


async def test_who_is_cancelled_before_or_in_its_job_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(concurrency, "_LONG_SECONDS", 60)
    jobs = Jobs()
    jobs.start("a", "first", "b", "c")
    await asyncio.sleep(0)
    for name in ("b", "a"):
        jobs.tasks[name].cancel()
        with pytest.raises(asyncio.CancelledError):
            await jobs.tasks[name]
    await asyncio.sleep(0)
    assert jobs.running == ["a", "first", "c"]
    await jobs.end("first", "c")


async def test_waits_end_at_their_own_limit_or_with_their_owner() -> None:
    waits, loop = ClosableWaits(), asyncio.get_running_loop()

    async def wait(deadline: float | None) -> None:
        with waits.until(deadline) as scope:
            async with scope:
                await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait(loop.time() + 0.01)
    assert not waits.is_closed
    waiting = [asyncio.create_task(wait(deadline)) for deadline in (None, loop.time() + 60)]
    await asyncio.sleep(0)
    waits.close()
    ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 1)
    assert [type(each) for each in ended] == [TimeoutError] * 2
    assert waits.is_closed


async def test_what_has_to_end_does_so_however_often_it_is_cancelled() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.05)
        ended.set()

    task = asyncio.create_task(finish(work()))
    for _ in range(5):
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
    assert await finish(asyncio.sleep(0, "result")) == "result"


async def test_what_fails_after_a_cancel_is_reported_to_nobody() -> None:
    unseen: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    work: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(finish(work))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    work.set_exception(OSError())
    with pytest.raises(asyncio.CancelledError):
        await task
    del work
    gc.collect()
    assert unseen == []


async def test_what_does_not_end_is_cancelled_after_all() -> None:
    began = asyncio.Event()

    async def hang() -> None:
        began.set()
        await asyncio.sleep(3600)

    work = asyncio.ensure_future(hang())
    task = asyncio.create_task(finish(work, patience=0.05))
    await began.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([task, work])
    assert task.cancelled()
    assert work.cancelled()


async def test_an_answer_is_waited_for_but_not_for_ever() -> None:
    loop = asyncio.get_running_loop()
    answered, hanging = loop.create_future(), loop.create_future()
    loop.call_later(0.05, answered.set_result, 7)
    assert await is_answered(answered)
    assert answered.result() == 7
    assert not await is_answered(hanging, seconds=0.05)
    assert hanging.cancelled()


async def test_who_was_frozen_finds_what_was_done_meanwhile() -> None:
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    waiting = asyncio.ensure_future(is_answered(future, seconds=0.6))
    await asyncio.sleep(0)
    time.sleep(0.7)  # noqa: ASYNC251  # as a process that is stopped does
    loop.call_later(0.01, future.set_result, None)  # as of a thread that was stopped, too
    assert await waiting
