"""A hundred uploads at once on one client: nothing lost, nothing held, nothing left open."""

import asyncio
import gc
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psutil
import pytest

from alipay_mini_audit import Attachments, AuditApply, AuditClient, ClientConfig, Preflight
from alipay_mini_audit.sandbox import Material, SandboxGateway

CALLS = 100
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("files")
    paths = [folder / f"{i}.png" for i in range(15)] + [folder / "15.zip"]
    for path in paths:
        path.write_bytes(os.urandom(MEGABYTE))
    return paths


class Watch:
    """Looks at the memory of this process from a thread of its own."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.base = self.peak = 0

    def __enter__(self) -> Self:
        gc.collect()
        self.base = self.peak = self._process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.01):
            self.peak = max(self.peak, self._process.memory_info().rss)


async def test_a_hundred_uploads_arrive_whole_in_little_memory_and_leave_nothing_open(
    files: list[Path], material: Material, open_files: Callable[[], int]
) -> None:
    asyncio.get_running_loop().set_debug(
        False
    )  # it keeps a stack for every handle, and memory is measured
    attachments = Attachments(
        app_logo=files[0],
        screen_shots=files[1:6],
        license_pics=files[6:11],
        special_license_pics=files[11:14],
        out_door_pic=files[14],
        test_file=files[15],
    )
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    tasks, descriptors = asyncio.all_tasks(), open_files()
    async with SandboxGateway(strict=False, material=material) as gateway:
        async with AuditClient(
            gateway.credentials, ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
        ) as client:
            await client.apply(AuditApply(app_version="0", version_desc="warm"), attachments)
            with Watch() as memory:
                calls = (AuditApply(app_version=str(i + 1), version_desc="d") for i in range(CALLS))
                await asyncio.gather(*(client.apply(call, attachments) for call in calls))
        submissions = gateway.submissions
    assert sorted(int(found.app_version) for found in submissions) == list(range(CALLS + 1))
    assert all([part.sha256 for part in found.parts] == hashes for found in submissions)
    assert not any(found.chunked for found in submissions)
    assert memory.peak - memory.base < 64 * 1024 * 1024
    assert asyncio.all_tasks() == tasks
    assert open_files() == descriptors
