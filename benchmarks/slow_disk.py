"""Does a slow disk block the event loop?

`python -m benchmarks slow-disk` runs `python -m benchmarks.slow_disk` in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final

import attrs

from benchmarks.clients import open_ours, switch_page_cache_off
from benchmarks.gauge import Job, Lag, measure
from benchmarks.growth import ask
from benchmarks.material import make_files
from benchmarks.sink import running_sink

__all__ = ["tell_slow_disk"]

_SECONDS: Final = 0.1
_CONCURRENCY: Final = 16
_FILE_BYTES: Final = 50_000


def tell_slow_disk(folder: Path) -> str:
    """Submit 16 times at once from a disk that takes 100 ms a read; return what to print.

    Args:
        folder: the material.
    """
    make_files(folder, "slow", _FILE_BYTES)
    with running_sink(folder) as sink:
        job = Job(
            contender="ours",
            base_url=sink.http,
            folder=str(folder),
            workload="slow",
            concurrency=_CONCURRENCY,
            seconds=0,
            count=_CONCURRENCY,
        )
        told = json.loads(ask(["-m", "benchmarks.slow_disk"], json.dumps(attrs.asdict(job))))
    lag = Lag(**told["lag"])
    return (
        f"{told['submitted']} submissions at once, {_SECONDS * 1000:.0f} ms for each read, "
        f"{told['seconds']:.1f} s. "
        f"Lag of the event loop: p50 {lag.p50 * 1000:.1f} ms, p99 {lag.p99 * 1000:.1f} ms, "
        f"worst {lag.worst * 1000:.1f} ms."
    )


async def _measure(job: Job) -> dict[str, object]:
    _make_disk_slow()
    async with open_ours(job) as submit:
        return attrs.asdict(await measure(job, submit))


def _make_disk_slow() -> None:
    from alipay_mini_audit.files import access  # noqa: PLC0415  # nobody else has use for it

    read = access.BlockingAccess.read

    def read_slowly(self: access.BlockingAccess, fd: int, buffer: memoryview, offset: int) -> int:
        time.sleep(_SECONDS)
        return read(self, fd, buffer, offset)

    switch_page_cache_off()
    access.BlockingAccess.read = read_slowly  # type: ignore[method-assign]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(Job(**json.load(sys.stdin))))))
