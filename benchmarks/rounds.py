"""Rounds: every contender once, then every contender again; and the medians of a case."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from benchmarks.clients import CONTENDERS, FLOOR
from benchmarks.gauge import Job, Lag, Result
from benchmarks.material import PARTS
from benchmarks.sink import Sink, Tally

__all__ = [
    "FULL",
    "MAIN_CONCURRENCY",
    "QUICK",
    "WORKLOADS",
    "Case",
    "Plan",
    "Summary",
    "Turn",
    "Workload",
    "interleave",
    "rate_of",
    "run_case",
    "run_checked",
    "run_round",
]


@attrs.frozen
class Workload:
    """The 16 files of each submission.

    Attributes:
        size: bytes of each file.
        folders: how many submissions have files of their own, until they begin again with the first
            ones'; with 0 all send the same.
    """

    size: int
    folders: int


WORKLOADS: Final = {
    "S": Workload(50_000, folders=512),
    "S-same-files": Workload(50_000, folders=0),
    "M": Workload(500_000, folders=128),
    "L": Workload(4_000_000, folders=32),
}
"""At most 2 GB on disk, one at a time."""

Turn = Callable[[str, list[Result]], tuple[Result, float]]

MAIN_CONCURRENCY: Final = 16
"""Where every contender takes part, and what the chart shows."""

_ROUND_LIMIT: Final = 300
_OVERHEAD: Final = 8 * 1024
"""More than the fields, part headers and boundaries of any contender take."""
_GUESSED_RATE: Final = {False: 700e6, True: 350e6}
"""Bytes a second, without TLS and with it.

For the first round of a contender that must be told how many submissions to make.
"""


@attrs.frozen
class Case:
    """One question: these files, so many submissions at once, with TLS or without."""

    workload: str
    concurrency: int
    tls: bool

    @property
    def title(self) -> str:
        """What it is called in tables."""
        return f"{self.workload}, concurrency {self.concurrency}, {'TLS' if self.tls else 'HTTP'}"


@attrs.frozen(kw_only=True)
class Plan:
    """What is measured.

    Attributes:
        workloads: names of workloads.
        concurrencies: how many submissions at once, and how many rounds each.
        transports: with TLS or without.
        seconds: how long one contender submits in one round.
    """

    workloads: tuple[str, ...]
    concurrencies: dict[int, int]
    transports: tuple[bool, ...] = (False, True)
    seconds: float

    def cases(self, workload: str) -> Iterator[tuple[Case, int]]:
        """Yield each case of a workload and its number of rounds."""
        for tls in self.transports:
            for concurrency, rounds in self.concurrencies.items():
                if WORKLOADS[workload].folders or concurrency == MAIN_CONCURRENCY:
                    yield Case(workload, concurrency, tls), rounds


QUICK: Final = Plan(workloads=("S", "M"), concurrencies={MAIN_CONCURRENCY: 3}, seconds=0.4)
FULL: Final = Plan(
    workloads=tuple(WORKLOADS), concurrencies={1: 3, MAIN_CONCURRENCY: 5, 64: 3}, seconds=0.8
)


@attrs.frozen(kw_only=True)
class Summary:
    """Medians of the rounds of one contender in one case.

    Attributes:
        rate: submissions a second.
        ratio: the median over the rounds of its rate divided by the floor's in the same round;
            `None` without floor.
        cpu: CPU seconds per submission.
        memory: bytes of peak resident memory over base, `None` if unknown.
        lag: how late the loop was; the worst is that of all rounds.
        sink_busy: the share of the time that the sink was computing; near 1 it is the sink that was
            measured.
        from_disk: bytes per submission that were not in the page cache.
        rates: the rate of each round.
    """

    rate: float
    ratio: float | None
    cpu: float
    memory: float | None
    lag: Lag | None
    sink_busy: float
    from_disk: float
    rates: list[float]


def run_case(
    case: Case,
    rounds: int,
    contenders: Iterable[str],
    sink: Sink,
    folder: Path,
    seconds: float,
    note: Callable[[str], None],
) -> dict[str, Summary]:
    """Measure `contenders` in one case, interleaved.

    Args:
        case: what is measured.
        rounds: how often.
        contenders: who takes part.
        sink: where to submit.
        folder: the material.
        seconds: how long each submits in a round.
        note: is told how far it is.

    Raises:
        RuntimeError: a contender failed, or sent another number of bytes than it should.
    """

    def turn(name: str, before: list[Result]) -> tuple[Result, float]:
        note(f"{case.title}: round {len(before) + 1} of {rounds}, {CONTENDERS[name].title}")
        job = Job(
            contender=name,
            base_url=sink.https if case.tls else sink.http,
            folder=str(folder),
            workload=case.workload,
            concurrency=case.concurrency,
            seconds=seconds,
            count=_count(case, before, seconds),
            folders=WORKLOADS[case.workload].folders,
        )
        return run_round(job, sink)

    return interleave(contenders, rounds, turn, FLOOR)


def interleave(
    contenders: Iterable[str], rounds: int, turn: Turn, floor: str
) -> dict[str, Summary]:
    """Let each contender do a round, then each again, and return their medians.

    Args:
        contenders: their names.
        rounds: how many.
        turn: does a round of a contender, given its results so far; returns what it came to, and
            the share of the time that the sink was computing.
        floor: the one whose rate the others' are divided by, if it takes part.
    """
    names = list(contenders)
    results = {name: list[Result]() for name in names}
    busy = {name: list[float]() for name in names}
    for _ in range(rounds):
        for name in names:
            result, share = turn(name, results[name])
            results[name].append(result)
            busy[name].append(share)
    rates = [rate_of(result) for result in results[floor]] if floor in results else None
    return {name: _sum_up(results[name], busy[name], rates) for name in names}


def run_round(job: Job, sink: Sink) -> tuple[Result, float]:
    """Do a job in a process of its own; return what it came to, and how busy the sink was.

    Raises:
        RuntimeError: the contender failed, or sent another number of bytes than it should.
    """
    return run_checked(job, sink, lambda: _run(job))


def run_checked(job: Job, sink: Sink, run: Callable[[], Result]) -> tuple[Result, float]:
    """As `run_round`, for who runs the job otherwise."""
    sink.tally()
    result = run()
    tally = sink.tally()
    _check_tally(job, result, tally)
    return result, min(1.0, tally.cpu / result.seconds)


def _count(case: Case, results: list[Result], seconds: float) -> int:
    guess = _GUESSED_RATE[case.tls] / (len(PARTS) * WORKLOADS[case.workload].size)
    rate = rate_of(results[-1]) if results else min(guess, 1000)
    return max(case.concurrency, round(rate * seconds))


def _run(job: Job) -> Result:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.clients"],
        input=json.dumps(attrs.asdict(job)),
        capture_output=True,
        text=True,
        timeout=_ROUND_LIMIT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"{job.contender} failed in workload {job.workload}:\n{done.stderr[-2000:]}"
        )
    told = json.loads(done.stdout)
    lag = told.pop("lag")
    return Result(**told, lag=lag and Lag(**lag))


def _check_tally(job: Job, result: Result, tally: Tally) -> None:
    """Compare what the sink has received with what was to be sent.

    Raises:
        RuntimeError: that is another number of requests, or of bytes.
    """
    sent = result.submitted + result.warm_up
    received = sum(tally.lengths.values())
    if received != sent:
        raise RuntimeError(
            f"{job.contender} submitted {sent} times, and the sink received {received}."
        )
    expected = len(PARTS) * WORKLOADS[job.workload].size
    wrong = [length for length in tally.lengths if not expected < length < expected + _OVERHEAD]
    if wrong:
        raise RuntimeError(
            f"{job.contender} sent bodies of {wrong[:5]} bytes; the files alone have {expected}."
        )


def rate_of(result: Result) -> float:
    """Return submissions a second."""
    return result.submitted / result.seconds


def _sum_up(results: list[Result], busy: list[float], floor: list[float] | None) -> Summary:
    """Return the medians of the rounds of one contender.

    Args:
        results: of its rounds.
        busy: the share of each that the sink was computing.
        floor: the floor's rate in the same rounds; `None` without floor.
    """
    rates = [rate_of(result) for result in results]
    memory = [result.memory for result in results if result.memory is not None]
    lags = [result.lag for result in results if result.lag is not None]
    return Summary(
        rate=statistics.median(rates),
        ratio=statistics.median(a / b for a, b in zip(rates, floor, strict=True))
        if floor
        else None,
        cpu=statistics.median(result.cpu / result.submitted for result in results),
        memory=statistics.median(memory) if memory else None,
        lag=_sum_up_lag(lags) if lags else None,
        sink_busy=statistics.median(busy),
        from_disk=statistics.median(result.from_disk / result.submitted for result in results),
        rates=rates,
    )


def _sum_up_lag(lags: list[Lag]) -> Lag:
    return Lag(
        statistics.median(lag.p50 for lag in lags),
        statistics.median(lag.p99 for lag in lags),
        max(lag.worst for lag in lags),
    )
