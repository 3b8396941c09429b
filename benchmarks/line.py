"""A slow line: what counts is what it costs, and that nobody takes slowness for a stall.

`python -m benchmarks line` submits through `benchmarks.shaper` with the time-outs that a client has
by default. Each submission has to succeed, and none is repeated.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import attrs

from benchmarks.clients import CONTENDERS, FLOOR, OURS
from benchmarks.gauge import Job, Result
from benchmarks.material import PARTS, made_folders
from benchmarks.report import COSTS, cost_cells, environment, grid
from benchmarks.rounds import MAIN_CONCURRENCY, WORKLOADS, Summary, interleave, run_round
from benchmarks.sink import Sink, running_sink, serving

__all__ = ["tell_line"]

_WORKLOAD: Final = "S"
_COUNT: Final = 24
_ROUND_TRIP: Final = 0.02
_BITS_PER_SECOND: Final = 20e6
_TICK: Final = 0.05
_OVER_TLS: Final = f"{OURS}, TLS"
_WAYS: Final = (OURS, _OVER_TLS, FLOOR)


def tell_line(folder: Path, file: Path | None, *, note: Callable[[str], None]) -> None:
    """Submit over a slow line, and print the table.

    Args:
        folder: the material.
        file: where to write JSON, `None` for nowhere.
        note: is told how far it is.
    """
    size = WORKLOADS[_WORKLOAD].size
    with made_folders(folder, _WORKLOAD, size, _COUNT), running_sink(folder) as sink:
        ports = [str(urlsplit(address).port) for address in (sink.http, sink.https)]
        numbers = [str(_ROUND_TRIP), str(_BITS_PER_SECOND / 8)]
        with serving("benchmarks.shaper", *numbers, *ports) as line:
            summaries = _measure(folder, sink, line, note)
    note("")
    print(_table(summaries))
    if file:
        found = {way: attrs.asdict(each) for way, each in summaries.items()}
        content = {"environment": environment(), "line": found}
        file.write_text(json.dumps(content, indent=2) + "\n")


def _measure(
    folder: Path, sink: Sink, line: Sink, note: Callable[[str], None]
) -> dict[str, Summary]:
    def turn(way: str, before: list[Result]) -> tuple[Result, float]:
        del before  # there is one round
        note(f"slow line: {_title(way)}")
        job = Job(
            contender=FLOOR if way == FLOOR else OURS,
            base_url=line.https if way == _OVER_TLS else line.http,
            folder=str(folder),
            workload=_WORKLOAD,
            concurrency=MAIN_CONCURRENCY,
            seconds=None,
            count=_COUNT,
            folders=_COUNT,
            tick=_TICK,
        )
        return run_round(job, sink)

    return interleave(_WAYS, 1, turn, FLOOR)


def _title(way: str) -> str:
    return f"{CONTENDERS[OURS].title}, TLS" if way == _OVER_TLS else CONTENDERS[way].title


def _table(summaries: dict[str, Summary]) -> str:
    title = (
        f"{_COUNT} submissions of {_WORKLOAD}, {MAIN_CONCURRENCY} at once, "
        f"{_BITS_PER_SECOND / 1e6:.0f} Mbit/s, {_ROUND_TRIP * 1000:.0f} ms round trip"
    )
    bits = 8 * len(PARTS) * WORKLOADS[_WORKLOAD].size
    rows = [[title, "share of the line", *COSTS]]
    rows += [
        [_title(way), f"{each.rate * bits / _BITS_PER_SECOND:.0%}", *cost_cells(each)]
        for way, each in summaries.items()
    ]
    return grid(rows)
