"""`demo`: submit versions to a sandbox, and check what arrived. No output here.

Every version has files of its own, so that a mix-up shows. They are on disk, not in memory, and go
when they are checked. The first calls wait for each other's files, so that all of them are under
way at the same time.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs

from alipay_mini_audit.cli.demo.files import make_files, measure_blocking
from alipay_mini_audit.cli.demo.report import DemoReport, Step, VersionResult
from alipay_mini_audit.cli.exits import CommandFailed, one_line
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.errors import AuditError, CallError
from alipay_mini_audit.models import AuditApply, VersionStatus
from alipay_mini_audit.sandbox import SandboxGateway

__all__ = ["run_demo"]

_ON_DISK: Final = 32
"""How many versions may have their files on disk at once, and so how many calls are under way."""
_PAINTERS: Final = os.cpu_count() or 1
"""How many versions may have their files made at once: it costs a processor each."""
_DESCRIPTION: Final = (
    "A version of the demo: sixteen files of noise, made to be compared byte for byte."
)


async def run_demo(
    folder: Path, *, versions: int, size: int, on_step: Callable[[Step], None]
) -> DemoReport:
    """Submit versions to a sandbox of their own, all at the same time, and withdraw the last.

    Args:
        folder: an empty folder for the files; they are removed once they are checked.
        versions: how many.
        size: of each file, in bytes; the files come close to it.
        on_step: is called twice for each version, with each `Step` once.

    Raises:
        AuditError: the sandbox cannot be started.
        CommandFailed: a file cannot be written or read.
    """
    async with (
        SandboxGateway() as gateway,
        AuditClient(gateway.credentials, ClientConfig(base_url=gateway.base_url)) as client,
    ):
        demo = _Demo(gateway, client, folder, versions, size, on_step)
        results = await demo.submit_all()
        seconds = asyncio.get_running_loop().time() - demo.started
        last = results[-1].version
        problems = [
            f"{result.version}: {problem}" for result in results for problem in result.problems
        ]
        withdrawal = await demo.withdraw(last)
        problems += [f"{last}: {problem}" for problem in withdrawal]
    cancelled = None if withdrawal else last
    return DemoReport(
        results=results, cancelled=cancelled, seconds=seconds, problems=tuple(problems)
    )


class _Demo:
    def __init__(
        self,
        gateway: SandboxGateway,
        client: AuditClient,
        folder: Path,
        versions: int,
        size: int,
        on_step: Callable[[Step], None],
    ) -> None:
        self._gateway, self._client, self._folder, self._size = gateway, client, folder, size
        self._versions, self._on_step = versions, on_step
        self._on_disk, self._painters = asyncio.Semaphore(_ON_DISK), asyncio.Semaphore(_PAINTERS)
        self._made, self._go = 0, asyncio.Event()
        self.started = 0.0

    async def submit_all(self) -> tuple[VersionResult, ...]:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._submit(i)) for i in range(1, self._versions + 1)]
        except ExceptionGroup as failures:
            if (error := _system_error(failures)) is None:
                raise
            raise CommandFailed(
                f"The demo's files cannot be kept in {self._folder.parent}: {error.strerror or error}. "
                "Set TMPDIR to another folder, or ask for fewer or smaller files."
            ) from None
        return tuple(task.result() for task in tasks)

    async def withdraw(self, version: str) -> list[str]:
        """Withdraw a version, and return what did not hold."""
        try:
            before = (await self._client.version_detail(version)).status
            await self._client.cancel(version)
            after = (await self._client.version_detail(version)).status
        except AuditError as error:
            return [f"withdrawing: {one_line(error)}"]
        if (before, after) == (VersionStatus.AUDITING, VersionStatus.INIT):
            return []
        return [f"withdrawing took it from {before} to {after}, not from AUDITING to INIT"]

    async def _submit(self, number: int) -> VersionResult:
        version, folder = f"0.0.{number}", self._folder / str(number)
        async with self._on_disk:
            async with self._painters:
                files = await make_files(folder, number, self._size)
            await self._wait_for_others()
            request = AuditApply(app_version=version, version_desc=_DESCRIPTION)
            try:
                reply = await self._client.apply(request, files)
            except AuditError as error:
                trace_id = error.trace_id if isinstance(error, CallError) else None
                result = VersionResult(
                    version=version, trace_id=trace_id, problems=(one_line(error),)
                )
            else:
                result = attrs.evolve(
                    await self._check(version, files),
                    seconds=reply.meta.elapsed,
                    trace_id=reply.meta.trace_id,
                )
            await asyncio.to_thread(shutil.rmtree, folder)
        self._on_step(Step.CHECKED)
        return result

    async def _wait_for_others(self) -> None:
        self._on_step(Step.MADE)
        self._made += 1
        if self._made == min(self._versions, _ON_DISK):
            self.started = asyncio.get_running_loop().time()
            self._go.set()
        await self._go.wait()

    async def _check(self, version: str, files: dict[str, Path]) -> VersionResult:
        """Compare the files on disk with what the gateway received."""
        sent = {
            name: await asyncio.to_thread(measure_blocking, path) for name, path in files.items()
        }
        accepted = [found for found in self._gateway.submissions if found.app_version == version]
        if len(accepted) != 1:
            return VersionResult(
                version=version, problems=(f"the gateway accepted it {len(accepted)} times",)
            )
        parts = accepted[0].parts
        equal = [part for part in parts if sent.get(part.name) == (part.size, part.sha256)]
        names = [part.name for part in parts]
        problems = [f"{name} did not arrive" for name in sent if name not in names]
        problems += [f"{part.name} is not what was sent" for part in parts if part not in equal]
        return VersionResult(
            version=version,
            files=len(equal),
            size=sum(part.size for part in equal),
            problems=tuple(problems),
        )


def _system_error(failures: ExceptionGroup[Exception]) -> OSError | None:
    return next((error for error in failures.exceptions if isinstance(error, OSError)), None)
