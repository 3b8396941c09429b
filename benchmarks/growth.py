"""One client over many submissions: does the 10,000th cost what the 100th did?

And how long does it take to start?

`python -m benchmarks growth` runs `python -m benchmarks.growth` in processes of their own.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

from benchmarks.clients import open_ours
from benchmarks.gauge import Job, resident_now
from benchmarks.material import ALIPAY_PUBLIC_KEY, APP_ID, APP_PRIVATE_KEY, make_files
from benchmarks.report import environment
from benchmarks.sink import running_sink

__all__ = ["Window", "ask", "tell_growth"]

_WORKLOAD: Final = "tiny"
_FILE_BYTES: Final = 1000
_CONCURRENCY: Final = 16
_WINDOW: Final = 500
_FIRST: Final = 100
_TOTAL: Final = 10_100
_QUICK_TOTAL: Final = 2_100
_EDGE: Final = 5
_STARTS: Final = 15
_STARTED: Final = {
    "nothing": ["-c", "pass"],
    "aiohttp": ["-c", "import aiohttp"],
    "alipay_mini_audit": ["-c", "import alipay_mini_audit"],
    "client_class": ["-c", "from alipay_mini_audit import AuditClient, Credentials"],
    "help": ["-m", "alipay_mini_audit", "--help"],
}
_CONSTRUCTION: Final = f"""
import sys, time
from pathlib import Path
from alipay_mini_audit import AuditClient, Credentials
folder = Path(sys.argv[1])
began = time.perf_counter()
keys = folder / {APP_PRIVATE_KEY!r}, folder / {ALIPAY_PUBLIC_KEY!r}
credentials = Credentials.from_keys({APP_ID!r}, *keys)
parsed = time.perf_counter()
AuditClient(credentials)
print((parsed - began) * 1000, (time.perf_counter() - parsed) * 1000)
"""


@attrs.frozen
class Window:
    """Some submissions in a row.

    Attributes:
        last: number of the last one.
        cpu: CPU seconds per submission.
        seconds: seconds per submission.
        resident: bytes of resident memory at its end.
        objects: objects that the garbage collector knows at its end.
    """

    last: int
    cpu: float
    seconds: float
    resident: int
    objects: int


def tell_growth(folder: Path, file: Path | None, *, quick: bool) -> str:
    """Measure growth and start-up, and return what to print.

    Args:
        folder: the material.
        file: where to write JSON, `None` for nowhere.
        quick: 2,000 submissions instead of 10,000.
    """
    make_files(folder, _WORKLOAD, _FILE_BYTES)
    with running_sink(folder) as sink:
        job = Job(
            contender="ours",
            base_url=sink.http,
            folder=str(folder),
            workload=_WORKLOAD,
            concurrency=_CONCURRENCY,
            seconds=0,
            count=_QUICK_TOTAL if quick else _TOTAL,
        )
        told = ask(["-m", "benchmarks.growth"], json.dumps(attrs.asdict(job)))
    windows = [Window(**window) for window in json.loads(told)]
    starts = _start_up(folder)
    if file:
        content = {
            "environment": environment(),
            "windows": [attrs.asdict(window) for window in windows],
            "start_up_ms": starts,
        }
        file.write_text(json.dumps(content, indent=2) + "\n")
    return f"{_table(windows)}\n\n{_start_table(starts)}"


def _table(windows: list[Window]) -> str:
    head = "| submissions | CPU ms each | ms each | resident MiB | objects |"
    rule = "| ---: | ---: | ---: | ---: | ---: |"
    rows = [
        f"| to {window.last} | {window.cpu * 1000:.2f} | {window.seconds * 1000:.2f} "
        f"| {window.resident / 2**20:.1f} | {window.objects} |"
        for window in windows
    ]
    edge = min(_EDGE, len(windows) // 2)
    early = min(window.cpu for window in windows[:edge])
    late = min(window.cpu for window in windows[-edge:])
    more = (windows[-1].resident - windows[0].resident) / 2**20
    objects = windows[-1].objects - windows[0].objects
    end = (
        f"Best of the last {edge} windows to best of the first {edge}: {late / early:.2f} x CPU. "
        f"Last window to first: {more:+.1f} MiB resident, {objects:+d} objects."
    )
    return "\n".join([head, rule, *rows, "", end])


def _start_table(starts: dict[str, float]) -> str:
    aiohttp = starts["aiohttp"] - starts["nothing"]
    ours = starts["alipay_mini_audit"] - starts["nothing"]
    client = starts["client_class"] - starts["nothing"]
    return (
        f"Start-up: import {ours:.0f} ms "
        f"({ours / aiohttp:.2f} x import aiohttp alone, {aiohttp:.0f} ms), "
        f"with AuditClient and Credentials {client:.0f} ms ({client / aiohttp:.2f} x); "
        f"alipay-mini-audit --help {starts['help']:.0f} ms in all; "
        f"reading and parsing both keys {starts['keys']:.1f} ms; "
        f"AuditClient() {starts['client']:.2f} ms."
    )


def _start_up(folder: Path) -> dict[str, float]:
    """Return milliseconds, the least of some rounds.

    Imports and the command line have the interpreter's own start in it, keys and client have not.
    """
    seconds: dict[str, list[float]] = {name: [] for name in _STARTED}
    built: list[list[float]] = []
    for _ in range(_STARTS):
        for name, arguments in _STARTED.items():
            began = time.perf_counter()
            ask(arguments)
            seconds[name].append(time.perf_counter() - began)
        built.append([float(text) for text in ask(["-c", _CONSTRUCTION, str(folder)]).split()])
    keys, client = (min(column) for column in zip(*built, strict=True))
    return {name: min(each) * 1000 for name, each in seconds.items()} | {
        "keys": keys,
        "client": client,
    }


def ask(arguments: list[str], given: str = "") -> str:
    """Return what a Python process of its own prints."""
    command = [sys.executable, *arguments]
    pipe = subprocess.PIPE
    done = subprocess.run(command, input=given, stdout=pipe, text=True, check=True)  # noqa: S603
    return done.stdout


async def _watch(job: Job) -> list[Window]:
    windows: list[Window] = []
    async with open_ours(job) as submit:
        numbers = itertools.count(1)
        await _submit(submit, itertools.islice(numbers, _FIRST), job.concurrency)
        for last in range(_FIRST + _WINDOW, job.count + 1, _WINDOW):
            cpu, began = time.process_time(), time.perf_counter()
            await _submit(submit, itertools.islice(numbers, _WINDOW), job.concurrency)
            cpu, seconds = time.process_time() - cpu, time.perf_counter() - began
            gc.collect()
            objects = len(gc.get_objects())
            windows.append(Window(last, cpu / _WINDOW, seconds / _WINDOW, resident_now(), objects))
    return windows


async def _submit(
    submit: Callable[[int], Awaitable[object]], numbers: Iterator[int], concurrency: int
) -> None:
    async def work() -> None:
        for number in numbers:
            await submit(number)

    await asyncio.gather(*(work() for _ in range(concurrency)))


if __name__ == "__main__":
    watched = asyncio.run(_watch(Job(**json.load(sys.stdin))))
    print(json.dumps([attrs.asdict(window) for window in watched]))
