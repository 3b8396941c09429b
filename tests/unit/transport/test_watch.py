"""The watch over a request: does it move, when has it gone, and how many bytes have moved."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import pytest

from alipay_mini_audit.transport import Progress
from alipay_mini_audit.transport.watch import SendWatch


@attrs.define
class FakeConnection:
    """A connection that holds what it is told to hold."""

    in_process: int = 0
    queue: int | None = 0
    is_closing: bool = False

    def held(self) -> int:
        return self.in_process

    def in_kernel(self) -> int | None:
        return self.queue


@attrs.define
class Scene:
    """A request, what became of it, and the connection that it goes by."""

    progress: Progress
    connection: FakeConnection = attrs.field(factory=FakeConnection)
    output_size: int = 0
    stalls: int = 0
    gone: list[float] = attrs.field(factory=list)
    watch: SendWatch | None = None

    def stalled(self) -> None:
        self.stalls += 1

    def leave(self, count: int) -> None:
        """Write some of the body, of which nothing has moved yet."""
        self.progress.leaving(count, 0.0)
        self.output_size += count
        self.connection.in_process += count


@attrs.define
class Clock:
    """The clock of a loop, by which timers are due; it is moved by hand."""

    loop: asyncio.AbstractEventLoop
    now: float = 1000.0
    timers: list[float] = attrs.field(factory=list)
    """When a timer was asked for."""

    async def go_to(self, now: float, step: float = 0.005) -> None:
        while self.now < now:
            self.now = min(now, self.now + step)
            for _ in range(3):
                await asyncio.sleep(0)


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    loop = asyncio.get_running_loop()
    clock = Clock(loop)
    real = loop.call_at

    def call_at(when: float, *args: object, **kwargs: object) -> asyncio.TimerHandle:
        clock.timers.append(when)
        return real(when, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "time", lambda: clock.now)
    monkeypatch.setattr(loop, "call_at", call_at)
    return clock


@contextmanager
def watching(progress: Progress) -> Iterator[Scene]:
    scene = Scene(progress)
    scene.watch = SendWatch(
        scene.connection,  # type: ignore[arg-type]
        scene,  # type: ignore[arg-type]  # it counts what was written
        progress,
        on_stall=scene.stalled,
        on_gone=scene.gone.append,
    )
    yield scene
    scene.watch.stop()


async def test_a_request_of_which_no_byte_moves_is_a_stall_after_the_time_that_was_given(
    clock: Clock,
) -> None:
    with watching(Progress(stall=2.0)) as scene:
        scene.leave(1000)
        await clock.go_to(1001.9)
        scene.connection.in_process = 999
        await clock.go_to(1003.9)
        assert scene.stalls == 0, "a byte has moved meanwhile"
        await clock.go_to(1010)
        assert scene.stalls == 1


async def test_what_a_request_waits_at_its_gate_is_no_stall(clock: Clock) -> None:
    with watching(Progress(stall=2.0)) as scene:
        scene.leave(1000)
        await clock.go_to(1001)
        scene.progress.waits_since = 1001.0
        await clock.go_to(1061)
        scene.progress.waits_since = None
        scene.progress.queued_seconds = 60.0
        await clock.go_to(1061.9)
        assert scene.stalls == 0
        await clock.go_to(1062.6)
        assert scene.stalls == 1


async def test_a_byte_that_the_kernel_keeps_has_not_moved(clock: Clock) -> None:
    with watching(Progress(stall=2.0)) as scene:
        scene.leave(1000)
        await clock.go_to(1001.9)
        scene.connection.in_process, scene.connection.queue = 0, 1000
        await clock.go_to(1002.6)
        assert scene.stalls == 1


async def test_a_request_has_gone_once_the_kernel_has_nothing_left_of_it(clock: Clock) -> None:
    with watching(Progress(stall=2.0)) as scene:
        assert scene.watch is not None
        scene.leave(1000)
        scene.connection.in_process, scene.connection.queue = 0, 1000
        scene.watch.sent()
        for step in range(1, 10):
            await clock.go_to(1000 + step)
            scene.connection.queue = 1000 - step * 100
        assert (scene.gone, scene.stalls) == ([], 0)
        scene.connection.queue = 0
        await clock.go_to(1010)
        assert scene.gone == [pytest.approx(1009, abs=0.5)], "the longer it took, the less often"
        await clock.go_to(1020)
        assert (len(scene.gone), scene.stalls) == (1, 0)


async def test_a_queue_that_is_empty_for_a_moment_is_not_the_end(clock: Clock) -> None:
    with watching(Progress(stall=2.0)) as scene:
        assert scene.watch is not None
        scene.leave(1000)
        scene.connection.in_process, scene.connection.queue = 0, 0
        scene.watch.sent()
        scene.connection.queue = 500
        await clock.go_to(1000.5)
        assert scene.gone == []
        scene.connection.queue = 0
        await clock.go_to(1001)
        assert scene.gone == [pytest.approx(1000.5, abs=0.11)]


async def test_a_queue_that_stands_still_after_the_last_byte_is_a_stall(clock: Clock) -> None:
    with watching(Progress(stall=1.0)) as scene:
        assert scene.watch is not None
        scene.leave(1000)
        scene.connection.in_process, scene.connection.queue = 0, 400
        scene.watch.sent()
        await clock.go_to(1001.3)
        assert (scene.stalls, scene.gone) == (1, [])


@pytest.mark.parametrize(
    ("size", "seconds", "allowance"),
    [(65_536, 0, 1), (50_000_000, 0, 64), (50_000_000, 5, 64), (3_276_800, 100, 100)],
)
async def test_a_kernel_that_does_not_tell_is_allowed_for(
    clock: Clock, size: int, seconds: float, allowance: float
) -> None:
    with watching(Progress(stall=1000.0)) as scene:
        assert scene.watch is not None
        scene.connection.queue = None
        scene.progress.leaving(size, 1000)
        scene.output_size = size
        clock.now += seconds
        scene.watch.sent()
        assert scene.gone == [pytest.approx(1000 + seconds + allowance)]


@pytest.mark.parametrize("stall", [0.04, 0.4, 2.0, 30.0])
async def test_who_does_not_listen_costs_no_timer_more(clock: Clock, stall: float) -> None:
    with watching(Progress(stall=stall)):
        await clock.go_to(1000 + stall * 0.9, stall / 100)
    due = [1000 + stall / 4 * number for number in (1, 2, 3, 4)]
    assert clock.timers == pytest.approx(due, abs=stall / 20)


@pytest.mark.parametrize("stall", [0.02, 0.2, 0.4, 30.0])
async def test_who_listens_is_told_ten_times_a_second_at_most_and_only_of_news(
    clock: Clock, stall: float
) -> None:
    told: list[tuple[float, int]] = []
    progress = Progress(stall=stall, on_bytes=lambda sent: told.append((clock.now, sent)))
    with watching(progress) as scene:
        scene.leave(100_000)
        for step in range(2000):
            if step < 1000 or step >= 1500:
                scene.connection.in_process -= 10
            else:
                scene.output_size += 1  # something moves, so that it is not cut, but not the body
            await clock.go_to(1000 + (step + 1) * 0.001, 0.001)
    assert scene.stalls == 0
    assert 14 <= len(told) <= 16
    assert all(b[0] - a[0] >= 0.1 for a, b in itertools.pairwise(told))
    assert [sent for _, sent in told] == sorted({sent for _, sent in told})
    for now, sent in told:
        moved = (now - 1000) * 10_000
        expected = moved if moved <= 10_000 else max(10_000, moved - 5000)
        assert sent == pytest.approx(expected, abs=20)


async def test_the_head_of_a_request_does_not_count(clock: Clock) -> None:
    told: list[int] = []
    with watching(Progress(stall=30, on_bytes=told.append)) as scene:
        scene.output_size = scene.connection.in_process = 300
        scene.leave(1000)
        for held in (1300, 1100, 1000, 999, 400, 0):
            scene.connection.in_process = held
            await clock.go_to(clock.now + 0.11)
    assert told == [1, 600, 1000]


async def test_a_listener_that_raises_does_not_end_the_watch(clock: Clock) -> None:
    reported: list[object] = []
    clock.loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))

    def listen(_: int) -> None:
        raise ValueError("mine")

    with watching(Progress(stall=1.0, on_bytes=listen)) as scene:
        scene.leave(1000)
        scene.connection.in_process = 900
        await clock.go_to(1003)
        assert scene.stalls == 1
    assert [type(error) for error in reported] == [ValueError]


async def test_a_connection_that_is_gone_is_watched_no_longer(clock: Clock) -> None:
    with watching(Progress(stall=1.0, on_bytes=lambda _: None)) as scene:
        scene.connection.is_closing = True
        await clock.go_to(1005)
        assert (scene.stalls, len(clock.timers)) == (0, 1)
