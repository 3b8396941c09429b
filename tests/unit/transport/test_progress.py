"""How far a request came, the watch for stalled ones, and how many bytes have moved."""

import asyncio
import itertools
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import attrs
import pytest
from aiohttp.abc import AbstractStreamWriter
from support.content import SomeContent

from alipay_mini_audit.attachments import BytesSource, FilePart
from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.errors import Outcome, SendInterrupted
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.protocol import APPLY, CANCEL, Caller, Request
from alipay_mini_audit.transport import Phase, Progress, Transport

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@attrs.define
class FakeTransport:
    """A transport that holds what it is told to hold."""

    held: int = 0
    is_aborted: bool = False

    def is_closing(self) -> bool:
        return self.is_aborted

    def get_write_buffer_size(self) -> int:
        return self.held

    def abort(self) -> None:
        self.is_aborted = True


@attrs.define
class FakeWriter:
    """What aiohttp gives a body to write to."""

    transport: FakeTransport | None = attrs.field(factory=FakeTransport)
    output_size: int = 0


@attrs.define
class Clock:
    """The clock of a loop, by which timers are due; it is moved by hand."""

    loop: asyncio.AbstractEventLoop
    now: float = 1000.0
    timers: list[float] = attrs.field(factory=list)
    """When a timer was asked for."""

    async def go_to(self, now: float, step: float = 0.005) -> None:
        while self.now < now:
            self.now = min(now, self.now + step)
            for _ in range(3):
                await asyncio.sleep(0)


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    loop = asyncio.get_running_loop()
    clock = Clock(loop)
    real = loop.call_at

    def call_at(when: float, *args: object, **kwargs: object) -> asyncio.TimerHandle:
        clock.timers.append(when)
        return real(when, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "time", lambda: clock.now)
    monkeypatch.setattr(loop, "call_at", call_at)
    return clock


@asynccontextmanager
async def tracked(progress: Progress, writer: FakeWriter) -> AsyncIterator[None]:
    """A body that is written until the block ends."""
    is_over = asyncio.Event()

    async def write(_: AbstractStreamWriter) -> None:
        await is_over.wait()

    tracking = asyncio.create_task(progress.track(write, writer))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    yield
    is_over.set()
    await tracking


def leave(progress: Progress, writer: FakeWriter, count: int) -> None:
    """Write some of the body, of which nothing has moved yet."""
    assert writer.transport is not None
    progress.leaving(writer.transport, count)  # type: ignore[arg-type]
    writer.output_size += count
    writer.transport.held += count


async def test_a_body_of_which_no_byte_moves_is_cut_after_the_time_that_was_given(
    clock: Clock,
) -> None:
    progress, writer = Progress(stall=2.0), FakeWriter()
    assert writer.transport is not None
    async with tracked(progress, writer):
        leave(progress, writer, 1000)
        await clock.go_to(1001.9)
        assert not writer.transport.is_aborted
        writer.transport.held = 999
        await clock.go_to(1003.9)
        assert not writer.transport.is_aborted, "a byte has moved meanwhile"
        await clock.go_to(1004.6)
        assert writer.transport.is_aborted
    assert isinstance(progress.failure, SendInterrupted)
    assert progress.failure.outcome is Outcome.UNKNOWN
    assert str(progress.failure).startswith("No byte of the request moved for 2 s.")


@pytest.mark.parametrize("stall", [0.04, 0.4, 2.0, 30.0])
async def test_who_does_not_listen_costs_no_timer_more(clock: Clock, stall: float) -> None:
    progress, writer = Progress(stall=stall), FakeWriter()
    async with tracked(progress, writer):
        await clock.go_to(1000 + stall * 0.9, stall / 100)
    due = [1000 + stall / 4 * number for number in (1, 2, 3, 4)]
    assert clock.timers == pytest.approx(due, abs=stall / 20)


@pytest.mark.parametrize("stall", [0.02, 0.2, 0.4, 30.0])
async def test_who_listens_is_told_ten_times_a_second_at_most_and_only_of_news(
    clock: Clock, stall: float
) -> None:
    told: list[tuple[float, int]] = []
    progress = Progress(stall=stall, on_bytes=lambda sent: told.append((clock.now, sent)))
    writer = FakeWriter()
    assert writer.transport is not None
    async with tracked(progress, writer):
        leave(progress, writer, 100_000)
        for step in range(2000):
            if step < 1000 or step >= 1500:
                writer.transport.held -= 10
            else:
                writer.output_size += 1  # something moves, so that it is not cut, but not the body
            await clock.go_to(1000 + (step + 1) * 0.001, 0.001)
    assert not writer.transport.is_aborted
    assert 14 <= len(told) <= 16
    assert all(b[0] - a[0] >= 0.1 for a, b in itertools.pairwise(told))
    assert [sent for _, sent in told] == sorted({sent for _, sent in told})
    for now, sent in told:
        moved = (now - 1000) * 10_000
        expected = moved if moved <= 10_000 else max(10_000, moved - 5000)
        assert sent == pytest.approx(expected, abs=20)


async def test_the_head_of_a_request_does_not_count(clock: Clock) -> None:
    told: list[int] = []
    progress, writer = Progress(stall=30, on_bytes=told.append), FakeWriter()
    assert writer.transport is not None
    async with tracked(progress, writer):
        writer.output_size = writer.transport.held = 300
        leave(progress, writer, 1000)
        for held in (1300, 1100, 1000, 999, 400, 0):
            writer.transport.held = held
            await clock.go_to(clock.now + 0.11)
    assert told == [1, 600, 1000]


async def test_a_listener_that_raises_does_not_end_the_watch(clock: Clock) -> None:
    reported: list[object] = []
    clock.loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))

    def listen(_: int) -> None:
        raise ValueError("mine")

    progress, writer = Progress(stall=1.0, on_bytes=listen), FakeWriter()
    assert writer.transport is not None
    async with tracked(progress, writer):
        leave(progress, writer, 1000)
        writer.transport.held = 900
        await clock.go_to(1003)
        assert writer.transport.is_aborted
    assert [type(error) for error in reported] == [ValueError]


async def test_a_connection_that_is_gone_is_watched_no_longer(clock: Clock) -> None:
    progress, writer = Progress(stall=1.0, on_bytes=lambda _: None), FakeWriter(None)
    async with tracked(progress, writer):
        await clock.go_to(1005)
    assert len(clock.timers) == 1
    assert progress.failure is None


async def test_nothing_leaves_by_a_connection_that_closes() -> None:
    progress = Progress(stall=1.0)
    progress.leaving(None, 100)
    progress.leaving(FakeTransport(is_aborted=True), 100)  # type: ignore[arg-type]
    assert (progress.phase, progress.handed_over) == (Phase.CONNECTING, 0)
    assert progress.first_byte_at is None
    progress.leaving(FakeTransport(), 100)  # type: ignore[arg-type]
    assert (progress.phase, progress.handed_over) == (Phase.SENDING, 100)


async def test_settling_waits_for_the_body_but_a_second_at_most(clock: Clock) -> None:
    progress, writer = Progress(stall=30), FakeWriter()
    await progress.settle()
    async with tracked(progress, writer):
        settling = asyncio.create_task(progress.settle())
        await clock.go_to(1000.9)
        assert not settling.done()
        await clock.go_to(1001.1)
        assert settling.done()
        settling = asyncio.create_task(progress.settle())
        await clock.go_to(1001.2)
    await asyncio.wait_for(settling, 1)
    await progress.settle()


@attrs.define
class SlowPeer:
    """A real server that takes a request in small pieces, with pauses."""

    piece: int
    pause: float
    received: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while self.received < length:
            self.received += len(await reader.read(min(self.piece, length - self.received)))
            await asyncio.sleep(self.pause)
        writer.write(REPLY)
        await writer.drain()
        writer.close()


async def exchange(peer: SlowPeer, request: Request, progress: Progress) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)  # the kernel holds little
    server = await asyncio.start_server(peer.serve, sock=listening, limit=4096)
    port = server.sockets[0].getsockname()[1]
    resources = UploadResources(buffers=BufferPool(65_536))
    transport = Transport(ClientConfig(base_url=f"http://127.0.0.1:{port}"), resources)
    try:
        deadline = asyncio.get_running_loop().time() + 20
        await transport.send(request, b"signature", Timeouts(), deadline, progress)
    finally:
        await transport.aclose()
        server.close()


def upload_of(*files: FilePart) -> Request:
    return Request(
        call=SomeContent(APPLY, APPLY.path, '{"app_version":"1"}', files),
        caller=Caller("2021000000000001"),
        request_id="0" * 32,
        nonce="0" * 32,
        timestamp_ms=1_700_000_000_000,
    )


@pytest.mark.parametrize("kind", ["content", "source"])
async def test_an_upload_to_a_slow_peer_is_told_byte_by_byte(kind: str) -> None:
    loop = asyncio.get_running_loop()
    content = os.urandom(12_000_000)
    told: list[tuple[float, int, int]] = []
    peer = SlowPeer(65_536, 0.004)
    sent_at: list[float] = []

    def listen(sent: int) -> None:
        told.append((loop.time(), sent, peer.received))

    class Stored:
        filename, size, open = "a.zip", len(content), BytesSource(content).open

    source = BytesSource(content) if kind == "content" else Stored()
    file = FilePart("test_file_name", "", source, "a.zip", "application/zip", len(content))  # type: ignore[arg-type]
    progress = Progress(stall=5, on_bytes=listen, on_sent=lambda: sent_at.append(loop.time()))
    await exchange(peer, upload_of(file), progress)
    assert len(told) >= 2
    assert all(b[0] - a[0] >= 0.1 for a, b in itertools.pairwise(told))
    assert [sent for _, sent, _ in told] == sorted({sent for _, sent, _ in told})
    assert all(sent >= received for _, sent, received in told), "what arrived has moved"
    assert all(sent <= progress.total for _, sent, _ in told)
    assert progress.total == progress.handed_over == peer.received
    assert max(when for when, _, _ in told) <= sent_at[0]


@pytest.mark.parametrize("make", [lambda: Progress(stall=5), lambda: Progress(stall=0.2)])
async def test_a_short_body_has_its_size_and_is_not_told(make: Callable[[], Progress]) -> None:
    progress, told = make(), list[int]()
    progress.on_bytes = told.append
    content = SomeContent(CANCEL, CANCEL.path, '{"app_version":"1"}')
    request = attrs.evolve(upload_of(), call=content)
    await exchange(SlowPeer(65_536, 0), request, progress)
    assert (progress.total, progress.handed_over, told) == (19, 19, [])
    assert (progress.phase, progress.sent_whole) == (Phase.READING, True)
