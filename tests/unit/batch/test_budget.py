"""Bytes under way: first come, first served, and nothing leaks, whoever gives up when."""

import asyncio
import itertools
import time

import pytest

from alipay_mini_audit.batch.budget import Bandwidth, Budget


async def turns(count: int = 3) -> None:
    """Let everybody go as far as they can."""
    for _ in range(count):
        await asyncio.sleep(0)


class Users:
    """Those who hold a part of a budget until they are told to leave."""

    def __init__(self, total: int) -> None:
        self.budget = Budget(total)
        self.inside: list[str] = []
        self.leaving: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def come(self, name: str, size: int) -> None:
        self.leaving[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, size))

    async def _stay(self, name: str, size: int) -> None:
        async with self.budget.hold(size):
            self.inside.append(name)
            try:
                await self.leaving[name].wait()
            finally:
                self.inside.remove(name)

    async def give_up(self, name: str) -> None:
        self.tasks[name].cancel()
        with pytest.raises(asyncio.CancelledError):
            await self.tasks[name]

    async def end(self) -> None:
        for event in self.leaving.values():
            event.set()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_first_come_first_served() -> None:
    users = Users(10)
    for name, size in (("a", 6), ("b", 6), ("small", 1)):
        users.come(name, size)
    await turns()
    assert users.inside == ["a"]
    users.leaving["a"].set()
    await turns()
    assert users.inside == ["b", "small"]
    await users.end()


async def test_what_is_larger_than_all_goes_alone() -> None:
    users = Users(10)
    for name, size in (("a", 1), ("huge", 10**9), ("b", 1)):
        users.come(name, size)
    await turns()
    assert users.inside == ["a"]
    users.leaving["a"].set()
    await turns()
    assert users.inside == ["huge"]
    users.leaving["huge"].set()
    await turns()
    assert users.inside == ["b"]
    await users.end()


async def test_what_is_empty_needs_no_room() -> None:
    users = Users(10)
    users.come("all", 10)
    users.come("empty", 0)
    await turns()
    assert users.inside == ["all", "empty"]
    await users.end()


async def test_who_gives_up_at_the_head_lets_the_next_ones_in() -> None:
    users = Users(10)
    for name, size in (("a", 5), ("large", 10), ("b", 5)):
        users.come(name, size)
    await turns()
    await users.give_up("large")
    await turns()
    assert users.inside == ["a", "b"]
    await users.end()


async def test_who_gives_up_as_the_turn_comes_gives_it_back() -> None:
    users = Users(10)
    for name in ("a", "b", "c"):
        users.come(name, 10)
    await turns()
    users.leaving["a"].set()
    await asyncio.sleep(0)  # `b` has its turn now, and has not seen it yet
    await users.give_up("b")
    await turns()
    assert users.inside == ["c"]
    await users.end()


async def test_room_that_comes_between_giving_up_and_leaving_hurts_nobody() -> None:
    users = Users(10)
    for name in ("a", "b", "c"):
        users.come(name, 10)
    await turns()
    users.leaving["a"].set()
    users.tasks["b"].cancel()  # the line sees that there is room first, then that `b` has left
    with pytest.raises(asyncio.CancelledError):
        await users.tasks["b"]
    await turns()
    assert users.inside == ["c"]
    await users.end()


async def test_what_fails_inside_gives_its_bytes_back() -> None:
    budget = Budget(10)
    for _ in range(3):
        with pytest.raises(ValueError, match="no"):
            async with budget.hold(10):
                raise ValueError("no")
    async with asyncio.timeout(1), budget.hold(10):
        pass


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(100, 1024), (80_000, 10_000), (10**9, 65_536)],
    ids=["slow", "between", "fast"],
)
def test_a_piece_is_an_eighth_of_a_second_within_reason(rate: float, expected: int) -> None:
    assert Bandwidth(rate, lambda: 0.0).most_bytes == expected


async def test_the_line_is_shared_evenly() -> None:
    loop = asyncio.get_running_loop()
    line = Bandwidth(10_000_000, loop.time)
    sent: list[str] = []

    async def upload(name: str) -> None:
        for _ in range(6):
            await line.take(line.most_bytes)
            sent.append(name)

    began = time.monotonic()
    await asyncio.gather(upload("a"), upload("b"), upload("c"))
    for number in range(3, 18, 3):
        shares = [sent[:number].count(name) for name in "abc"]
        assert max(shares) - min(shares) <= 2  # the first one is a piece ahead
    assert time.monotonic() - began >= 17 * line.most_bytes / 10_000_000 - 0.01


async def test_a_line_that_was_idle_saves_nothing_up() -> None:
    now = itertools.chain([0.0, 1000.0], itertools.repeat(1000.0))
    line = Bandwidth(10_000_000, lambda: next(now))
    began = time.monotonic()
    for _ in range(4):
        await line.take(100_000)  # the clock stands still, so each waits for all before it
    assert time.monotonic() - began >= 0.05


async def test_what_is_given_back_early_is_given_back_once() -> None:
    users = Users(10)
    async with users.budget.hold(10) as give_back:
        give_back()
        users.come("one", 10)
        await turns()
        assert users.inside == ["one"]
    users.come("two", 10)
    await turns()
    assert users.inside == ["one"]
    for name in ("one", "two"):
        users.leaving[name].set()
    await asyncio.gather(*users.tasks.values())
