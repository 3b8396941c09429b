"""What is measured in the process of a contender: time, CPU, memory, and the loop's lag."""

from __future__ import annotations

import asyncio
import gc
import itertools
import math
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

from benchmarks.material import files_of

__all__ = [
    "BLOCK",
    "WARM_UP",
    "Job",
    "Lag",
    "Result",
    "lag_of",
    "measure",
    "measure_blocking",
    "resident_now",
    "resident_peak",
]

_TICK: Final = 0.005
_RAMP: Final = 0.1
"""In the first 100 ms all submissions begin at the same moment; later they are spread."""
WARM_UP: Final = 4
"""Submissions of a contender with a loop or threads before what is measured."""
BLOCK: Final = 512
"""Bytes in what `getrusage` counts."""
_STATUS: Final = Path("/proc/self/status")


@attrs.frozen(kw_only=True)
class Job:
    """What a contender has to do in one round.

    Attributes:
        contender: which one.
        base_url: address of the sink.
        folder: keys, certificate and files are here.
        workload: whose files to submit.
        concurrency: how many submissions are under way at once.
        seconds: no submission begins later than this; `None` if there are exactly `count`.
        count: how many submissions that will be, about, for who must know beforehand.
        folders: how many folders with files of their own there are, 0 if all send the same files.
        tick: seconds between looks at the loop's lag. Each costs CPU time: who waits most of the
            time looks more seldom.
    """

    contender: str
    base_url: str
    folder: str
    workload: str
    concurrency: int
    seconds: float | None
    count: int
    folders: int = 0
    tick: float = _TICK

    @property
    def is_tls(self) -> bool:
        """The sink is spoken to over TLS."""
        return self.base_url.startswith("https")

    def files(self) -> list[dict[str, Path]]:
        """Return the files of each submission by part; who needs more begins again."""
        return files_of(Path(self.folder), self.workload, self.folders)


@attrs.frozen
class Lag:
    """How late each tick was, in seconds.

    `p50` and `p99` leave the start of a round out.
    """

    p50: float
    p99: float
    worst: float


@attrs.frozen(kw_only=True)
class Result:
    """What one round came to.

    Attributes:
        submitted: submissions that were measured.
        warm_up: submissions before them.
        seconds: from the beginning of the first to the end of the last one.
        cpu: CPU seconds, user and system, of all threads.
        memory: bytes of peak resident memory over what was resident before the first submission,
            `None` if unknown.
        lag: how late the loop was, `None` if there is none.
        from_disk: bytes that were not in the page cache, where it is known.
    """

    submitted: int
    warm_up: int
    seconds: float
    cpu: float
    memory: int | None = None
    lag: Lag | None = None
    from_disk: int = 0


def resident_now() -> int:
    """Return the bytes of memory that are resident."""
    return _status("VmRSS") or resident_peak()


def resident_peak() -> int:
    """Return the highest number of bytes that ever was resident."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )
    return _status("VmHWM") or peak  # on Linux ru_maxrss counts what the parent had


def _status(name: str) -> int | None:
    if not _STATUS.exists():
        return None
    fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(fields[name].split()[0]) * 1024


def lag_of(samples: list[float], tick: float = _TICK) -> Lag | None:
    """Sum up how late the ticks of one round were."""
    steady = samples[round(_RAMP / tick) :]
    if len(steady) < 2:  # noqa: PLR2004  # what quantiles needs
        return None
    return Lag(statistics.median(steady), statistics.quantiles(steady, n=100)[98], max(samples))


async def measure(job: Job, submit: Callable[[int], Awaitable[object]]) -> Result:
    """Run a contender that has an event loop.

    Args:
        job: what to do.
        submit: makes the submission of a number.
    """
    base = resident_now()
    await asyncio.gather(*(submit(number) for number in range(1, WARM_UP + 1)))
    gc.collect()  # what the imports have left is not part of a submission
    samples: list[float] = []
    ticker = asyncio.create_task(_tick(samples, job.tick))
    disk, cpu = _blocks_read(), time.process_time()
    started = time.perf_counter()
    numbers, end = _numbers(job), _end(job, started)

    async def submit_on() -> int:
        done = 0
        for number in numbers:
            await submit(number)
            done += 1
            if time.perf_counter() >= end:
                break
        return done

    submitted = sum(await asyncio.gather(*(submit_on() for _ in range(job.concurrency))))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    ticker.cancel()
    return Result(
        submitted=submitted,
        warm_up=WARM_UP,
        seconds=seconds,
        cpu=cpu,
        memory=max(0, resident_peak() - base),
        lag=lag_of(samples, job.tick),
        from_disk=_blocks_read() - disk,
    )


def _numbers(job: Job) -> Iterator[int]:
    first = WARM_UP + 1
    return (
        itertools.count(first) if job.seconds is not None else iter(range(first, first + job.count))
    )


def _end(job: Job, started: float) -> float:
    return math.inf if job.seconds is None else started + job.seconds


def _blocks_read() -> int:
    """Return the bytes that this process has read from disk."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_inblock * BLOCK


async def _tick(samples: list[float], tick: float) -> None:
    """Note how late each tick is; those that a busy loop missed count as well."""
    due = time.perf_counter() + tick
    while True:
        await asyncio.sleep(max(0, due - time.perf_counter()))
        now = time.perf_counter()
        while due <= now:
            samples.append(now - due)
            due += tick


def measure_blocking(job: Job, submit: Callable[[int], object]) -> Result:
    """Run a contender that uses threads, as `measure` does."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # contenders with a loop need none

    base = resident_now()

    def submit_on(numbers: Iterator[int], end: float) -> int:
        done = 0
        for number in numbers:
            submit(number)
            done += 1
            if time.perf_counter() >= end:
                break
        return done

    with ThreadPoolExecutor(job.concurrency) as pool:
        list(pool.map(submit, range(1, WARM_UP + 1)))
        cpu, started = time.process_time(), time.perf_counter()
        numbers, end = _numbers(job), _end(job, started)
        submitted = sum(pool.map(submit_on, [numbers] * job.concurrency, [end] * job.concurrency))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return Result(
        submitted=submitted,
        warm_up=WARM_UP,
        seconds=seconds,
        cpu=cpu,
        memory=max(0, resident_peak() - base),
    )
