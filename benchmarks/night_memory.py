"""What a batch needs, however many entries it has, and however large they are.

The length is measured without a network: what is sent, `benchmarks.growth` measures. So the
platform of the batch answers at once, and each entry is looked at, planned, sent and settled as
ever. `python -m benchmarks.night_memory` is run in processes of its own.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from alipay_mini_audit import AuditApply, BatchPolicy, EntryState, Submission, Timeouts
from alipay_mini_audit.batch import Binding, run_batch
from alipay_mini_audit.calls import Call, CallOptions, CallPreparation, CallSpec, SendGate
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.models import ApplyReply, ReplyMeta, Resolution
from alipay_mini_audit.protocol import APPLY
from alipay_mini_audit.retry import RetryPolicy
from benchmarks.clients import client_of
from benchmarks.gauge import Job, resident_now, resident_peak
from benchmarks.growth import Window, ask
from benchmarks.material import APP_ID, fields_of
from benchmarks.night_clients import journal_of
from benchmarks.rounds import MAIN_CONCURRENCY
from benchmarks.sink import Sink

__all__ = ["JOURNALS", "Large", "Length", "tell_large", "tell_length"]

JOURNALS: Final = ("none", "sqlite")
_WINDOW: Final = 1000
_EDGE: Final = 5
_LARGE_BYTES: Final = 96_000_000
_LARGE_FILES: Final = 40
"""Entries share them: those of 200 entries do not fit into the page cache."""
_PIECE: Final = 1024 * 1024
_WAYS: Final = {
    "bytes_in_flight=256 MiB": BatchPolicy(concurrency=MAIN_CONCURRENCY, bytes_in_flight=2**28),
    "concurrency alone": BatchPolicy(concurrency=MAIN_CONCURRENCY, bytes_in_flight=2**40),
}
_ARCHIVE: Final = "test_file_name"


@attrs.frozen
class Length:
    """A long night in windows of 1,000 entries."""

    windows: list[Window]

    @property
    def cpu(self) -> tuple[float, float]:
        """CPU seconds per entry in the best of the first windows, and in the best of the last."""
        edge = min(_EDGE, len(self.windows) // 2)
        each = [window.cpu for window in self.windows]
        return min(each[:edge]), min(each[-edge:])


@attrs.frozen
class Large:
    """A night of large entries.

    Attributes:
        entries: how many.
        rate: bytes a second; the median of the rounds.
        memory: bytes of peak resident memory over base; the most of the rounds.
    """

    entries: int
    rate: float
    memory: int


@attrs.frozen
class _AtOnce:
    """A platform that prepares as a client does, and accepts at once."""

    binding: Binding = attrs.field(factory=lambda: Binding(app_id=APP_ID, base_url="https://x"))
    _preparation: CallPreparation = attrs.field(
        factory=lambda: CallPreparation(UploadResources(buffers=BufferPool(1024)))
    )
    _options: CallOptions = attrs.field(factory=lambda: CallOptions(Timeouts(), RetryPolicy()))

    def token_of(self, submission: Submission) -> str | None:
        return submission.app_auth_token

    async def prepare(self, submission: Submission) -> Call:
        fields = submission.request.to_wire()
        return await self._preparation.prepare(
            CallSpec(operation=APPLY, fields=fields), self._options
        )

    async def submit(self, call: Call, gate: SendGate) -> ApplyReply:
        await gate.before_request("")
        await gate.before_piece(len(call.body))
        return ApplyReply(meta=ReplyMeta(request_id="", trace_id="", http_status=200))

    async def ask(self, submission: Submission, ago: float) -> Resolution:
        raise AssertionError(submission.key, ago)


def tell_length(folder: Path, journal: str, entries: int) -> Length:
    """Run a long night in a process of its own.

    Args:
        folder: for the journal.
        journal: which, see `journal_of`.
        entries: how many; two thousand at least.
    """
    told = ask(["-m", "benchmarks.night_memory", "length", str(folder), journal, str(entries)])
    return Length([Window(**window) for window in json.loads(told)])


def tell_large(folder: Path, sink: Sink, entries: int, *, rounds: int) -> dict[str, Large]:
    """Send large entries with and without a bound on bytes, in processes of their own.

    Args:
        folder: the material.
        sink: where to submit.
        entries: how many.
        rounds: how often.
    """
    for number in range(min(entries, _LARGE_FILES)):
        path = _large_file(folder, number)
        with path.open("wb") as file:
            file.truncate(_LARGE_BYTES)
        with path.open("rb") as file:  # or whoever comes first has all of them to allocate
            while file.read(_PIECE):
                pass
    seen: dict[str, list[tuple[float, int]]] = {name: [] for name in _WAYS}
    for _ in range(rounds):
        for name in _WAYS:
            arguments = ["large", str(folder), name, str(entries), sink.http]
            told = json.loads(ask(["-m", "benchmarks.night_memory", *arguments]))
            seen[name].append((entries * _LARGE_BYTES / told["seconds"], told["memory"]))
    return {
        name: Large(entries, statistics.median(rates), max(memory))
        for name, (rates, memory) in (
            (name, zip(*each, strict=True)) for name, each in seen.items()
        )
    }


def _large_file(folder: Path, number: int) -> Path:
    return folder / f"large_{number % _LARGE_FILES}.zip"


async def _watch_length(folder: Path, journal: str, entries: int) -> list[dict[str, Any]]:
    windows: list[Window] = []
    async with journal_of(journal, folder) as opened:
        found = run_batch(_AtOnce(), _plain(entries), opened, BatchPolicy())
        cpu, began = time.process_time(), time.perf_counter()
        done = itertools.count(1)
        async for entry in found:
            assert entry.state is EntryState.DONE, entry  # noqa: S101  # what is measured
            last = next(done)
            if last % _WINDOW:
                continue
            cpu, seconds = time.process_time() - cpu, time.perf_counter() - began
            gc.collect()
            objects = len(gc.get_objects())
            windows.append(Window(last, cpu / _WINDOW, seconds / _WINDOW, resident_now(), objects))
            cpu, began = time.process_time(), time.perf_counter()
    return [attrs.asdict(window) for window in windows]


def _plain(count: int) -> Iterator[Submission]:
    for number in range(1, count + 1):
        request = AuditApply(**fields_of(number))  # type: ignore[arg-type]  # all of them are texts
        yield Submission(f"shop-{number}", request, mini_app=f"app-{number}")


async def _watch_large(folder: Path, way: str, entries: int, base_url: str) -> dict[str, float]:
    job = Job(
        contender="",
        base_url=base_url,
        folder=str(folder),
        workload="",
        concurrency=MAIN_CONCURRENCY,
        seconds=0,
        count=entries,
    )
    async with client_of(job) as client, journal_of("sqlite", folder) as journal:
        gc.collect()
        base, began = resident_now(), time.perf_counter()
        found = client.submit_many(_large(folder, entries), journal=journal, policy=_WAYS[way])
        done = sum([entry.state is EntryState.DONE async for entry in found])
        assert done == entries  # noqa: S101  # what is measured
        return {"seconds": time.perf_counter() - began, "memory": resident_peak() - base}


def _large(folder: Path, count: int) -> Iterator[Submission]:
    for number in range(1, count + 1):
        request = AuditApply(**fields_of(number))  # type: ignore[arg-type]  # all of them are texts
        yield Submission(f"shop-{number}", request, {_ARCHIVE: _large_file(folder, number)})


def _main(what: str, folder: str, name: str, entries: str, *rest: str) -> None:
    if what == "length":
        told: object = asyncio.run(_watch_length(Path(folder), name, int(entries)))
    else:
        told = asyncio.run(_watch_large(Path(folder), name, int(entries), *rest))
    print(json.dumps(told))


if __name__ == "__main__":
    _main(*sys.argv[1:])
