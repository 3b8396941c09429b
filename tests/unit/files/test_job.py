"""A job in a worker thread: whoever stops waiting, nothing is left open or used twice."""

import asyncio
import concurrent.futures
import gc
import threading
from collections.abc import Callable, Iterator

import attrs
import pytest

from alipay_mini_audit.files.job import GRACE_SECONDS, WorkerJob


@attrs.define
class Stage:
    """Work that begins, waits until it may go on, and notes what was done and in which thread."""

    begun: threading.Event = attrs.field(factory=threading.Event)
    may_end: threading.Event = attrs.field(factory=threading.Event)
    done: list[str] = attrs.field(factory=list)
    threads: set[int] = attrs.field(factory=set)

    def work(self) -> int:
        self.begun.set()
        assert self.may_end.wait(10)
        self.done.append("worked")
        self.threads.add(threading.get_ident())
        return 7

    def close(self) -> None:
        self.done.append("closed")
        self.threads.add(threading.get_ident())


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.may_end.set()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110  # a thread makes it hold
            await asyncio.sleep(0.001)


@pytest.fixture
async def one_thread() -> None:
    """The loop has one worker thread only, so that jobs wait in its queue."""
    executor = concurrent.futures.ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(executor)


async def test_a_job_returns_what_its_work_returns_from_another_thread(stage: Stage) -> None:
    job = WorkerJob(stage.work, stage.close)
    stage.may_end.set()
    assert await job.run() == 7
    assert job.has_ended
    assert stage.done == ["worked"], "who waited closes"
    assert threading.get_ident() not in stage.threads


async def test_an_error_of_the_work_comes_back() -> None:
    def fail() -> None:
        raise ValueError("mine")

    job = WorkerJob(fail, fail)
    with pytest.raises(ValueError, match="mine"):
        await job.run()
    assert job.has_ended
    assert not job.abandon(), "the caller closes"


async def test_a_job_has_not_ended_before_it_has_begun(stage: Stage) -> None:
    assert not WorkerJob(stage.work, stage.close).has_ended


async def test_no_task_is_made_that_a_shutdown_could_cancel(stage: Stage) -> None:
    before = asyncio.all_tasks()
    running = asyncio.create_task(WorkerJob(stage.work, stage.close).run())
    await until(stage.begun.is_set)
    assert asyncio.all_tasks() - before == {running}
    stage.may_end.set()
    assert await running == 7


async def test_who_is_cancelled_once_waits_for_the_thread(stage: Stage) -> None:
    job = WorkerJob(stage.work, stage.close)
    running = asyncio.create_task(job.run())
    await until(stage.begun.is_set)
    running.cancel()
    await asyncio.wait({running}, timeout=0.02)
    assert (running.done(), job.has_ended) == (False, False)
    stage.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert job.has_ended
    assert not job.abandon()
    assert stage.done == ["worked"]


async def test_who_is_cancelled_twice_leaves_the_thread_to_itself_and_it_closes(
    stage: Stage,
) -> None:
    job = WorkerJob(stage.work, stage.close)
    running = asyncio.create_task(job.run())
    await until(stage.begun.is_set)
    for _ in range(2):
        running.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert running.cancelled()
    assert not job.has_ended
    assert job.abandon(), "the thread closes"
    stage.may_end.set()
    await job.wait()
    assert job.has_ended
    assert stage.done == ["worked", "closed"]
    assert threading.get_ident() not in stage.threads


async def test_a_thread_that_hangs_is_waited_for_half_a_second_in_all(stage: Stage) -> None:
    job = WorkerJob(stage.work, stage.close)
    running = asyncio.create_task(job.run())
    await until(stage.begun.is_set)
    running.cancel()
    began = asyncio.get_running_loop().time()
    await asyncio.wait({running}, timeout=5)
    assert running.cancelled()
    assert job.abandon(), "the thread closes"
    await job.wait()
    waited = asyncio.get_running_loop().time() - began
    assert GRACE_SECONDS <= waited + 0.01 < 2 * GRACE_SECONDS
    assert not job.has_ended
    stage.may_end.set()
    await until(lambda: job.has_ended)
    assert stage.done == ["worked", "closed"]


async def test_waiting_may_be_given_up_and_taken_up_again(stage: Stage) -> None:
    job = WorkerJob(stage.work, stage.close)
    running = asyncio.create_task(job.run())
    await until(stage.begun.is_set)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(job.wait(), 0.001)
    stage.may_end.set()
    await job.wait()
    assert job.has_ended
    assert await running == 7


async def test_an_error_while_closing_is_no_reason_to_wait_for_ever(stage: Stage) -> None:
    def fail() -> None:
        raise OSError(5, "Input/output error")

    job = WorkerJob(stage.work, fail)
    running = asyncio.create_task(job.run())
    await until(stage.begun.is_set)
    assert job.abandon()
    stage.may_end.set()
    with pytest.raises(OSError, match="Input/output"):
        await running
    await job.wait()
    assert job.has_ended


@pytest.mark.usefixtures("one_thread")
async def test_a_job_that_is_cancelled_in_the_queue_never_begins(stage: Stage) -> None:
    first = Stage()
    blocking = asyncio.create_task(WorkerJob(first.work, first.close).run())
    await until(first.begun.is_set)
    job = WorkerJob(stage.work, stage.close)
    running = asyncio.create_task(job.run())
    await asyncio.sleep(0)
    assert not job.has_ended
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert job.has_ended, "though the thread is busy with something else"
    assert not job.abandon()
    first.may_end.set()
    await blocking
    await asyncio.get_running_loop().run_in_executor(None, int)  # comes after it in the queue
    assert (stage.begun.is_set(), stage.done) == (False, [])


@pytest.mark.usefixtures("one_thread")
async def test_a_job_that_was_withdrawn_does_nothing_when_its_turn_comes_all_the_same(
    stage: Stage,
) -> None:
    """A cancellation reaches the queue of the executor one round of the loop late."""
    job = WorkerJob(stage.work, stage.close)
    running = asyncio.create_task(job.run())
    job.abandon()  # before the task has begun, so that it is surely still in the queue
    with pytest.raises(asyncio.CancelledError):
        await running
    assert job.has_ended
    assert (stage.begun.is_set(), stage.done) == (False, [])


async def test_a_job_that_no_executor_takes_has_ended(stage: Stage) -> None:
    await asyncio.get_running_loop().shutdown_default_executor()
    job = WorkerJob(stage.work, stage.close)
    with pytest.raises(RuntimeError, match="shutdown"):
        await job.run()
    assert job.has_ended
    assert not job.abandon(), "the caller closes"
    assert stage.done == []


@pytest.mark.parametrize("factory", ["asyncio", "uvloop"])
def test_the_shutdown_of_a_loop_waits_for_the_thread(stage: Stage, factory: str) -> None:
    jobs: list[WorkerJob[int]] = []
    ended: list[bool] = []

    async def upload() -> None:
        jobs.append(WorkerJob(stage.work, stage.close))
        try:
            await jobs[0].run()
        finally:
            ended.append(jobs[0].has_ended)

    async def main() -> None:
        tasks.add(asyncio.create_task(upload()))
        await until(stage.begun.is_set)
        asyncio.get_running_loop().call_later(0.02, stage.may_end.set)

    tasks: set[asyncio.Task[None]] = set()
    new_loop = pytest.importorskip("uvloop").new_event_loop if factory == "uvloop" else None
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())
    assert ended == [True]
    assert stage.done == ["worked"]


def test_a_thread_that_outlives_its_loop_closes_what_it_opened(stage: Stage) -> None:
    """A loop that is closed in a hurry, without its shutdown."""
    loop = asyncio.new_event_loop()
    executor = concurrent.futures.ThreadPoolExecutor(1)
    loop.set_default_executor(executor)
    job = WorkerJob(stage.work, stage.close)

    async def leave() -> None:
        running = asyncio.ensure_future(job.run())
        await until(stage.begun.is_set)
        for _ in range(2):
            running.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await running
        assert job.abandon()
        waiting = asyncio.ensure_future(job.wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})

    loop.run_until_complete(leave())
    loop.close()
    stage.may_end.set()
    executor.shutdown(wait=True)
    assert job.has_ended
    assert stage.done == ["worked", "closed"]
    gc.collect()


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_closes_does_it_once(seed: int) -> None:
    """The thread ends at the moment when it is abandoned, now before and now after it."""
    closed: list[int] = []
    started = threading.Event()

    def work() -> None:
        started.set()
        for _ in range(seed * 50):
            pass

    def close() -> None:
        closed.append(threading.get_ident())

    for _ in range(20):
        started.clear()
        job = WorkerJob(work, close)
        running = asyncio.create_task(job.run())
        await asyncio.sleep(0)
        started.wait(5)
        if not job.abandon():
            close()
        await running
        assert len(closed) == 1
        closed.clear()
