"""Files and sources that take longer than their call may: it ends in time, and leaves nothing."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import attrs
import pytest
from support.scripted_server import ONCE, ScriptedServer

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    CallError,
    ClientConfig,
    Credentials,
    Outcome,
    Preflight,
    SendInterrupted,
    Timeouts,
)

REQUEST = AuditApply(app_version="1")
TOTAL = 0.3


@attrs.define
class Hanging:
    """A source of which one thing hangs."""

    what: str
    filename: str = "a.png"
    may_go_on: threading.Event = attrs.field(factory=threading.Event)

    @property
    def size(self) -> int:
        if self.what == "size":
            assert self.may_go_on.wait(10)
        return 100

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Hanging"]:
        if self.what == "open":
            await asyncio.Event().wait()
        try:
            yield self
        finally:
            if self.what == "close":
                await asyncio.Event().wait()

    async def read(self, size: int, /) -> bytes:
        return await asyncio.Event().wait() or bytes(size)


@pytest.fixture
async def client(wire: ScriptedServer, credentials: Credentials) -> AsyncIterator[AuditClient]:
    limits = Timeouts(connect=2, stall=5, reply=5, total=TOTAL)
    config = ClientConfig(
        preflight=Preflight.OFF, base_url=wire.base_url, timeouts=limits, retry=ONCE
    )
    async with AuditClient(credentials, config) as client:
        yield client


@contextmanager
def in_time() -> Iterator[None]:
    """Half a second more is for what was under way, and the rest for a busy machine."""
    began = asyncio.get_running_loop().time()
    yield
    assert asyncio.get_running_loop().time() - began < TOTAL + 2.0


async def test_a_source_whose_size_hangs_is_bounded_and_named(
    client: AuditClient, wire: ScriptedServer
) -> None:
    source, before = Hanging("size"), asyncio.all_tasks()
    with in_time(), pytest.raises(SendInterrupted, match="not over in time") as caught:
        await client.apply(REQUEST, {"first_screen_shot": source})
    assert caught.value.outcome is Outcome.NOT_SENT
    assert caught.value.path == "attachments.screen_shots[0]"
    assert asyncio.all_tasks() == before
    assert wire.connections == 0
    source.may_go_on.set()


@pytest.mark.parametrize("what", ["open", "read", "close"])
async def test_a_source_that_hangs_is_bounded_and_leaves_no_task(
    client: AuditClient, what: str
) -> None:
    before = asyncio.all_tasks()
    with in_time(), pytest.raises(CallError) as caught:
        await client.apply(REQUEST, {"app_logo": Hanging(what)})
    assert caught.value.outcome is Outcome.UNKNOWN, "its first bytes had left"
    served = [task for task in asyncio.all_tasks() - before if "serve" not in repr(task)]
    assert served == []


async def test_a_look_at_files_ends_in_time_while_every_worker_thread_is_busy(
    client: AuditClient,
    wire: ScriptedServer,
    pictures: list[Path],
    open_files: Callable[[], int],
) -> None:
    loop, may_go_on = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
    await loop.run_in_executor(None, int)
    descriptors, tasks = open_files(), asyncio.all_tasks()
    busy = loop.run_in_executor(None, may_go_on.wait)
    with in_time(), pytest.raises(SendInterrupted, match="No worker thread was free") as caught:
        await client.apply(REQUEST, {"app_logo": pictures[0]})
    assert (caught.value.outcome, caught.value.path) == (Outcome.NOT_SENT, None)
    assert asyncio.all_tasks() == tasks
    assert open_files() == descriptors
    assert wire.connections == 0
    may_go_on.set()
    await busy
    await loop.run_in_executor(None, int)
    assert open_files() == descriptors
