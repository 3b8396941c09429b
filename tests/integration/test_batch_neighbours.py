"""What other processes do while a night runs: they hold entries, and submit others."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from support.batches import Night, night, submissions
from support.night_process import TESTS, end_of, start

from alipay_mini_audit import BatchPolicy, EntryState, SqliteJournal, Submission
from alipay_mini_audit.sandbox import Material

HOLD = """
import asyncio, sys
from alipay_mini_audit import SqliteJournal

async def main():
    async with SqliteJournal(sys.argv[1]) as journal:
        print("ready", flush=True)
        for line in sys.stdin:
            action, kind, value = line.split(",")
            await getattr(journal, action)(**{kind: value.strip()})
            print("done", flush=True)

asyncio.run(main())
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


@pytest.fixture
async def here(material: Material) -> AsyncIterator[Night]:
    async with night(material) as found:
        yield found


@contextlib.asynccontextmanager
async def elsewhere(journal: Path) -> AsyncIterator[Callable[[str, str, str], Awaitable[None]]]:
    """Have a process that holds, releases or skips when it is told to."""
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, str(journal)),
        env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
        stdin=pipe,
        stdout=pipe,
    )
    lines, orders = program.stdout, program.stdin
    assert lines is not None
    assert orders is not None
    assert await lines.readline() == b"ready\n"

    async def act(*order: str) -> None:
        orders.write(f"{','.join(order)}\n".encode())
        assert await lines.readline() == b"done\n"

    try:
        yield act
    finally:
        await program.communicate(b"")  # its input ends, and so does it
    assert program.returncode == 0


@pytest.mark.parametrize(
    ("action", "kind", "state"),
    [
        ("hold", "mini_app", EntryState.HELD),
        ("hold", "template", EntryState.HELD),
        ("skip", "mini_app", EntryState.SKIPPED),
    ],
)
async def test_what_another_process_stops_is_not_sent_any_more(
    here: Night, tmp_path: Path, action: str, kind: str, state: EntryState
) -> None:
    """Ten merchants take turns; one of them is stopped in the middle."""
    given = [
        Submission(
            each.key, each.request, mini_app=f"shop {number % 10}", template_id=f"t {number % 10}"
        )
        for number, each in enumerate(submissions(80))
    ]
    path = tmp_path / "journal"
    stopped_at = 0.0
    entries = []
    value = {"mini_app": "shop 3", "template": "t 3"}[kind]
    async with elsewhere(path) as act:
        async with SqliteJournal(path) as journal:
            policy = BatchPolicy(concurrency=4, rate=40)
            async for entry in here.client.submit_many(given, journal=journal, policy=policy):
                entries.append(entry)
                if len(entries) == 15:
                    await act(action, kind, value)
                    stopped_at = time.time()
        await act("release", kind, value)
    stopped = {each.request.app_version for each in given if each.mini_app == "shop 3"}
    late = [
        arrival
        for arrival in here.gateway.arrivals
        if arrival.fields["app_version"] in stopped and arrival.judged_at > stopped_at
    ]
    assert len(late) <= 1, "no more than one of any four in a row was under way"
    found = [entry for entry in entries if entry.app_version in stopped]
    assert len(found) == 8
    assert {entry.state for entry in found} == {EntryState.DONE, state}
    others = {entry.state for entry in entries if entry.app_version not in stopped}
    assert others == {EntryState.DONE}

    async with SqliteJournal(path) as journal:
        again = await here.run(given, journal)
        assert (await journal.summary()).counts == {EntryState.DONE: 80}
    assert len(again) == 80


async def test_journals_of_one_app_keep_one_pace_if_they_lie_in_one_folder(
    here: Night, tmp_path: Path
) -> None:
    count, rate = 20, 20
    orders = [
        {
            "journal": str(tmp_path / f"{number}.journal"),
            "base_url": here.gateway.base_url,
            "count": count,
            "first": 1 + number * count,
            "policy": {"rate": rate},
        }
        for number in range(2)
    ]
    programs = await asyncio.gather(*(start(order) for order in orders))
    for said in await asyncio.gather(*(end_of(program) for program in programs)):
        assert said[-1].endswith("finished")
    judged = [arrival.judged_at for arrival in here.gateway.arrivals]
    assert len(judged) == 2 * count
    assert max(judged) - min(judged) > 2 * count / rate * 0.9
