"""What a pace promises, whatever keeps it."""

import asyncio
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import psutil
import pytest
from support.simulated_time import SimulatedTime, TimedBook

from alipay_mini_audit.batch.pace import MemoryPaceBook, Pace, PaceBook, SqlitePaceBook

APP_ID = "2021000000000001"
LIMITS = (10.0, 5.0, 20.0)
"""Calls a second, one after the other."""
PHASE = 240.0
"""Seconds of each; the first two minutes are there to adapt."""
ADAPTED = 120.0
LATENCY = 0.2
TESTS = Path(__file__).parents[1]


@attrs.define
class HiddenLimit:
    """A token bucket of a second, which nobody can look into."""

    time: SimulatedTime
    rate: float = LIMITS[0]
    tokens: float = LIMITS[0]
    filled_at: float = 0.0
    log: list[tuple[float, bool]] = attrs.Factory(list)

    def takes(self) -> bool:
        passed = self.time.passed - self.filled_at
        self.tokens = min(self.rate, self.tokens + passed * self.rate)
        self.filled_at = self.time.passed
        is_taken = self.tokens >= 1
        self.tokens -= is_taken
        self.log.append((self.time.passed, is_taken))
        return is_taken

    def results(self, begin: float, end: float) -> list[bool]:
        return [is_taken for at, is_taken in self.log if begin <= at < end]


async def night(
    time: SimulatedTime,
    paces: list[Pace],
    workers: int,
    seed: int,
    limits: Sequence[float] = LIMITS,
) -> HiddenLimit:
    """Let workers call as fast as they may, while the hidden limit changes."""
    limit, chance = HiddenLimit(time), random.Random(seed)

    async def work(pace: Pace) -> None:
        while time.passed < PHASE * len(limits):
            await pace.moment()
            is_taken = limit.takes()
            await time.sleep(LATENCY * (0.5 + chance.random()))
            await (pace.accepted() if is_taken else pace.throttled(None))

    tasks = [asyncio.create_task(work(pace)) for pace in paces for _ in range(workers)]
    for rate in limits:
        limit.rate = rate
        await time.sleep(PHASE)
    await asyncio.gather(*tasks)
    return limit


def assert_well_used(limit: HiddenLimit, limits: Sequence[float] = LIMITS) -> None:
    for number, rate in enumerate(limits):
        end = PHASE * (number + 1)
        results = limit.results(end - PHASE + ADAPTED, end)
        used = sum(results) / (rate * (PHASE - ADAPTED))
        refused = results.count(False) / len(results)
        assert used > 0.95, f"{used:.1%} of {rate} a second"
        assert refused < 0.02, f"{refused:.1%} refused at {rate} a second"


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("workers", [16, 40])
async def test_a_hidden_limit_that_changes_is_used_and_hardly_passed(
    seed: int, workers: int
) -> None:
    time = SimulatedTime()

    async def story() -> None:
        pace = Pace(MemoryPaceBook(), ceiling=None, clock=time.clock, sleep=time.sleep)
        assert_well_used(await night(time, [pace], workers, seed))

    await time.run(story())


async def test_two_paces_of_a_file_share_a_hidden_limit(tmp_path: Path) -> None:
    time = SimulatedTime()

    async def story() -> None:
        books = [SqlitePaceBook(tmp_path / "pace.db", APP_ID) for _ in range(2)]
        paces = [
            Pace(TimedBook(book, time), ceiling=None, clock=time.clock, sleep=time.sleep)
            for book in books
        ]
        limit = await night(time, paces, 8, seed=1, limits=LIMITS[:2])
        for pace in paces:
            await pace.aclose()
        assert_well_used(limit, LIMITS[:2])

    await time.run(story())


async def test_two_paces_of_a_file_keep_a_ceiling(tmp_path: Path) -> None:
    time, starts = SimulatedTime(), []

    async def story() -> None:
        async def work(pace: Pace) -> None:
            while time.passed < 10:
                await pace.moment()
                starts.append(time.passed)
                await time.sleep(0.01)
                await pace.accepted()

        books = [SqlitePaceBook(tmp_path / "pace.db", APP_ID) for _ in range(2)]
        paces = [
            Pace(TimedBook(book, time), ceiling=50.0, clock=time.clock, sleep=time.sleep)
            for book in books
        ]
        await asyncio.gather(*(work(pace) for pace in paces for _ in range(8)))
        for pace in paces:
            await pace.aclose()

    await time.run(story())
    in_ten_seconds = sum(start < 10 for start in starts)
    assert 0.98 * 500 <= in_ten_seconds <= 501


def test_two_processes_together_keep_a_ceiling(tmp_path: Path) -> None:
    rate, seconds = 100.0, 3.0
    command = [sys.executable, "-m", "support.pace_process", str(tmp_path / "pace.db")]
    processes = [
        subprocess.Popen(
            [*command, str(rate), str(seconds)],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    shares = [json.loads(process.communicate(timeout=40)[0]) for process in processes]
    starts = sorted(start for share in shares for start in share)
    for begin in starts:
        if begin + 2 <= starts[-1]:
            assert sum(begin <= start < begin + 2 for start in starts) <= 1.05 * rate * 2
    assert len(starts) <= 1.05 * rate * (starts[-1] - starts[0])
    assert all(shares)


@pytest.fixture(params=["memory", "file"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], PaceBook]:
    def make() -> PaceBook:
        if request.param == "memory":
            return MemoryPaceBook()
        return SqlitePaceBook(tmp_path / "pace.db", APP_ID)

    return make


@pytest.mark.parametrize("seed", range(2))
async def test_a_thousand_waiting_calls_that_are_cancelled_leave_nothing(
    book: Callable[[], PaceBook], seed: int
) -> None:
    chance, loop = random.Random(seed), asyncio.get_running_loop()
    loop.set_debug(enabled=False)  # it takes most of the time of a thousand tasks
    tasks, descriptors = asyncio.all_tasks(), psutil.Process().num_fds()
    pace = Pace(book(), ceiling=20.0)
    await pace.throttled(None)

    async def work(number: int) -> None:
        for _ in range(3):
            await pace.moment((f"merchant:{number % 7}",) if number % 3 else ())
            await pace.accepted()

    calls = [asyncio.create_task(work(number)) for number in range(1000)]
    for call in chance.sample(calls, 600):
        loop.call_later(chance.random() / 2, call.cancel)
    await asyncio.wait(calls, timeout=0.6)
    begun = time.monotonic()
    closing = asyncio.create_task(pace.aclose())
    if seed % 2:
        loop.call_later(chance.random() / 500, closing.cancel)
    await asyncio.wait({closing})
    # The turns of the 400 that nobody cancels would take 20 seconds; a busy disk may take two.
    assert time.monotonic() - begun < 5
    await asyncio.wait(calls, timeout=1)
    assert all(call.done() for call in calls)
    await asyncio.gather(*calls, closing, return_exceptions=True)
    assert asyncio.all_tasks() == tasks
    assert psutil.Process().num_fds() == descriptors
    assert not [thread for thread in threading.enumerate() if "pace" in thread.name]


async def test_the_loop_is_not_blocked_while_another_process_locks_the_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "pace.db"
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE'); print(flush=True); sys.stdin.readline(); c.execute('COMMIT')"
    )
    async with Pace(SqlitePaceBook(path, APP_ID), ceiling=100.0) as pace:
        await pace.moment()
        locker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", code, str(path)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert locker.stdout is not None
        await locker.stdout.readline()
        call = asyncio.create_task(pace.moment())
        rounds = 0
        for _ in range(20):
            await asyncio.sleep(0.01)
            rounds += 1
        assert not call.done()
        await locker.communicate(b"\n")
        await call
        assert rounds == 20
