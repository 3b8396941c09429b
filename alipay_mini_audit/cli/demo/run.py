"""`demo`: submit versions to a sandbox, and check what arrived. No output here.

Every version is another merchant's and has files of its own, so that a mix-up shows. They are on
disk, not in memory, and are removed once they are checked. The first calls wait for each other's
files, so that all of them are under way at the same time.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.cli.demo.files import make_files, measure_blocking
from alipay_mini_audit.cli.demo.report import DemoReport, Step, VersionResult
from alipay_mini_audit.cli.exits import CommandFailed, one_line
from alipay_mini_audit.cli.language import reason_of, said
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.errors import AuditError, CallError
from alipay_mini_audit.models import AuditApply, VersionStatus
from alipay_mini_audit.sandbox import SandboxGateway, Submission

__all__ = ["no_room", "run_demo"]

_ON_DISK: Final = 32
"""How many versions may have their files on disk at once, and so how many calls are under way."""
_MAKERS: Final = os.cpu_count() or 1
"""How many versions may have their files made at once: each costs a processor."""
_DESCRIPTION: Final = (
    "A version of the demo: sixteen files of noise, made to be compared byte for byte."
)


async def run_demo(
    folder: Path, *, versions: int, size: int, language: str, on_step: Callable[[Step], None]
) -> DemoReport:
    """Submit versions to a sandbox of their own, all at the same time, and withdraw the last.

    Args:
        folder: an empty folder for the files; they are removed once they are checked.
        versions: how many.
        size: of each file, in bytes; the files come close to it.
        language: of what is told, "zh" or "en".
        on_step: is called twice for each version, with each `Step` once.

    Raises:
        AuditError: the sandbox cannot be started.
        CommandFailed: a file cannot be written or read.
    """
    async with (
        SandboxGateway() as gateway,
        AuditClient(gateway.credentials, ClientConfig(base_url=gateway.base_url)) as client,
    ):
        demo = _Demo(
            gateway=gateway,
            client=client,
            folder=folder,
            versions=versions,
            size=size,
            language=language,
            on_step=on_step,
        )
        results = await demo.submit_all()
        seconds = asyncio.get_running_loop().time() - demo.started
        last = results[-1].version
        withdrawal = await demo.withdraw(last)
    problems = [f"{result.version}: {problem}" for result in results for problem in result.problems]
    problems += [f"{last}: {problem}" for problem in withdrawal]
    return DemoReport(
        results=results,
        cancelled=None if withdrawal else last,
        seconds=seconds,
        problems=tuple(problems),
    )


@final
@attrs.define(kw_only=True, eq=False)
class _Demo:
    gateway: SandboxGateway
    client: AuditClient
    folder: Path
    versions: int
    size: int
    language: str
    on_step: Callable[[Step], None]
    started: float = attrs.field(default=0.0, init=False)
    """When the first call began, in the loop's time."""
    _made: int = attrs.field(default=0, init=False)
    _all_made: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)
    _on_disk: asyncio.Semaphore = attrs.field(init=False)
    _makers: asyncio.Semaphore = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._on_disk = asyncio.Semaphore(_ON_DISK)
        self._makers = asyncio.Semaphore(_MAKERS)

    async def submit_all(self) -> tuple[VersionResult, ...]:
        """Submit every version, and return what became of each.

        No thread writes or removes files any more when this ends, however it ends: whoever removes
        the folder would find it filled behind its back.
        """
        try:
            with ThreadPoolExecutor() as writers:
                async with asyncio.TaskGroup() as group:
                    numbers = range(1, self.versions + 1)
                    tasks = [group.create_task(self._submit(each, writers)) for each in numbers]
        except ExceptionGroup as failures:
            error = _system_error(failures)
            if error is None:
                raise
            raise CommandFailed(no_room(self.folder.parent, error, self.language)) from None
        return tuple(task.result() for task in tasks)

    async def withdraw(self, version: str) -> list[str]:
        """Withdraw a version, and return what did not hold."""
        merchant = self._merchant_of(version)
        try:
            before = (await merchant.version_detail(version)).status
            await merchant.cancel(version)
            after = (await merchant.version_detail(version)).status
        except AuditError as error:
            failed = said("withdrawing: ", "撤销：", self.language)
            return [f"{failed}{one_line(error, self.language)}"]
        if (before, after) == (VersionStatus.AUDITING, VersionStatus.INIT):
            return []
        return [
            said(
                f"withdrawing took it from {before} to {after}, not from AUDITING to INIT",
                f"撤销使状态由 {before} 变为 {after}，而应由 AUDITING 变为 INIT",
                self.language,
            )
        ]

    def _merchant_of(self, version: str) -> AuditClient:
        """Return a view for the merchant of a version: each has one mini-program, and one token."""
        return self.client.with_options(app_auth_token=f"merchant-of-{version}")

    async def _submit(self, number: int, writers: Executor) -> VersionResult:
        version = f"0.0.{number}"
        folder = self.folder / str(number)
        async with self._on_disk:
            async with self._makers:
                files = await make_files(folder, number, self.size, writers)
            await self._wait_for_others()
            result = await self._apply(version, files)
            await asyncio.get_running_loop().run_in_executor(writers, shutil.rmtree, folder)
        self.on_step(Step.CHECKED)
        return result

    async def _wait_for_others(self) -> None:
        self.on_step(Step.MADE)
        self._made += 1
        if self._made == min(self.versions, _ON_DISK):
            self.started = asyncio.get_running_loop().time()
            self._all_made.set()
        await self._all_made.wait()

    async def _apply(self, version: str, files: Mapping[str, Path]) -> VersionResult:
        request = AuditApply(app_version=version, version_desc=_DESCRIPTION)
        try:
            reply = await self._merchant_of(version).apply(request, files)
        except AuditError as error:
            trace_id = error.trace_id if isinstance(error, CallError) else None
            return VersionResult(
                version=version, trace_id=trace_id, problems=(one_line(error, self.language),)
            )
        sent = {
            name: await asyncio.to_thread(measure_blocking, path) for name, path in files.items()
        }
        accepted = [found for found in self.gateway.submissions if found.app_version == version]
        return attrs.evolve(
            _compare(version, sent, accepted, self.language),
            seconds=reply.meta.elapsed,
            trace_id=reply.meta.trace_id,
        )


def _compare(
    version: str,
    sent: Mapping[str, tuple[int, str]],
    accepted: Sequence[Submission],
    language: str,
) -> VersionResult:
    """Compare size and SHA-256 of the files on disk with what the gateway received."""
    if len(accepted) != 1:
        problem = said(
            f"the gateway accepted it {len(accepted)} times",
            f"网关受理了 {len(accepted)} 次",
            language,
        )
        return VersionResult(version=version, problems=(problem,))
    parts = accepted[0].parts
    names = [part.name for part in parts]
    equal = [part for part in parts if sent.get(part.name) == (part.size, part.sha256)]
    missing = [
        said(f"{name} did not arrive", f"{name} 没有送达", language)
        for name in sent
        if name not in names
    ]
    altered = [
        said(f"{part.name} is not what was sent", f"{part.name} 与发送的内容不一致", language)
        for part in parts
        if part not in equal
    ]
    return VersionResult(
        version=version,
        files=len(equal),
        size=sum(part.size for part in equal),
        problems=(*missing, *altered),
    )


def no_room(folder: Path, error: OSError, language: str) -> str:
    """Return what to say when files cannot be written.

    Args:
        folder: for temporary files.
        error: what the system says.
        language: "zh" or "en".
    """
    reason = reason_of(error, language)
    return said(
        f"The demo's files cannot be kept in {folder}: {reason}. "
        "Set TMPDIR to another folder, or ask for fewer or smaller files.",
        f"演示文件无法保存到 {folder}：{reason}。"
        "请将 TMPDIR 设为其他目录，或减少文件的数量或大小。",
        language,
    )


def _system_error(failures: ExceptionGroup[Exception]) -> OSError | None:
    return next((error for error in failures.exceptions if isinstance(error, OSError)), None)
