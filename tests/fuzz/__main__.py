"""The command line of the long form."""

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from fuzz.campaign import Finding, Report, run_apart
from fuzz.mutators import Mixer
from fuzz.targets import TARGETS

BATCH = 2000
"""Inputs for one process: what a target leaves behind in memory would otherwise hide the next."""


def main() -> int:
    """Run what was asked for; the exit status is 1 if there are findings."""
    arguments = parse()
    names = arguments.target or list(TARGETS)
    if arguments.index is not None:
        return replay(names, arguments)
    reports = {name: Report(name) for name in names}
    with ThreadPoolExecutor(arguments.jobs) as pool:
        tasks: list[Future[Report]] = [
            pool.submit(run_apart, name, arguments.seed, indices)
            for name, indices in batches(names, arguments.count)
        ]
        for done in as_completed(tasks):
            report = done.result()
            reports[report.target].add(report)
    for report in reports.values():
        say(told(report))
    findings = [found for report in reports.values() for found in report.findings.values()]
    total = sum(report.inputs for report in reports.values())
    say(f"{total} inputs, seed {arguments.seed}, {len(findings)} causes of failure")
    for finding in findings:
        keep(finding, arguments.seed, arguments.save)
    return 1 if findings else 0


def batches(names: list[str], count: int) -> Iterator[tuple[str, range]]:
    """Yield the inputs of each process: all of a target's, in parts."""
    shares = {name: TARGETS[name].share for name in names}
    whole = sum(shares.values())
    for name, share in shares.items():
        end = max(1, round(count * share / whole))
        for start in range(0, end, BATCH):
            yield name, range(start, min(end, start + BATCH))


def told(report: Report) -> str:
    """Return what came of a target's inputs."""
    slowest, at = report.slowest
    longest, place = report.longest
    lines = [
        f"{report.target}: {report.inputs} inputs, {report.growth / 2**20:.0f} MiB",
        f"    slowest {slowest:.3f} s (index {at}), longest {longest:.3f} s (index {place})",
    ]
    lines += [f"    {count:>7}  {label}" for label, count in report.labels.most_common()]
    lines += [
        f"    FAILED {report.causes[cause]}x {found.fault}: {found.detail} (--index {found.index})"
        for cause, found in report.findings.items()
    ]
    return "\n".join(lines)


def replay(names: list[str], arguments: argparse.Namespace) -> int:
    """Run one input of each target, and say what came of it."""
    is_bad = False
    for name in names:
        report = run_apart(name, arguments.seed, [arguments.index])
        say(told(report))
        is_bad |= bool(report.findings)
        keep(Finding(name, arguments.index, "", ""), arguments.seed, arguments.save)
    return 1 if is_bad else 0


def keep(finding: Finding, seed: int, folder: Path | None) -> None:
    """Write an input to a file."""
    if folder is None:
        return
    target = TARGETS[finding.target]
    data = Mixer(target.name, target.seeds, target.mutators).make(seed, finding.index)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{finding.target}-{seed}-{finding.index}.bin").write_bytes(data)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=200_000, help="inputs of all targets together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="may be repeated")
    parser.add_argument("--index", type=int, help="run this input alone, again")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write failing inputs there")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    return parser.parse_args()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
