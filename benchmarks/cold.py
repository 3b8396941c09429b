"""Files that nobody has read yet: the page cache holds none of them when a round begins.

`python -m benchmarks cold` drops their content before each round. Their names stay in memory, as
after `ls`. Each file is read once, so a round has no more submissions than there are folders.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs

from benchmarks.clients import CONTENDERS, FLOOR, OURS
from benchmarks.gauge import WARM_UP, Job, Result
from benchmarks.material import PARTS, made_folders
from benchmarks.report import COSTS, cost_cells, environment, grid
from benchmarks.rounds import MAIN_CONCURRENCY, WORKLOADS, Summary, interleave, run_round
from benchmarks.sink import Sink, running_sink

__all__ = ["tell_cold"]

_FOLDERS: Final = {"S": 256, "M": 64}
_CONTENDERS: Final = (OURS, FLOOR, "curl")
_ROUNDS: Final = 3


def tell_cold(folder: Path, file: Path | None, *, quick: bool, note: Callable[[str], None]) -> None:
    """Measure from a cold page cache, and print the tables.

    Args:
        folder: the material.
        file: where to write JSON, `None` for nowhere.
        quick: one round of S.
        note: is told how far it is.
    """
    content: dict[str, object] = {"environment": environment()}
    names = [name for name in _CONTENDERS if CONTENDERS[name].missing() is None]
    with running_sink(folder) as sink:
        for workload in list(_FOLDERS)[: 1 if quick else None]:
            summaries = _measure(folder, workload, names, sink, 1 if quick else _ROUNDS, note)
            note("")
            print(_table(workload, summaries), end="\n\n", flush=True)
            content[workload] = {name: attrs.asdict(each) for name, each in summaries.items()}
    if file:
        file.write_text(json.dumps(content, indent=2) + "\n")


def _measure(
    folder: Path,
    workload: str,
    names: list[str],
    sink: Sink,
    rounds: int,
    note: Callable[[str], None],
) -> dict[str, Summary]:
    job = Job(
        contender="",
        base_url=sink.http,
        folder=str(folder),
        workload=workload,
        concurrency=MAIN_CONCURRENCY,
        seconds=None,
        count=_FOLDERS[workload] - WARM_UP,
        folders=_FOLDERS[workload],
    )

    def turn(name: str, before: list[Result]) -> tuple[Result, float]:
        note(f"{workload}, cold: round {len(before) + 1} of {rounds}, {CONTENDERS[name].title}")
        _drop(job)
        return run_round(attrs.evolve(job, contender=name), sink)

    with made_folders(folder, workload, WORKLOADS[workload].size, job.folders):
        return interleave(names, rounds, turn, FLOOR)


def _drop(job: Job) -> None:
    """Forget content. It was synced when it was made, or the system would keep it."""
    for files in job.files():
        for path in files.values():
            fd = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(fd)


def _table(workload: str, summaries: dict[str, Summary]) -> str:
    size = len(PARTS) * WORKLOADS[workload].size
    title = f"{workload}, cold, {MAIN_CONCURRENCY} at once"
    rows = [[title, "submissions/s", "MB/s", "x floor", *COSTS, "read from disk"]]
    rows += [
        [
            CONTENDERS[name].title,
            f"{each.rate:.1f}",
            f"{each.rate * size / 1e6:.0f}",
            "-" if each.ratio is None else f"{each.ratio:.2f}",
            *cost_cells(each),
            f"{each.from_disk / size:.0%}",
        ]
        for name, each in summaries.items()
    ]
    return grid(rows)
