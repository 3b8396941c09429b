"""Measures the client beside others, all in one interleaved run over loopback."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from benchmarks.chart import draw
from benchmarks.clients import CONTENDERS, FLOOR
from benchmarks.cold import tell_cold
from benchmarks.growth import tell_growth
from benchmarks.line import tell_line
from benchmarks.material import made_folders, make_material
from benchmarks.night import tell_night
from benchmarks.report import Report, ratio_table
from benchmarks.rounds import FULL, MAIN_CONCURRENCY, QUICK, WORKLOADS, Case, run_case
from benchmarks.sink import running_sink
from benchmarks.slow_disk import tell_slow_disk


def main() -> None:
    """Measure, print, and write the files that were asked for."""
    arguments = _parse()
    with tempfile.TemporaryDirectory(prefix="alipay-mini-audit-") as folder:
        make_material(Path(folder))
        if arguments.what == "growth":
            print(tell_growth(Path(folder), arguments.json, quick=arguments.quick))
            return
        if arguments.what == "slow-disk":
            print(tell_slow_disk(Path(folder)))
            return
        if arguments.what == "cold":
            tell_cold(Path(folder), arguments.json, quick=arguments.quick, note=_note)
            return
        if arguments.what == "line":
            tell_line(Path(folder), arguments.json, note=_note)
            return
        if arguments.what == "night":
            options = {"quick": arguments.quick, "entries": arguments.entries}
            tell_night(Path(folder), arguments.json, **options, note=_note)
            return
        report = _compare(arguments, Path(folder))
    if arguments.json:
        arguments.json.write_text(json.dumps(report.to_json(), indent=2) + "\n")
    if arguments.svg:
        arguments.svg.write_text(draw(report))


def _compare(arguments: argparse.Namespace, folder: Path) -> Report:
    began = time.monotonic()
    plan = QUICK if arguments.quick else FULL
    if arguments.workloads:
        plan = attrs.evolve(plan, workloads=tuple(arguments.workloads))
    report = Report(missing=_missing(_wanted(arguments)))
    for title, reason in report.missing.items():
        print(f"{title} does not take part: {reason}.", file=sys.stderr)
    with running_sink(folder) as sink:
        for name in plan.workloads:
            workload = WORKLOADS[name]
            _note(f"{name}: making files")
            with made_folders(folder, name, workload.size, workload.folders):
                for case, rounds in plan.cases(name):
                    names = list(_taking_part(case, report, arguments))
                    summaries = run_case(case, rounds, names, sink, folder, plan.seconds, _note)
                    _note("")
                    print(report.add(case, summaries), end="\n\n", flush=True)
    if not arguments.only or FLOOR in arguments.only:
        print(ratio_table(report.cases), end="\n\n")
    print(f"{len(report.cases)} cases in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return report


def _wanted(arguments: argparse.Namespace) -> list[str]:
    peers = arguments.peers
    all_of_them = [name for name, each in CONTENDERS.items() if peers or not each.is_peer]
    return arguments.only or all_of_them


def _missing(names: Iterable[str]) -> dict[str, str]:
    reasons = {CONTENDERS[name].title: CONTENDERS[name].missing() for name in names}
    return {title: reason for title, reason in reasons.items() if reason is not None}


def _taking_part(case: Case, report: Report, arguments: argparse.Namespace) -> Iterator[str]:
    wanted = _wanted(arguments)
    for name, contender in CONTENDERS.items():
        here = contender.is_everywhere or case.concurrency == MAIN_CONCURRENCY
        if name in wanted and here and contender.title not in report.missing:
            yield name


def _note(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("compare", "growth", "slow-disk", "cold", "line", "night"),
        default="compare",
        help="compare contenders (default); growth: compare the 100th submission of one client "
        "with the 10,000th; slow-disk: watch the event loop while each read takes 100 ms; "
        "cold: read files that are not in memory; line: submit over a slow line; "
        "night: what a batch costs, and what it needs however long it is",
    )
    parser.add_argument(
        "--quick", action="store_true", help="only S and M at concurrency 16, short rounds"
    )
    parser.add_argument(
        "--peers", action="store_true", help="with the official SDKs for Node and Python"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=CONTENDERS, help=f"of {', '.join(CONTENDERS)}"
    )
    parser.add_argument(
        "--workloads",
        nargs="+",
        metavar="NAME",
        choices=WORKLOADS,
        help=f"of {', '.join(WORKLOADS)}",
    )
    parser.add_argument(
        "--entries", type=int, metavar="NUMBER", help="of the long night, 100000 by default"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw a chart")
    return parser.parse_args()


if __name__ == "__main__":
    main()
