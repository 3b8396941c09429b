"""What is measured in the process of a contender: time, CPU, memory, and the loop's lag."""

from __future__ import annotations

import asyncio
import gc
import itertools
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

__all__ = [
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
_RAMP_TICKS: Final = 20
"""In the first 100 ms all submissions begin at the same moment; later they are spread."""
_WARM_UP: Final = 4
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
        seconds: no submission begins later than this.
        count: about how many submissions that will be, for who must know beforehand.
    """

    contender: str
    base_url: str
    folder: str
    workload: str
    concurrency: int
    seconds: float
    count: int

    @property
    def is_tls(self) -> bool:
        """The sink is spoken to over TLS."""
        return self.base_url.startswith("https")


@attrs.frozen
class Lag:
    """How late a tick of every 5 ms was, in seconds.

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
    """

    submitted: int
    warm_up: int
    seconds: float
    cpu: float
    memory: int | None = None
    lag: Lag | None = None


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


def lag_of(samples: list[float]) -> Lag | None:
    """Sum up how late the ticks of one round were."""
    steady = samples[_RAMP_TICKS:]
    if len(steady) < 2:  # noqa: PLR2004  # what quantiles needs
        return None
    return Lag(statistics.median(steady), statistics.quantiles(steady, n=100)[98], max(samples))


async def measure(job: Job, submit: Callable[[int], Awaitable[object]]) -> Result:
    """Run a contender that has an event loop.

    Args:
        job: what to do.
        submit: makes the submission of a number.
    """
    base, numbers = resident_now(), itertools.count(1)
    await asyncio.gather(*(submit(next(numbers)) for _ in range(_WARM_UP)))
    gc.collect()  # what the imports have left is not part of a submission
    samples: list[float] = []
    ticker = asyncio.create_task(_tick(samples))
    before, cpu = next(numbers), time.process_time()
    started = time.perf_counter()
    await asyncio.gather(
        *(_submit_until(started + job.seconds, submit, numbers) for _ in range(job.concurrency))
    )
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    ticker.cancel()
    return Result(
        submitted=next(numbers) - before - 1,
        warm_up=_WARM_UP,
        seconds=seconds,
        cpu=cpu,
        memory=max(0, resident_peak() - base),
        lag=lag_of(samples),
    )


async def _submit_until(
    end: float, submit: Callable[[int], Awaitable[object]], numbers: Iterator[int]
) -> None:
    await submit(next(numbers))
    while time.perf_counter() < end:
        await submit(next(numbers))


async def _tick(samples: list[float]) -> None:
    """Note how late each tick is; those that a busy loop missed count as well."""
    due = time.perf_counter() + _TICK
    while True:
        await asyncio.sleep(max(0, due - time.perf_counter()))
        now = time.perf_counter()
        while due <= now:
            samples.append(now - due)
            due += _TICK


def measure_blocking(job: Job, submit: Callable[[int], object]) -> Result:
    """Run a contender that uses threads, as `measure` does."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # contenders with a loop need none

    base, numbers = resident_now(), itertools.count(1)

    def submit_until(end: float) -> None:
        submit(next(numbers))
        while time.perf_counter() < end:
            submit(next(numbers))

    with ThreadPoolExecutor(job.concurrency) as pool:
        list(pool.map(submit, (next(numbers) for _ in range(_WARM_UP))))
        before, cpu = next(numbers), time.process_time()
        started = time.perf_counter()
        list(pool.map(submit_until, [started + job.seconds] * job.concurrency))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    memory = max(0, resident_peak() - base)
    return Result(
        submitted=next(numbers) - before - 1,
        warm_up=_WARM_UP,
        seconds=seconds,
        cpu=cpu,
        memory=memory,
    )
