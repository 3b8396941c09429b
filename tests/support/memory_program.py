"""A night in a process of its own that says how much memory it needs: `python -m … JSON`."""

import asyncio
import contextlib
import gc
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.batches import submissions
from support.scripted_platform import ScriptedPlatform

from alipay_mini_audit import (
    AuditClient,
    BatchPolicy,
    ClientConfig,
    Credentials,
    Preflight,
    SqliteJournal,
    Submission,
)
from alipay_mini_audit.batch import run_batch

KEYS = Path(__file__).parents[1] / "vectors" / "keys"


async def long_night(order: dict[str, Any]) -> dict[str, object]:
    """Run many small entries, and the first ones once more at the end; nothing is sent."""
    platform, count = ScriptedPlatform(), order["count"]
    seen, states = {1000: 0, count - 1000: 0}, Counter[str]()  # a thousand are read ahead at both
    async with contextlib.AsyncExitStack() as stack:
        journal = None
        if order["journal"]:
            journal = await stack.enter_async_context(SqliteJournal(order["journal"]))
        given = itertools.chain(submissions(count), submissions(3))
        async for entry in run_batch(platform, given, journal, BatchPolicy()):
            states[entry.state] += 1
            if states.total() in seen:
                seen[states.total()] = status("VmRSS")
            platform.prepared.clear()
            platform.sent.clear()
    return {"states": states, "early": seen[1000], "late": seen[count - 1000]}


async def large_night(order: dict[str, Any]) -> dict[str, object]:
    """Send large entries over a socket."""
    credentials = Credentials.from_keys(
        "9021000000000001", KEYS / "app.pkcs8.pem", KEYS / "alipay.public.pem"
    )
    config = ClientConfig(base_url=order["base_url"], preflight=Preflight.OFF)
    policy = BatchPolicy(bytes_in_flight=order["bytes_in_flight"])
    states = Counter[str]()
    async with AuditClient(credentials, config) as client, SqliteJournal(order["journal"]) as book:
        gc.collect()
        early = status("VmRSS")
        entries = client.submit_many(of_folder(Path(order["folder"])), journal=book, policy=policy)
        async for entry in entries:
            states[entry.state] += 1
        return {"states": states, "early": early, "late": status("VmHWM")}


def of_folder(folder: Path) -> Iterator[Submission]:
    """Yield an entry for each file of a folder."""
    return submissions(len(list(folder.iterdir())), folder)


def status(name: str) -> int:
    """Return what Linux says of the memory of this process, in bytes."""
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(dict(line.split(":", 1) for line in lines)[name].split()[0]) * 1024


if __name__ == "__main__":
    ordered = json.loads(sys.argv[1])
    night = large_night if "folder" in ordered else long_night
    sys.stdout.write(json.dumps(asyncio.run(night(ordered))))
