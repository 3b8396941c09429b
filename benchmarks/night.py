"""What a batch costs over sending all at once without one; and what it needs, however long it is.

`python -m benchmarks night` runs the ways of `benchmarks.night_clients` and the proofs of
`benchmarks.night_memory` in processes of their own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import attrs

from benchmarks.gauge import Job, Result
from benchmarks.growth import ask
from benchmarks.material import made_folders
from benchmarks.night_clients import GATHER, NIGHTS
from benchmarks.night_memory import JOURNALS, Large, Length, tell_large, tell_length
from benchmarks.report import environment
from benchmarks.rounds import MAIN_CONCURRENCY, WORKLOADS, Summary, interleave, run_checked
from benchmarks.sink import Sink, running_sink

__all__ = ["tell_night"]

_COLUMNS: Final = ("submissions/s", "x gather", "CPU ms each", "memory MiB", "sink busy")
_BUSY: Final = 0.9


@attrs.frozen(kw_only=True)
class _Plan:
    """What is measured.

    Attributes:
        entries: how many entries each workload has.
        rounds: how often each way submits them.
        length: how many entries the long night has.
        large: how many entries of 96 MB there are.
    """

    entries: Mapping[str, int]
    rounds: int
    length: int
    large: int


_QUICK: Final = _Plan(entries={"S": 300, "L": 16}, rounds=2, length=4_000, large=8)
_FULL: Final = _Plan(entries={"S": 2000, "L": 48}, rounds=5, length=100_000, large=200)


def tell_night(
    folder: Path,
    file: Path | None,
    *,
    quick: bool,
    entries: int | None,
    note: Callable[[str], None],
) -> None:
    """Measure a night, and print the tables.

    Args:
        folder: the material.
        file: where to write JSON, `None` for nowhere.
        quick: less of everything.
        entries: how many entries the long night has, `None` for as many as planned.
        note: is told how far it is.
    """
    plan = _QUICK if quick else _FULL
    began = time.monotonic()
    names = _taking_part()
    content: dict[str, object] = {"environment": environment()}
    with running_sink(folder) as sink:
        for workload, count in plan.entries.items():
            job = _job(sink, folder, workload, count)
            with made_folders(folder, workload, WORKLOADS[workload].size, count):
                summaries = _run_ways(job, names, plan.rounds, sink, note)
            note("")
            print(_table(job, summaries), end="\n\n", flush=True)
            content[workload] = {name: attrs.asdict(each) for name, each in summaries.items()}
        lengths: dict[str, Length] = {}
        for name in JOURNALS:
            note(f"{entries or plan.length} entries without files, journal: {name}")
            lengths[name] = tell_length(folder, name, entries or plan.length)
        note("")
        print(_length_table(lengths), end="\n\n", flush=True)
        note(f"{plan.large} entries of 96 MB")
        large = tell_large(folder, sink, plan.large, rounds=1 if quick else 3)
        note("")
        print(_large_table(large), end="\n\n", flush=True)
    content["length"] = {name: attrs.asdict(each) for name, each in lengths.items()}
    content["large"] = {name: attrs.asdict(each) for name, each in large.items()}
    if file:
        file.write_text(json.dumps(content, indent=2) + "\n")
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


def _taking_part() -> list[str]:
    missing = {name: reason for name, way in NIGHTS.items() if (reason := way.missing())}
    for name, reason in missing.items():
        print(f"{NIGHTS[name].title} does not take part: {reason}.", file=sys.stderr)
    return [name for name in NIGHTS if name not in missing]


def _job(sink: Sink, folder: Path, workload: str, count: int) -> Job:
    return Job(
        contender=GATHER,
        base_url=sink.http,
        folder=str(folder),
        workload=workload,
        concurrency=MAIN_CONCURRENCY,
        seconds=0,
        count=count,
    )


def _run_ways(
    job: Job, names: list[str], rounds: int, sink: Sink, note: Callable[[str], None]
) -> dict[str, Summary]:
    def turn(name: str, before: list[Result]) -> tuple[Result, float]:
        note(f"{job.workload}: round {len(before) + 1} of {rounds}, {NIGHTS[name].title}")
        own = attrs.evolve(job, contender=name)

        def run() -> Result:
            told = ask(["-m", "benchmarks.night_clients"], json.dumps(attrs.asdict(own)))
            return Result(**json.loads(told))

        return run_checked(own, sink, run)

    return interleave(names, rounds, turn, GATHER)


def _table(job: Job, summaries: Mapping[str, Summary]) -> str:
    head = f"{job.workload}, {job.count} entries, {job.concurrency} at once"
    lines = [f"| {head} | {' | '.join(_COLUMNS)} |", "| --- |" + " ---: |" * len(_COLUMNS)]
    for name, each in summaries.items():
        cells = (
            f"{each.rate:.1f}",
            "-" if each.ratio is None else f"{each.ratio:.2f}",
            f"{each.cpu * 1000:.2f}",
            "-" if each.memory is None else f"{each.memory / 2**20:.1f}",
            f"{each.sink_busy:.0%}" + (" !" if each.sink_busy > _BUSY else ""),
        )
        lines.append(f"| {NIGHTS[name].title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _length_table(lengths: Mapping[str, Length]) -> str:
    count = next(iter(lengths.values())).windows[-1].last
    lines = [
        f"| {count} entries | CPU ms each, first | last | x | MiB after 1,000 | at the end | x |",
        "| --- |" + " ---: |" * 6,
    ]
    for name, each in lengths.items():
        early, late = each.cpu
        first, last = each.windows[0].resident / 2**20, each.windows[-1].resident / 2**20
        lines.append(
            f"| journal: {name} | {early * 1000:.3f} | {late * 1000:.3f} | {late / early:.2f} "
            f"| {first:.1f} | {last:.1f} | {last / first:.2f} |"
        )
    return "\n".join(lines)


def _large_table(large: Mapping[str, Large]) -> str:
    count = next(iter(large.values())).entries
    lines = [
        f"| {count} entries of 96 MB, 16 at once | MB/s | memory MiB over base |",
        "| --- | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {each.rate / 1e6:.0f} | {each.memory / 2**20:.1f} |"
        for name, each in large.items()
    ]
    return "\n".join(lines)
