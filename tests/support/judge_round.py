"""One round of the judge's count: a gateway, its clients, and a few hundred stories."""

import asyncio
import gc
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import psutil
from support.judge_calls import Director, Round
from support.judge_players import Notebook, Players
from support.judge_story import Story, make_story, stories
from support.judge_verdict import Claim, Violation
from support.raw_client import RawClient
from support.sandbox_material import sandbox_material

from alipay_mini_audit.sandbox import Fault, SandboxGateway

OFFSETS = (590.0, -590.0, 0.0, 0.0, 240.0, -240.0, 30.0, -30.0, -590.0, 700.0)
"""Seconds that the platform's clock is ahead of ours, one for each of ten rounds."""


@attrs.frozen(kw_only=True)
class RoundResult:
    """What a round came to.

    Attributes:
        number: of the round.
        claims: what each call told its caller.
        violations: the promises that were broken.
        complaints: what was left, or went wrong at a close.
        late: how many requests arrived although their client had left.
        lag: the longest that the event loop was late, in seconds; near a second, a request may have
            arrived later than the relay promises, and the round proves nothing.
        seconds: how long it took.
    """

    number: int
    claims: list[Claim]
    violations: list[Violation]
    complaints: list[str]
    late: int
    lag: float
    seconds: float


async def _play_round(seed: int, number: int, chosen: list[Story], folder: Path) -> RoundResult:
    loop = asyncio.get_running_loop()
    loop.set_debug(False)
    complaints: list[str] = []
    loop.set_exception_handler(lambda _, context: complaints.append(str(context)))
    started = loop.time()
    before = asyncio.all_tasks()
    lags = [0.0]
    offset = OFFSETS[number % len(OFFSETS)]
    dice = random.Random(f"{seed}:{number}")
    material = sandbox_material()
    async with SandboxGateway(
        strict=False, material=material, clock=lambda: time.time() + offset
    ) as gateway:
        notebook = Notebook()
        by_certificate = number % 10 == 7
        if by_certificate:
            gateway.faults.add(Fault.CERTIFICATE_CHANGE, call=200)
        others = RawClient(gateway, clock=gateway._clock)
        director = Director({story.token: story for story in chosen})
        players = Players(gateway, director.treat, dice, notebook, by_certificate, complaints)
        round_ = Round(number, folder, gateway, players, director, others, notebook)
        async with players, asyncio.TaskGroup() as watching:
            watch = watching.create_task(_watch(lags))
            await round_.play(chosen)
            watch.cancel()
        await round_.ask_later()
    left = asyncio.all_tasks() - before
    for _ in range(50):
        if not (left := asyncio.all_tasks() - before):
            break
        await asyncio.sleep(0.02)
    complaints.extend(f"left: {task!r}" for task in left)
    return RoundResult(
        number=number,
        claims=round_.claims,
        violations=round_.violations(),
        complaints=complaints,
        late=players.late,
        lag=round(max(lags), 2),
        seconds=loop.time() - started,
    )


async def _watch(lags: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        started = loop.time()
        await asyncio.sleep(0.02)
        lags.append(loop.time() - started - 0.02)


async def warm_up() -> None:
    """Listen once: a loop of uvloop keeps a descriptor from then on."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.read()
    writer.close()
    server.close()
    await asyncio.sleep(0.01)


def play_round(
    seed: int,
    number: int,
    calls: int,
    *,
    only: int | None = None,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> RoundResult:
    """Play a round in an event loop of its own, and look at what it leaves behind.

    Args:
        seed: of everything.
        number: of the round.
        calls: how many calls of the library it makes at least.
        only: number of the only story that is played; `None` plays all.
        loop_factory: makes the event loop; `None` takes asyncio's.
    """
    chosen = (
        list(stories(seed, number, calls)) if only is None else [make_story(seed, number, only)]
    )
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as name, asyncio.Runner(loop_factory=loop_factory) as runner:
        folder = Path(name)
        for size in {step.size for story in chosen for phase in story.phases for step in phase}:
            (folder / f"{size}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(size))
        runner.run(warm_up())
        descriptors, threads = process.num_fds(), threading.active_count()
        result = runner.run(_play_round(seed, number, chosen, folder))
        runner.run(runner.get_loop().shutdown_default_executor())
        gc.collect()
        if process.num_fds() > descriptors:
            left = process.num_fds() - descriptors
            result.complaints.append(f"{left} descriptors were left open")
        if threading.active_count() > threads:
            result.complaints.append(f"threads were left: {threading.enumerate()}")
    return result
