"""How many long steps happen in one round of the event loop."""

import asyncio

import pytest

from alipay_mini_audit.concurrency import ClosableWaits, StepLimiter


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
    assert 1 <= max(rounds) <= 4
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
    assert steps == 4, "four have had their step, eight wait"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(5):
        rounds, _ = await steps_per_round(limiter, tasks=4, steps=1)
    assert max(rounds) == 4, "all turns are free"


async def test_an_error_in_a_turn_ends_it() -> None:
    limiter = StepLimiter()
    for _ in range(10):
        with pytest.raises(ValueError, match="mine"):
            async with limiter:
                raise ValueError("mine")


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
