"""Runs the inputs of a target, and counts what came of them."""

import gc
import multiprocessing
import resource
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import attrs

from fuzz.judge import DIED, MEMORY, SLOW, Hung, judge
from fuzz.mutators import Mixer
from fuzz.targets import TARGETS

MEMORY_LIMIT = 100 * 1024 * 1024
PATIENCE = 30.0
"""Seconds after which an input is stopped."""
MAX_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Place(Protocol):
    """A number that two processes see."""

    value: int


@attrs.frozen
class Finding:
    """An input that did what none may do.

    Attributes:
        target: its name.
        index: makes the input again, with the seed.
        fault: what is wrong.
        detail: where; findings with the same one have the same cause.
    """

    target: str
    index: int
    fault: str
    detail: str


@attrs.define
class Report:
    """What came of the inputs of a target so far.

    Attributes:
        labels: how many were accepted, and how many were refused by what.
        findings: the first one of each cause.
        causes: how many there were of each.
        slowest: seconds of computing, and the index.
        longest: seconds until it was over, and the index.
        growth: bytes of memory that the process took for them.
    """

    target: str
    labels: Counter[str] = attrs.Factory(Counter)
    findings: dict[str, Finding] = attrs.Factory(dict)
    causes: Counter[str] = attrs.Factory(Counter)
    slowest: tuple[float, int] = (0.0, -1)
    longest: tuple[float, int] = (0.0, -1)
    growth: int = 0

    @property
    def inputs(self) -> int:
        """How many there were."""
        return self.labels.total()

    def note(self, finding: Finding) -> None:
        """Remember a finding; only the first one of a cause is kept."""
        cause = f"{finding.fault} {'' if finding.fault == SLOW else finding.detail}"
        self.findings.setdefault(cause, finding)
        self.causes[cause] += 1

    def add(self, other: "Report") -> None:
        """Add what another process found."""
        self.labels += other.labels
        for cause, finding in other.findings.items():
            self.findings.setdefault(cause, finding)
        self.causes += other.causes
        self.slowest = max(self.slowest, other.slowest)
        self.longest = max(self.longest, other.longest)
        self.growth = max(self.growth, other.growth)


def run_apart(name: str, seed: int, indices: Sequence[int]) -> Report:
    """Do as `run` does, in a process of its own, whose end is a finding.

    The process has an alarm for inputs that hang, and a limit for those that eat memory.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    place = context.Value("q", indices[0], lock=False)
    process = context.Process(target=_send_report, args=(sender, place, name, seed, indices))
    process.start()
    sender.close()
    try:
        report: Report = receiver.recv()
    except EOFError:
        process.join()
        report = Report(name)
        report.note(Finding(name, place.value, DIED, f"exit status {process.exitcode}"))
    process.join()
    return report


def _send_report(
    sender: Connection, place: Place, name: str, seed: int, indices: Sequence[int]
) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (peak() + 10 * MEMORY_LIMIT, most))
    sender.send(run(name, seed, indices, place))


def run(name: str, seed: int, indices: Iterable[int], place: Place | None = None) -> Report:
    """Throw the inputs of some indices at a target.

    Args:
        name: of the target.
        seed: of chance.
        indices: which inputs.
        place: holds the index of the input under way, in a process that has the alarm signal for
            itself, so that inputs that hang are stopped; `None` in any other.
    """
    target = TARGETS[name]
    mixer = Mixer(name, target.seeds, target.mutators)
    report = Report(name)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, target.open(Path(folder)) as door:
        for data in target.seeds:
            judge(target, door, data)  # what is made once, is made now
        before = peak()
        for index in indices:
            data = mixer.make(seed, index)
            if place is not None:
                place.value = index
            with limited(0.0 if place is None else PATIENCE):
                verdict = judge(target, door, data)
            report.labels[verdict.label] += 1
            report.slowest = max(report.slowest, (verdict.seconds, index))
            report.longest = max(report.longest, (verdict.waited, index))
            if verdict.fault:
                report.note(Finding(name, index, verdict.fault, verdict.detail))
                gc.collect()  # the frames of an error may hold all the memory there is
            growth = peak() - before
            if report.growth < MEMORY_LIMIT <= growth:
                report.note(Finding(name, index, MEMORY, f"{growth // 2**20} MiB"))
            report.growth = growth
    return report


def peak() -> int:
    """Return the most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAX_RSS_UNIT


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop the main thread after so many seconds; 0 never does."""
    if not seconds:
        yield
        return
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def _stop(*_: object) -> None:
    raise Hung
