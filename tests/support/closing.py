"""Closes clients at random moments, and sees how long it takes and what is left.

    PYTHONPATH=tests python -m support.closing --moments 500 --seed 20261125

The exit status is 1 if a close took longer than a second, or something was left.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import psutil
import uvloop
from support.closing_scenes import SCENES, Peer, Scene
from support.judge_round import warm_up

from alipay_mini_audit import AuditApply, AuditClient, AuditError

SECOND = 1.0
LATEST = 0.15
"""Seconds after its start at which a scene is closed at the latest; by then all of them wait."""
_GRANTED = 1.0
"""Seconds that calls have to end once their client is closed, and connections to go."""


@attrs.frozen
class Complaint:
    """What was wrong with the close of a scene, at which moment."""

    scene: str
    moment: float
    kind: str
    detail: str = ""


@attrs.define(eq=False)
class Closing:
    """One close of one scene; collects complaints."""

    scene: Scene
    moment: float
    calls: int
    complaints: list[Complaint]

    async def run(self, folder: Path) -> None:
        """Start the scene's calls, close the client in the midst of them, and look around."""
        tasks, descriptors = asyncio.all_tasks(), psutil.Process().num_fds()
        async with self.scene.play(folder) as (client, peer):
            calls = [asyncio.create_task(self._call(client, n)) for n in range(self.calls)]
            await asyncio.sleep(self.moment)
            await self._close(client)
            await self._see_calls(calls)
            await self._see_links(peer)
        await self._see_rest(tasks, descriptors)

    async def _call(self, client: AuditClient, number: int) -> object:
        if number % 2:
            return await client.cancel(f"1.0.{number}")
        request = AuditApply(app_version=f"1.0.{number}", version_desc="x" * 40)
        return await client.apply(request, self.scene.attachments())

    async def _close(self, client: AuditClient) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        closing = asyncio.create_task(client.aclose())
        await asyncio.wait({closing}, timeout=5)
        took = loop.time() - started
        if not closing.done():
            self._complain("aclose did not return in 5 s")
            closing.cancel()
            await asyncio.gather(closing, return_exceptions=True)
        elif took > SECOND:
            self._complain("aclose took more than a second", f"{took:.2f} s")
        if not closing.cancelled() and (error := closing.exception()) is not None:
            self._complain("aclose raised", repr(error))

    async def _see_calls(self, calls: Sequence[asyncio.Task[object]]) -> None:
        _, going_on = await asyncio.wait(calls, timeout=_GRANTED)
        for call in going_on:
            self._complain("a call goes on after the close")
            call.cancel()
        for end in await asyncio.gather(*calls, return_exceptions=True):
            if not isinstance(end, AuditError) and not going_on:
                self._complain(f"a call ended in {type(end).__name__}", repr(end))

    async def _see_links(self, peer: Peer) -> None:
        await _until(lambda: all(link.is_gone() for link in peer.links))
        if left := sum(not link.is_gone() for link in peer.links):
            self._complain("connections are open after the close", f"{left}")
            for link in peer.links:
                link.end("reset")

    async def _see_rest(self, tasks: set[asyncio.Task[object]], descriptors: int) -> None:
        count = psutil.Process().num_fds
        await _until(lambda: asyncio.all_tasks() == tasks and count() <= descriptors)
        for task in asyncio.all_tasks() - tasks:
            self._complain("a task is left", repr(task))
            task.cancel()
        if (left := count() - descriptors) > 0:
            self._complain("descriptors are left", f"{left}")

    def _complain(self, kind: str, detail: str = "") -> None:
        self.complaints.append(Complaint(self.scene.name, round(self.moment, 4), kind, detail))


async def _until(is_true: Callable[[], bool]) -> None:
    end = asyncio.get_running_loop().time() + _GRANTED
    while not is_true() and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110  # the system's
        await asyncio.sleep(0.005)


async def _run(seed: int, moments: int, scenes: Sequence[Scene]) -> list[Complaint]:
    loop = asyncio.get_running_loop()
    loop.set_debug(False)
    complaints: list[Complaint] = []
    dice = random.Random(seed)

    def note(_: object, context: dict[str, object]) -> None:
        complaints.append(Complaint("?", 0.0, "the loop was told of an error", repr(context)))

    loop.set_exception_handler(note)
    with tempfile.TemporaryDirectory() as name:
        await asyncio.to_thread(int)
        for number in range(moments):
            scene = scenes[number % len(scenes)]
            moment = dice.uniform(0, LATEST)
            await Closing(scene, moment, dice.randint(1, 3), complaints).run(Path(name))
    return complaints


def close_at_random(
    seed: int, moments: int, *, uses_uvloop: bool, scenes: Sequence[Scene] = SCENES
) -> list[Complaint]:
    """Close so many clients, scene by scene; return what was wrong.

    Args:
        seed: of the moments.
        moments: how many.
        uses_uvloop: whose event loop runs it.
        scenes: what the clients are doing.
    """
    factory = uvloop.new_event_loop if uses_uvloop else asyncio.new_event_loop
    if uses_uvloop:  # its look-ups are not Python's: they would really ask a name server
        scenes = [scene for scene in scenes if scene.host is None or scene.lends]
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(warm_up())
        return runner.run(_run(seed, moments, scenes))


def main() -> int:
    """Run as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(description="Closes clients at random moments.")
    parser.add_argument("--moments", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--scene", help="only this one")
    arguments = parser.parse_args()
    scenes = [each for each in SCENES if arguments.scene in (None, each.name)]
    is_bad = False
    for uses_uvloop in (False, True):
        found = close_at_random(
            arguments.seed, arguments.moments, uses_uvloop=uses_uvloop, scenes=scenes
        )
        is_bad |= bool(found)
        sys.stdout.write(f"{'uvloop' if uses_uvloop else 'asyncio'}: {len(found)} complaints\n")
        for (scene, kind), count in Counter((each.scene, each.kind) for each in found).items():
            example = next(each for each in found if (each.scene, each.kind) == (scene, kind))
            sys.stdout.write(
                f"{count:5} {scene}: {kind}, e.g. at {example.moment} s {example.detail[:300]}\n"
            )
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main())
