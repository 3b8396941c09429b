"""The moments that calls get, in simulated time."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise

import pytest
from support.simulated_time import SimulatedTime, TimedBook

from alipay_mini_audit.batch.pace import MemoryPaceBook, Pace
from alipay_mini_audit.errors import BatchError

HOUR = 3600.0
TICK = 1e-6
"""Seconds since 1970 are not exact as a float."""


class Scene:
    """Paces that share a book, in a time of their own."""

    def __init__(self) -> None:
        self.time = SimulatedTime()
        self.book = TimedBook(MemoryPaceBook(), self.time)
        self.starts: list[float] = []

    def pace(self, ceiling: float | None = None) -> Pace:
        return Pace(self.book, ceiling=ceiling, clock=self.time.clock, sleep=self.time.sleep)

    async def call(self, pace: Pace, keys: tuple[str, ...] = ()) -> None:
        await pace.moment(keys)
        self.starts.append(self.time.passed)

    def run(self, story: Callable[[], Coroutine[object, object, None]]) -> None:
        async def main() -> None:
            await self.time.run(story())  # type: ignore[arg-type]

        asyncio.run(main())


def gaps(starts: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(starts)]


async def make_limited(scene: Scene, pace: Pace, rate: float = 10.0) -> None:
    """Have some seconds of calls accepted, and one refused."""
    for _ in range(round(5 * rate)):
        await pace.accepted()
        await scene.time.sleep(1 / rate)
    await pace.throttled(None)


def test_without_a_limit_a_moment_is_now_and_the_book_is_read_twice_a_second() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace()
        for _ in range(2000):
            assert await pace.moment() == scene.time.clock()
            await scene.time.sleep(0.001)

    scene.run(story)
    assert scene.time.passed == pytest.approx(2.0)
    assert 3 <= scene.book.trips <= 5


def test_accepted_calls_are_written_together() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace()
        for _ in range(1000):
            await pace.accepted()
            await scene.time.sleep(0.001)

    scene.run(story)
    assert 3 <= scene.book.trips <= 5


def test_a_ceiling_spaces_the_calls_of_many_workers() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace(4.0)
        await asyncio.gather(*(scene.call(pace) for _ in range(21)))

    scene.run(story)
    assert gaps(scene.starts) == pytest.approx([0.25] * 20, abs=1e-5)


def test_many_moments_are_reserved_in_one_round_trip() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace(500.0)
        await asyncio.gather(*(scene.call(pace) for _ in range(500)))

    scene.run(story)
    assert scene.time.passed == pytest.approx(1.0, abs=0.01)
    assert scene.book.trips < 60


def test_who_came_first_goes_first() -> None:
    scene, order = Scene(), []

    async def story() -> None:
        pace = scene.pace(50.0)

        async def call(number: int) -> None:
            await pace.moment()
            order.append(number)

        await asyncio.gather(*(call(number) for number in range(40)))

    scene.run(story)
    assert order == list(range(40))


def test_few_moments_are_ahead_so_that_a_refusal_slows_those_who_wait_already() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace()
        await make_limited(scene, pace, 10.0)
        calls = [asyncio.create_task(scene.call(pace)) for _ in range(100)]
        await scene.time.sleep(4)
        count = len(scene.starts)
        await pace.throttled(None)  # none was accepted in the last seconds: the floor
        await scene.time.sleep(4)
        assert count > 30
        assert len(scene.starts) - count < 0.7 * count
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    scene.run(story)


def test_nobody_starts_before_the_end_of_retry_after_who_waited_already() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace(100.0)
        calls = [asyncio.create_task(scene.call(pace)) for _ in range(60)]
        await scene.time.sleep(0.205)
        refused_at = scene.time.passed
        await pace.throttled(30.0)
        before = len(scene.starts)
        await asyncio.gather(*calls)
        assert scene.starts[before] >= refused_at + 30 - TICK
        assert min(gaps(scene.starts[before:])) > 0.009

    scene.run(story)


def test_a_refusal_that_another_pace_hears_of_counts_within_half_a_second() -> None:
    scene = Scene()

    async def story() -> None:
        one, other = scene.pace(), scene.pace()
        await other.moment()
        await make_limited(scene, one, 2.0)
        await other.moment()
        heard = scene.time.passed
        await one.throttled(20.0)
        await scene.time.sleep(0.5)
        await other.moment()
        assert scene.time.passed >= heard + 20

    scene.run(story)


def test_a_narrower_limit_holds_up_only_its_own_calls() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace()
        await make_limited(scene, pace, 100.0)
        await pace.throttled(None, ("merchant:1",))
        begun = scene.time.passed
        shop = asyncio.gather(*(scene.call(pace, ("merchant:1",)) for _ in range(4)))
        await asyncio.gather(*(pace.moment(("merchant:2",)) for _ in range(50)))
        assert scene.time.passed - begun < 1.5
        await shop
        assert min(gaps(scene.starts)) > 1.9

    scene.run(story)


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
@pytest.mark.parametrize("after", [0.02, 1.0, 2.3])
def test_a_jump_of_the_clock_neither_stops_the_calls_nor_lets_a_burst_through(
    jump: float, after: float
) -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace(10.0)

        async def jumps() -> None:
            await scene.time.sleep(after)
            scene.time.offset += jump

        await asyncio.gather(jumps(), *(scene.call(pace) for _ in range(100)))

    scene.run(story)
    assert scene.time.passed == pytest.approx(10, abs=0.3)
    for begin in range(10):
        assert sum(begin <= start < begin + 1 for start in scene.starts) <= 12


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_jump_while_a_refusal_is_waited_for_does_not_end_it_and_doubles_it_at_most(
    jump: float,
) -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace(10.0)
        await pace.throttled(30.0)
        calls = [asyncio.create_task(scene.call(pace)) for _ in range(10)]
        await scene.time.sleep(1)
        scene.time.offset += jump
        await asyncio.gather(*calls)

    scene.run(story)
    assert 30 - TICK <= scene.starts[0] < 65
    assert min(gaps(scene.starts)) > 0.09


def test_a_moment_that_is_returned_is_never_ahead() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace(3.0)

        async def call() -> None:
            for _ in range(3):
                moment = await pace.moment()
                assert scene.time.clock() - 0.01 <= moment <= scene.time.clock()

        await asyncio.gather(*(call() for _ in range(4)))

    scene.run(story)


def test_a_call_that_is_cancelled_loses_its_moment_and_holds_up_nobody() -> None:
    scene = Scene()

    async def story() -> None:
        pace = scene.pace(10.0)
        calls = [asyncio.create_task(scene.call(pace)) for _ in range(20)]
        await scene.time.sleep(0.55)
        for call in calls[::2]:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    scene.run(story)
    assert 10 <= len(scene.starts) <= 14
    assert scene.starts[-1] < 2.0


def test_closing_ends_the_waits() -> None:
    scene = Scene()

    async def story() -> None:
        async with scene.pace(10.0) as pace:
            await pace.throttled(HOUR)
            calls = [asyncio.create_task(pace.moment()) for _ in range(50)]
            await scene.time.sleep(1)
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(end) for end in ends} == {BatchError}
        with pytest.raises(BatchError, match="closed"):
            await pace.moment()
        assert scene.time.passed < 2

    scene.run(story)


class BrokenBook:
    """Fails whenever moments are asked for."""

    async def limits(self, _: float) -> dict[str, float]:
        return {}

    async def reserve(self, *_: object, **__: object) -> object:
        raise BatchError("locked")


async def test_whoever_waits_hears_of_a_book_that_cannot_be_used() -> None:
    pace = Pace(BrokenBook(), ceiling=5.0)
    ends = await asyncio.gather(*(pace.moment() for _ in range(20)), return_exceptions=True)
    assert [str(end) for end in ends] == ["locked"] * 20
