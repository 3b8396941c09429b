"""How far a request came, and how many bytes of it are told to have moved."""

import asyncio
import itertools
import os
import socket
from collections.abc import Callable

import attrs
import pytest
from support.content import SomeContent

from alipay_mini_audit.attachments import BytesSource, FilePart
from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.protocol import APPLY, CANCEL, Caller, Request
from alipay_mini_audit.transport import Phase, Progress, Transport

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_a_request_that_has_not_left_cannot_arrive() -> None:
    progress = Progress(stall=1, total=100)
    assert not progress.may_still_arrive
    assert progress.first_byte_at is None
    progress.leaving(60, 5.0)
    progress.leaving(40, 6.0)
    assert (progress.phase, progress.handed_over) == (Phase.SENDING, 100)
    assert progress.first_byte_at == 5.0
    assert progress.may_still_arrive
    progress.is_cut = True
    assert not progress.may_still_arrive


@pytest.mark.parametrize("total", [0, 100])
def test_a_request_is_handed_over_with_its_last_byte(total: int) -> None:
    progress = Progress(stall=1, total=total)
    assert not progress.is_handed_over
    progress.leaving(total // 2, 1.0)
    assert progress.is_handed_over is (total == 0)
    progress.leaving(total // 2, 1.0)
    assert progress.is_handed_over


def test_what_is_sent_is_told_once_and_takes_no_phase_back() -> None:
    told: list[bool] = []
    progress = Progress(stall=1, on_sent=lambda: told.append(True))
    progress.phase = Phase.READING
    progress.sent()
    assert (progress.phase, progress.sent_whole, told) == (Phase.READING, True, [True])


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
