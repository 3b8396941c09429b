"""One request: what is known of it at its end, and who may have its connection."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from support.content import SomeContent
from support.raw_peer import TLS, RawPeer, read_head, read_request

from alipay_mini_audit.attachments import BytesSource, FilePart
from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.errors import (
    ConnectionFailed,
    Outcome,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
)
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.protocol import APPLY, DETAIL, Caller, RawReply, Request
from alipay_mini_audit.transport import Phase, Progress, Transport
from alipay_mini_audit.transport.exchange import Exchange, _Unusable

Run = Callable[[Coroutine[object, object, None]], None]
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def upload(size: int) -> Request:
    file = FilePart(
        "test_file_name", "", BytesSource(bytes(size), "a.zip"), "a.zip", "application/zip", size
    )
    return request(SomeContent(APPLY, APPLY.path, '{"app_version":"1"}', (file,)))


def request(content: SomeContent) -> Request:
    return Request(call=content, caller=Caller("1"), request_id="r", nonce="n", timestamp_ms=1)


async def send(
    peer: RawPeer,
    request: Request,
    progress: Progress,
    *,
    proxy: str | None = None,
    **limits: float,
) -> RawReply:
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url="http://audit.invalid" if proxy else peer.base_url,
        ssl=peer.client_context,
        proxy=proxy,
        allow_plain_http=True,
    )
    transport = Transport(config, UploadResources(buffers=BufferPool(768 * 1024)))
    deadline = asyncio.get_running_loop().time() + 20
    try:
        return await transport.send(request, b"s", Timeouts(**limits), deadline, progress)
    finally:
        await transport.aclose()


@pytest.mark.parametrize("size", [1_500_000, 12_000_000])
@pytest.mark.parametrize("behind_proxy", [False, True])
def test_a_request_whose_last_byte_was_here_still_cannot_arrive(
    run: Run, size: int, behind_proxy: bool
) -> None:
    end = threading.Event()

    async def main(peer: RawPeer) -> None:
        progress = Progress(stall=0.4)
        proxy = peer.base_url if behind_proxy else None
        with pytest.raises(SendInterrupted):
            await send(peer, upload(size), progress, proxy=proxy)
        was_here = size > 6_000_000  # less than that the kernel may take
        assert progress.may_still_arrive is (behind_proxy or not was_here)
        assert progress.first_byte_at is not None
        end.set()

    with RawPeer(lambda _: end.wait(10) and None) as peer:
        run(main(peer))


def test_over_tls_too(run: Run, tls: TLS) -> None:
    end = threading.Event()

    async def main(peer: RawPeer) -> None:
        progress = Progress(stall=0.4)
        with pytest.raises(SendInterrupted):
            await send(peer, upload(12_000_000), progress)
        assert not progress.may_still_arrive
        end.set()

    with RawPeer(lambda _: end.wait(10) and None, tls) as peer:
        run(main(peer))


def test_a_request_that_the_kernel_had_whole_may_have_arrived(run: Run) -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.recv(1)

    async def main(peer: RawPeer) -> None:
        for each in (upload(1000), request(SomeContent(DETAIL, DETAIL.path))):
            progress = Progress(stall=5)
            with pytest.raises(ReplyTimeout):
                await send(peer, each, progress, reply=0.2)
            assert progress.may_still_arrive
            assert progress.phase is Phase.WAITING

    with RawPeer(serve) as peer:
        run(main(peer))


def test_a_reply_leaves_the_connection_as_it_was(run: Run) -> None:
    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(REPLY)

    async def main(peer: RawPeer) -> None:
        progress = Progress(stall=5)
        reply = await send(peer, upload(1000), progress)
        assert (reply.status, reply.body) == (200, b"{}")
        assert (progress.phase, progress.is_cut) == (Phase.READING, False)

    with RawPeer(serve) as peer:
        run(main(peer))
        assert not [error for error in peer.errors if isinstance(error, ConnectionResetError)]


async def test_a_peer_that_goes_in_the_middle_has_not_all_of_it() -> None:
    progress = Progress(stall=5)
    with (
        RawPeer(lambda connection: read_head(connection) and None) as peer,
        pytest.raises(SendInterrupted),
    ):
        await send(peer, upload(12_000_000), progress)
    assert not progress.may_still_arrive


def exchange(progress: Progress | None = None, seconds: float = 10, **limits: float) -> Exchange:
    deadline = asyncio.get_running_loop().time() + seconds
    return Exchange(progress or Progress(stall=5), Timeouts(**limits), deadline)


async def wait_for_ever() -> RawReply:
    await asyncio.Event().wait()
    raise AssertionError


async def cancelled_from_within() -> RawReply:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.cancel)
    await future
    raise AssertionError


@pytest.mark.parametrize(
    ("phase", "kind"),
    list(zip(Phase, [ConnectionFailed, SendInterrupted, ReplyLost, ReplyLost], strict=True)),
)
async def test_a_cancel_that_nobody_asked_for_is_a_failure_of_the_connection(
    phase: Phase, kind: type[Exception]
) -> None:
    progress = Progress(stall=5, phase=phase)
    with pytest.raises(kind):
        await exchange(progress).run(cancelled_from_within())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@pytest.mark.parametrize("work", [wait_for_ever, cancelled_from_within])
async def test_a_cancel_of_the_callers_passes(work: Callable[[], Awaitable[RawReply]]) -> None:
    task = asyncio.create_task(exchange().run(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_limit_of_the_callers_passes_within_a_group() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), asyncio.TaskGroup() as group:
            group.create_task(exchange().run(wait_for_ever()))


async def test_what_it_waits_in_a_lent_pool_is_no_part_of_its_time() -> None:
    progress = Progress(stall=5)
    waiting = exchange(progress, seconds=0.2, connect=0.1)

    async def work() -> RawReply:
        waiting.queued()
        await asyncio.sleep(0.4)
        waiting.unqueued()
        waiting.unqueued()
        await asyncio.sleep(0.05)
        return RawReply(200, {}, b"")

    assert (await waiting.run(work())).status == 200
    assert progress.queued_seconds == pytest.approx(0.4, abs=0.1)


@pytest.mark.parametrize("fails", [False, True])
async def test_what_it_waits_at_a_gate_is_no_part_of_its_time(fails: bool) -> None:
    progress = Progress(stall=5)
    waiting = exchange(progress, seconds=0.3)

    async def gate() -> None:
        await asyncio.sleep(0.25)
        if fails:
            raise SendInterrupted("No.")

    async def work() -> RawReply:
        await waiting.wait(gate())
        await waiting.wait(gate())
        return await wait_for_ever()

    began = asyncio.get_running_loop().time()
    with pytest.raises(SendInterrupted if fails else ConnectionFailed):
        await waiting.run(work())
    took = asyncio.get_running_loop().time() - began
    expected = 0.25 if fails else 0.8
    assert took == pytest.approx(expected, abs=0.1)
    assert progress.queued_seconds == pytest.approx(0.25 if fails else 0.5, abs=0.1)


async def test_closing_says_how_far_it_came_and_does_nothing_once_it_is_over() -> None:
    broken = exchange(Progress(stall=5, phase=Phase.WAITING))
    task = asyncio.create_task(broken.run(wait_for_ever()))
    await asyncio.sleep(0)
    broken.close()
    with pytest.raises(ReplyLost, match="closed"):
        await task
    broken.close()


async def test_what_leaves_after_the_closing_began_is_not_called_unsent() -> None:
    progress = Progress(stall=5, total=10)

    async def work() -> RawReply:
        try:
            return await wait_for_ever()
        except asyncio.CancelledError:
            progress.leaving(10, 1.0)
            raise

    broken = exchange(progress)
    task = asyncio.create_task(broken.run(work()))
    await asyncio.sleep(0)
    broken.close()
    with pytest.raises(SendInterrupted, match="closed"):
        await task


class Stained:
    """A connection on which something came while the first bytes of a body were read."""

    is_closing = False
    has_input = True
    is_reused = True
    was_reset = False

    def reset(self) -> None:
        self.was_reset = True


async def test_a_connection_that_is_stained_before_the_first_byte_is_not_used() -> None:
    progress = Progress(stall=5, total=10)
    sending, connection = exchange(progress), Stained()
    sending._connection = connection  # type: ignore[assignment]  # as far as it is asked
    with pytest.raises(_Unusable):
        sending.leaving(10)
    assert (progress.first_byte_at, connection.was_reset) == (None, True)


async def test_a_stall_before_the_first_byte_has_sent_nothing() -> None:
    progress = Progress(stall=5, total=10)
    sending = exchange(progress)
    task = asyncio.create_task(sending.run(wait_for_ever()))
    await asyncio.sleep(0)
    sending._stalled()
    with pytest.raises(SendInterrupted) as caught:
        await task
    assert caught.value.outcome is Outcome.NOT_SENT


async def test_nothing_that_comes_later_puts_a_closing_off() -> None:
    sending = exchange(Progress(stall=5, total=10), seconds=30)
    task = asyncio.create_task(sending.run(wait_for_ever()))
    await asyncio.sleep(0)
    sending.queued()
    sending.close()
    sending.unqueued()
    sending.piece_came()
    with pytest.raises((ConnectionFailed, ReplyLost)):
        await asyncio.wait_for(task, 1)


async def test_a_cancel_that_came_before_it_began_passes() -> None:
    async def cancelled_already() -> RawReply:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()  # as an observer or a signer that awaits nothing may
        return await exchange().run(wait_for_ever())

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(cancelled_already())


async def test_nothing_is_written_once_it_is_over() -> None:
    progress = Progress(stall=5, total=10)
    over = exchange(progress)
    task = asyncio.create_task(over.run(wait_for_ever()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def write(_: object) -> None:
        raise AssertionError("the call is over")

    accepted: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, peer: accepted.append(peer), "127.0.0.1", 0)
    _, stream = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer: Any = SimpleNamespace(transport=stream.transport)
    with pytest.raises(_Unusable):
        await over.write(write, writer)
    assert progress.first_byte_at is None
    for each in (stream, *accepted):
        each.close()
        await each.wait_closed()
    server.close()
    await server.wait_closed()
