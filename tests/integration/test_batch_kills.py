"""A night whose process is killed again and again: each entry is accepted exactly once.

`KILLS=30 ENTRIES=500` is the long form.
"""

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.batches import Night, night, submissions
from support.night_process import assert_journal_agrees, assert_once, end_of, start
from support.slow_relay import SlowRelay

from alipay_mini_audit.sandbox import Fault, Material

KILLS = int(os.environ.get("KILLS", "3"))
ENTRIES = int(os.environ.get("ENTRIES", "40"))
SEED = int(os.environ.get("SEED", "1"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


@pytest.fixture
async def here(material: Material) -> AsyncIterator[Night]:
    async with night(material) as found:
        yield found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("faults", [False, True], ids=["smooth", "with faults"])
async def test_a_night_that_is_killed_again_and_again_sends_nothing_twice(
    here: Night, tmp_path: Path, *, faults: bool
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    list(submissions(ENTRIES, files))  # a night that is killed may leave half a file
    journal = tmp_path / "journal"
    chance = random.Random(SEED + faults)
    order = {
        "journal": str(journal),
        "base_url": here.gateway.base_url,
        "count": ENTRIES,
        "folder": str(files),
        "policy": {"unknown_window": 1.0, "attempts": 10},
        "timeouts": {"reply": 1},
    }
    kinds = [Fault.CLOSE_AFTER_ACCEPTING, Fault.CLOSE_AFTER_BODY, Fault.RESET, Fault.UNSIGNED]
    kills = 0
    while kills < KILLS:
        if faults:
            here.gateway.faults.add(chance.choice(kinds), operation="apply", times=2)
        program = await start(order)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(chance.uniform(0.0, 60 / ENTRIES + 0.3)):
                await program.wait()
        if program.returncode is None:
            program.kill()
        kills += 1
        await end_of(program)
    said = await end_of(await start(order))
    assert said[-1].endswith("finished"), said[-3:]
    assert [line for line in said if " done " not in line][:-1] == []
    assert_once(here, ENTRIES)
    await assert_journal_agrees(here, journal, ENTRIES)


async def test_what_a_slow_peer_delivers_after_the_kill_counts_once(
    here: Night, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    count, size = 20, 200_000
    for number in range(1, count + 1):
        (files / f"{number}.png").write_bytes(number.to_bytes(2) * (size // 2))
    chance = random.Random(SEED)
    journal = tmp_path / "journal"
    async with SlowRelay(here.gateway.base_url, rate=2_000_000, delay=1.5) as relay:
        order = {
            "journal": str(journal),
            "base_url": relay.base_url,
            "count": count,
            "folder": str(files),
            "timeouts": {"reply": 5},
            "policy": {
                "unknown_window": 4.0,
                "attempts": 10,
                "max_bytes_per_second": 2_000_000,
                "concurrency": 8,
            },
        }
        for _ in range(2):
            program = await start(order)
            known = len(relay.requests)
            async with asyncio.timeout(20):
                while len(relay.requests) < known + 8:  # noqa: ASYNC110  # of another process
                    await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(0.2, 1.4))
            program.kill()
            await end_of(program)
        said = await end_of(await start(order))
        await relay.until_quiet()
    assert said[-1].endswith("finished"), said[-3:]
    uploads = [request for request in relay.requests if request.is_upload]
    assert any(request.is_cut for request in uploads), "nothing was under way"
    assert any(request.is_late for request in uploads), "nothing came after the kill"
    assert_once(here, count)
    await assert_journal_agrees(here, journal, count)
