"""A gateway, a client of it and submissions, for the tests of batches."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    BatchEntry,
    BatchPolicy,
    ClientConfig,
    EntryState,
    Journal,
    Preflight,
    Submission,
    Timeouts,
)
from alipay_mini_audit.sandbox import Material, SandboxGateway

TIMEOUTS = Timeouts(connect=2, sign=2, stall=2, reply=2, total=10)


@attrs.define
class Night:
    """What a test of a batch works with."""

    gateway: SandboxGateway
    client: AuditClient

    async def run(
        self,
        submissions: object,
        journal: Journal | None = None,
        policy: BatchPolicy | None = None,
        *,
        take_over: bool = False,
    ) -> list[BatchEntry]:
        """Submit all, and return what became of each, in the order of completion."""
        found = self.client.submit_many(
            submissions,  # type: ignore[arg-type]  # some tests give what is wrong
            journal=journal,
            policy=policy,
            take_over=take_over,
        )
        return [entry async for entry in found]

    async def collect(
        self,
        entries: list[BatchEntry],
        submissions: Iterable[Submission],
        journal: Journal,
        policy: BatchPolicy,
    ) -> None:
        """Submit all, and note what became of each until the batch ends or is stopped."""
        found = self.client.submit_many(submissions, journal=journal, policy=policy)
        async for entry in found:
            entries.append(entry)  # noqa: PERF401  # what came before an error is kept


@asynccontextmanager
async def night(
    material: Material, *, timeouts: Timeouts = TIMEOUTS, templates: dict[str, str] | None = None
) -> AsyncIterator[Night]:
    """A gateway that takes toy texts and files, and a client of it."""
    asyncio.get_running_loop().set_debug(False)  # it takes half of the time of a night
    async with SandboxGateway(material=material, strict=False, templates=templates) as gateway:
        config = ClientConfig(base_url=gateway.base_url, preflight=Preflight.OFF, timeouts=timeouts)
        async with AuditClient(gateway.credentials, config) as client:
            yield Night(gateway, client)


def submissions(
    count: int, folder: Path | None = None, *, first: int = 1, desc: str = "A version of a night."
) -> Iterator[Submission]:
    """Yield entries, each with a version of its own, and with a file if there is a folder."""
    for number in range(first, first + count):
        files = None
        if folder is not None:
            path = folder / f"{number}.png"
            if not path.exists():
                path.write_bytes(b"picture %d" % number)
            files = {"app_logo": path}
        yield Submission(
            f"shop-{number}",
            AuditApply(app_version=f"0.0.{number}", version_desc=desc),
            files,
            mini_app=f"app-{number}",
        )


def states(entries: list[BatchEntry]) -> dict[str, EntryState]:
    """Return where each entry stands, by its key."""
    return {entry.key: entry.state for entry in entries}
