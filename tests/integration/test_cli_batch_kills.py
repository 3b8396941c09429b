"""`batch run` and signals: whatever ends it, run again it goes on, and nothing is sent twice.

`KILLS=40 ENTRIES=400 SEED=7` is a longer form.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.forked_nights import Program
from support.night_folder import night_folder, run_options

from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

KILLS = int(os.environ.get("KILLS", "4"))
ENTRIES = int(os.environ.get("ENTRIES", "30"))
SEED = int(os.environ.get("SEED", "1"))
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks"),
    pytest.mark.timeout(600),
]


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    asyncio.get_running_loop().set_debug(False)
    async with SandboxGateway(material=material) as gateway:
        yield gateway


async def start(folder: Path, *options: str) -> Program:
    always = ["--yes", "--json", "--unknown-window", "1", *run_options(folder)]
    manifest = str(folder / "night.jsonl")
    return await Program.start("support.night_command", "batch", "run", manifest, *always, *options)


def lines_of(said: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines() if line.endswith(b"}")]


async def until_sent(gateway: SandboxGateway, count: int) -> None:
    async with asyncio.timeout(20):
        while len(gateway.arrivals) < count:  # noqa: ASYNC110  # of another process
            await asyncio.sleep(0.005)


async def test_whatever_ends_it_each_entry_is_sent_once(
    gateway: SandboxGateway, tmp_path: Path
) -> None:
    night_folder(tmp_path, gateway.base_url, ENTRIES)
    chance = random.Random(SEED)
    ended = []
    for number in range(KILLS):
        before = len(gateway.arrivals)
        program = await start(tmp_path, "--rate", "50/s")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while len(gateway.arrivals) == before:  # noqa: ASYNC110  # of another process
                    await asyncio.sleep(0.005)
        await asyncio.sleep(chance.uniform(0.0, ENTRIES / KILLS / 50))
        program.send_signal(SIGNALS[number % len(SIGNALS)])
        await program.rest()
        ended.append(program.returncode)
    program = await start(tmp_path)
    said = lines_of(await program.rest())
    assert program.returncode == 0, said
    assert set(ended) <= {0, 130, 143, 129, -9}
    assert len(set(ended)) >= min(KILLS, 3), "the signals came too late"
    assert said[-1]["summary"]["counts"] == {"done": ENTRIES}
    assert len(said) == ENTRIES + 1
    arrived = Counter(each.fields["app_version"] for each in gateway.arrivals)
    assert arrived == Counter(f"0.0.{number}" for number in range(1, ENTRIES + 1))


async def test_one_signal_lets_what_is_being_sent_end(
    gateway: SandboxGateway, tmp_path: Path
) -> None:
    number = signal.SIGTERM
    night_folder(tmp_path, gateway.base_url, 30)
    gateway.faults.add(Fault.slow_answer(1.0), operation="apply", times=None)
    program = await start(tmp_path, "--concurrency", "4")
    await until_sent(gateway, 4)
    watch = await Program.start(
        "support.night_command", "batch", "status", str(tmp_path / "journal"), "--watch", "--json"
    )
    seen = json.loads(await watch.stdout.readline())
    assert (seen["is_running"], seen["pid"], seen["total"]) == (True, program.pid, 30)
    program.send_signal(number)
    *entries, last = lines_of(await program.rest())
    assert program.returncode == 128 + number
    assert {each["state"] for each in entries} == {"done"}
    assert 4 <= len(entries) == len(gateway.arrivals) < 30
    summary = last["summary"]
    assert (summary["stopped_by"], summary["exit_status"]) == (number.name, 128 + number)
    done = len(entries)
    assert summary["journal"]["counts"] == {"planned": 30 - done, "done": done}
    while json.loads(await watch.stdout.readline())["is_running"]:
        pass
    watch.send_signal(signal.SIGINT)
    await watch.rest()
    assert watch.returncode == 130


async def test_a_second_signal_ends_it_at_once(gateway: SandboxGateway, tmp_path: Path) -> None:
    night_folder(tmp_path, gateway.base_url, 3)
    gateway.faults.add(Fault.HANG_AFTER_ACCEPTING, operation="apply", times=3)
    program = await start(tmp_path)
    await until_sent(gateway, 3)
    program.send_signal(signal.SIGINT)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await program.wait()
    program.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        (last,) = lines_of(await program.rest())
    assert program.returncode == 143
    assert last["summary"]["journal"]["counts"] == {"unknown": 3}
    again = await start(tmp_path)
    said = lines_of(await again.rest())
    assert again.returncode == 0, said
    assert len(gateway.arrivals) == 3


async def test_a_reader_that_leaves_lets_what_is_being_sent_end(
    gateway: SandboxGateway, tmp_path: Path
) -> None:
    night_folder(tmp_path, gateway.base_url, 12)
    gateway.faults.add(Fault.slow_answer(0.05), operation="apply", times=None)
    program = await start(tmp_path, "--concurrency", "2")
    await program.stdout.readline()
    program.stdout._transport.close()  # type: ignore[attr-defined]  # as `| head -1` does
    assert await program.wait() == 141
    again = await start(tmp_path)
    assert len(gateway.arrivals) < 12
    said = lines_of(await again.rest())
    assert again.returncode == 0, said
    assert len(gateway.arrivals) == 12


async def test_a_journal_that_is_gone_hides_nothing_that_was_sent(
    gateway: SandboxGateway, tmp_path: Path
) -> None:
    night_folder(tmp_path, gateway.base_url, 12)
    gateway.faults.add(Fault.slow_answer(0.3), operation="apply", times=None)
    program = await start(tmp_path, "--concurrency", "2")
    await until_sent(gateway, 1)
    (tmp_path / "journal").unlink()
    *_, last = lines_of(await program.rest())
    assert program.returncode == 5, "which is not: nothing was sent"
    summary = last["summary"]
    assert (summary["exit_status"], summary["journal"]) == (5, None)
    assert "is missing or was replaced" in summary["error"]
