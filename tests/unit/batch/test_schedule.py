"""Which entry is next: by priority among those read ahead, and back in time."""

import asyncio
import time
from collections.abc import Awaitable

import attrs
import pytest

from alipay_mini_audit.batch.schedule import LOOK_AHEAD, Schedule


@attrs.define
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def is_waiting(work: Awaitable[object]) -> bool:
    """Say whether it has not ended after a moment, and end it."""
    done, _ = await asyncio.wait([task := asyncio.ensure_future(work)], timeout=0.02)
    task.cancel()
    await asyncio.wait([task])
    return not done


async def filled(clock: Clock, **priorities: int) -> Schedule[str]:
    schedule: Schedule[str] = Schedule(clock)
    for name, priority in priorities.items():
        await schedule.room()
        schedule.put(name, priority)
    return schedule


async def take_all(schedule: Schedule[str]) -> list[str]:
    taken = []
    while (item := await schedule.take()) is not None:
        taken.append(item)
        schedule.done()
    return taken


async def test_the_more_urgent_go_first_and_the_others_in_their_order() -> None:
    schedule = await filled(Clock(), a=0, low=-5, b=0, high=7, c=0)
    schedule.close()
    assert await take_all(schedule) == ["high", "a", "b", "c", "low"]


async def test_the_first_entries_wait_a_moment_for_more_urgent_ones() -> None:
    schedule = await filled(Clock(), a=0)
    taking = asyncio.create_task(schedule.take())
    await asyncio.sleep(0.01)
    assert not taking.done()
    await schedule.room()
    schedule.put("urgent", 1)
    assert await taking == "urgent"
    began = time.monotonic()
    assert await schedule.take() == "a"
    assert time.monotonic() - began < 0.05  # only the first ones wait


async def test_there_is_room_for_a_thousand() -> None:
    schedule: Schedule[int] = Schedule(Clock())
    async with asyncio.timeout(5):
        for number in range(LOOK_AHEAD):
            await schedule.room()
            schedule.put(number, number)
    assert LOOK_AHEAD == 1000
    assert await is_waiting(schedule.room())
    assert await schedule.take() == 999  # nobody waits for more: there is no room for them
    assert await is_waiting(schedule.room()), "it is taken, not done"
    schedule.done()
    assert not await is_waiting(schedule.room())


async def test_what_is_parked_comes_back_when_its_moment_has_come() -> None:
    clock = Clock()
    schedule = await filled(clock, a=0, b=0)
    schedule.close()
    for until in (1060.0, 1030.0):
        item = await schedule.take()
        assert item is not None
        schedule.park(item, 0, until)
    assert await is_waiting(schedule.take())
    clock.now = 1030.0
    assert await schedule.take() == "b"
    assert await is_waiting(schedule.take())
    clock.now = 1060.0
    assert await schedule.take() == "a"


async def test_what_is_parked_wakes_those_who_wait() -> None:
    schedule: Schedule[str] = Schedule(time.time)
    for name in "ab":
        await schedule.room()
        schedule.put(name, 0)
    schedule.close()
    assert [await schedule.take(), await schedule.take()] == ["a", "b"]
    taking = asyncio.create_task(schedule.take())
    await asyncio.sleep(0)
    until = time.time() + 0.03
    schedule.park("a", 0, until)
    assert await asyncio.wait_for(taking, 0.5) == "a"
    assert time.time() >= until


async def test_what_comes_back_has_the_priority_it_had() -> None:
    clock = Clock()
    schedule = await filled(clock, high=5, a=0)
    schedule.close()
    assert await schedule.take() == "high"
    schedule.park("high", 5, 1001.0)
    clock.now = 1001.0
    assert await take_all(schedule) == ["high", "a"]


@pytest.mark.parametrize("shift", [-86_400.0, 86_400.0])
async def test_a_clock_that_is_set_puts_nobody_to_sleep(shift: float) -> None:
    clock = Clock()
    schedule = await filled(clock, a=0)
    schedule.close()
    assert await schedule.take() == "a"
    schedule.park("a", 0, 1060.0)
    clock.now += shift
    taking = asyncio.create_task(schedule.take())
    await asyncio.sleep(0.01)
    assert taking.done() is (shift > 0)
    clock.now = 1060.0
    began = time.monotonic()
    assert await taking == "a"
    assert time.monotonic() - began < 2, "nobody sleeps by what the clock said"


async def test_everybody_is_told_the_end_once_the_last_one_is_done() -> None:
    schedule = await filled(Clock(), a=0)
    schedule.close()
    assert await schedule.take() == "a"
    waiting = [asyncio.create_task(schedule.take()) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert not any(task.done() for task in waiting), "it may come back"
    schedule.done()
    assert await asyncio.wait_for(asyncio.gather(*waiting), 0.5) == [None, None, None]


async def test_a_schedule_of_nothing_ends_when_it_is_closed() -> None:
    schedule: Schedule[str] = Schedule(Clock())
    taking = asyncio.create_task(schedule.take())
    await asyncio.sleep(0)
    schedule.close()
    assert await asyncio.wait_for(taking, 0.5) is None


async def test_a_change_wakes_few_of_a_thousand_that_wait() -> None:
    looks = 0

    def clock() -> float:
        nonlocal looks
        looks += 1
        return 1000.0

    schedule: Schedule[int] = Schedule(clock)
    waiting = [asyncio.create_task(schedule.take()) for _ in range(1000)]
    await asyncio.sleep(0)
    looks = 0
    for number in range(10):
        await schedule.room()
        schedule.put(number, 0)
    assert await asyncio.wait_for(asyncio.gather(*waiting[:10]), 2) == list(range(10))
    for number in range(9):
        schedule.park(number, 0, 2000.0)
    schedule.done()
    await asyncio.sleep(0.05)
    assert looks < 100
    schedule.stop()
    assert await asyncio.wait_for(asyncio.gather(*waiting[10:]), 2) == [None] * 990


async def test_who_is_cancelled_when_woken_leaves_the_entry_to_the_next() -> None:
    schedule: Schedule[str] = Schedule(Clock())
    waiting = [asyncio.create_task(schedule.take()) for _ in range(2)]
    await asyncio.sleep(0)
    await schedule.room()
    schedule.put("a", 0)
    schedule.close()
    waiting[0].cancel()
    assert await asyncio.wait_for(waiting[1], 0.5) == "a"


async def test_who_is_cancelled_takes_nothing_along() -> None:
    schedule = await filled(Clock(), a=0)
    waiting = [asyncio.create_task(schedule.take()) for _ in range(3)]
    await asyncio.sleep(0)
    schedule.close()
    waiting[0].cancel()
    done, _ = await asyncio.wait(waiting[1:], timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == ["a"]
    schedule.done()
    await asyncio.wait(waiting)
