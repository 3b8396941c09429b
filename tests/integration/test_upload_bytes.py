"""The same bytes on every way.

Slow readers, TLS, tiny and odd pieces, with and without the page cache.
"""

import asyncio
import hashlib
import os
import shutil
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import attrs
import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.scripted_server import ONCE, Reply, reply

from alipay_mini_audit import (
    Attachments,
    AuditApply,
    AuditClient,
    ClientConfig,
    Credentials,
    Preflight,
)
from alipay_mini_audit.attachments import FilePart, PathSource
from alipay_mini_audit.files import (
    BufferPool,
    PageCache,
    UploadResources,
    WouldBlock,
    access,
    resources,
)
from alipay_mini_audit.files.kernel import KERNEL
from alipay_mini_audit.files.reader import BodyReader

REQUEST = AuditApply(app_version="1", version_desc="The same bytes on every way.")


@attrs.define
class SlowReader:
    """Takes a request in small pieces with pauses, and keeps what it was."""

    answer: Reply
    piece: int
    heads: list[bytes] = attrs.Factory(list)
    bodies: list[bytes] = attrs.Factory(list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                body = bytearray()
                while len(body) < length:
                    body += await reader.read(min(self.piece, length - len(body)))
                    await asyncio.sleep(0.0005)
                self.heads.append(head)
                self.bodies.append(bytes(body))
                writer.write(self.answer.again())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def serving(
    reader: SlowReader,
    credentials: Credentials,
    tls: tuple[ssl.SSLContext, ssl.SSLContext] | None,
    size: int,
) -> AsyncIterator[AuditClient]:
    context = tls[0] if tls else None
    server = await asyncio.start_server(reader.serve, "localhost", 0, ssl=context, limit=4096)
    port = server.sockets[0].getsockname()[1]
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=f"http{'s' if tls else ''}://localhost:{port}",
        ssl=tls[1] if tls else True,
        chunk_size=size,
        retry=ONCE,
    )
    async with AuditClient(credentials, config) as client:
        yield client
    server.close()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Sizes around those of a piece, and one that is many pieces long."""
    sizes = [
        1,
        10,
        999,
        1000,
        1001,
        4096,
        65_535,
        65_536,
        65_537,
        262_144,
        300_001,
        5,
        77,
        4000,
        123,
        600_001,
    ]
    paths = [tmp_path / f"{i}.png" for i in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        path.write_bytes(os.urandom(size))
    return paths


def attachments_of(files: list[Path]) -> Attachments:
    return Attachments(
        app_logo=files[0],
        screen_shots=files[1:6],
        license_pics=files[6:11],
        special_license_pics=[files[11].read_bytes(), files[12], files[13]],
        out_door_pic=files[14],
        test_file=files[15],
    )


def hashes_of(head: bytes, body: bytes) -> list[str]:
    content_type = head.lower().partition(b"content-type: ")[2].split(b"\r\n")[0]
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + content_type + b"\r\n\r\n" + body
    )
    _, *parts = message.iter_parts()
    return [hashlib.sha256(part.get_payload(decode=True)).hexdigest() for part in parts]


@pytest.mark.parametrize("cached", [True, False], ids=["page cache", "worker threads"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize(("size", "piece"), [(997, 65_536), (65_536, 16_384), (262_144, 65_536)])
async def test_every_file_arrives_byte_for_byte(
    files: list[Path],
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
    cached: bool,
    encrypted: bool,
    size: int,
    piece: int,
) -> None:
    if not cached:
        monkeypatch.setattr(resources, "KERNEL", None)
    await send_and_compare(files, credentials, alipay_key, tls if encrypted else None, size, piece)


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
def test_every_file_arrives_byte_for_byte_on_uvloop(
    files: list[Path],
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
    encrypted: bool,
) -> None:
    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(
            send_and_compare(
                files, credentials, alipay_key, tls if encrypted else None, 65_536, 16_384
            )
        )


async def send_and_compare(
    files: list[Path],
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    tls: tuple[ssl.SSLContext, ssl.SSLContext] | None,
    size: int,
    piece: int,
) -> None:
    asyncio.get_running_loop().set_debug(False)
    expected = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    reader = SlowReader(reply(sign_with=alipay_key), piece)
    async with serving(reader, credentials, tls, size) as client:
        await asyncio.gather(*(client.apply(REQUEST, attachments_of(files)) for _ in range(4)))
    assert len(reader.bodies) == 4
    for head, body in zip(reader.heads, reader.bodies, strict=True):
        assert hashes_of(head, body) == expected


async def test_what_may_block_never_runs_on_the_loop(
    files: list[Path],
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: set[int] = set()

    def noting(function: Callable[..., object]) -> Callable[..., object]:
        def noted(*args: object, **kwargs: object) -> object:
            threads.add(threading.get_ident())
            return function(*args, **kwargs)

        return noted

    attachments = attachments_of(files)
    monkeypatch.setattr(access.BlockingAccess, "read", noting(access.BlockingAccess.read))
    monkeypatch.setattr(access.os, "open", noting(os.open))
    reader = SlowReader(reply(sign_with=alipay_key), 65_536)
    async with serving(reader, credentials, None, 65_536) as client:
        for _ in range(2):
            await client.apply(REQUEST, attachments)
    assert threads
    assert threading.get_ident() not in threads


@attrs.define
class Cold:
    """A disk of which nothing is in memory, and that takes 100 ms for each read."""

    begun: int = 0
    reads: list[int] = attrs.Factory(list)
    """Their sizes."""

    @property
    def is_reading(self) -> bool:
        return self.begun > len(self.reads)


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> Cold:
    real, disk = os.preadv, Cold()

    def preadv(fd: int, buffers: list[memoryview], offset: int, flags: int = 0) -> int:
        if flags:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        disk.begun += 1
        time.sleep(0.1)
        disk.reads.append(real(fd, buffers, offset))
        return disk.reads[-1]

    monkeypatch.setattr(access.os, "preadv", preadv)
    return disk


async def test_a_slow_disk_never_holds_the_loop(
    files: list[Path],
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    cold: Cold,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_debug(False)
    expected = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files[-3:]]
    slow, turns = os.preadv, list[bool]()

    def preadv(fd: int, buffers: list[memoryview], offset: int, flags: int = 0) -> int:
        size = slow(fd, buffers, offset, flags)
        turned = threading.Event()
        loop.call_soon_threadsafe(turned.set)
        turns.append(turned.wait(5))
        return size

    monkeypatch.setattr(access.os, "preadv", preadv)
    reader = SlowReader(reply(sign_with=alipay_key), 65_536)
    async with serving(reader, credentials, None, 524_288) as client:
        calls = (client.apply(REQUEST, Attachments(screen_shots=files[-3:])) for _ in range(4))
        await asyncio.gather(*calls)
    assert len(cold.reads) >= 24, "each file was looked into and read"
    assert all(turns), "no read ended before the loop had turned once more"
    assert [
        hashes_of(head, body) for head, body in zip(reader.heads, reader.bodies, strict=True)
    ] == [expected] * 4


async def test_files_that_are_in_memory_need_no_worker_thread_once_their_mount_is_known(
    files: list[Path],
    tmp_path: Path,
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page_cache, loop, hops = (
        PageCache(time.perf_counter, KERNEL),
        asyncio.get_running_loop(),
        list[object](),
    )
    with files[0].open("rb") as file:
        page_cache.learn(file.fileno())
    try:
        os.close(page_cache.open(files[0]))
    except WouldBlock:
        pytest.skip("this system, or its file system, cannot open a file without waiting")
    real = loop.run_in_executor

    def run_in_executor(
        executor: None, function: Callable[..., object], *args: object
    ) -> asyncio.Future[object]:
        hops.append(function)
        return real(executor, function, *args)

    monkeypatch.setattr(loop, "run_in_executor", run_in_executor)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = [Path(shutil.copy(path, tmp_path / "elsewhere")) for path in files]
    reader = SlowReader(reply(sign_with=alipay_key), 65_536)
    async with serving(reader, credentials, None, 524_288) as client:
        await client.apply(REQUEST, attachments_of(files))
        assert hops, "nothing was known of the mount"
        hops.clear()
        await client.apply(REQUEST, attachments_of(files))
        await client.apply(REQUEST, attachments_of(elsewhere))
    assert hops == []
    assert [
        hashes_of(head, body) for head, body in zip(reader.heads, reader.bodies, strict=True)
    ] == [[hashlib.sha256(path.read_bytes()).hexdigest() for path in files]] * 3


async def test_a_large_file_goes_through_one_buffer(
    tmp_path: Path, credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    large = tmp_path / "large.zip"
    large.write_bytes(os.urandom(6_000_000))
    reader = SlowReader(reply(sign_with=alipay_key), 1_000_000)
    async with serving(reader, credentials, None, 524_288) as client:
        for _ in range(2):
            await client.apply(REQUEST, Attachments(test_file=large))
        assert [len(buffer) for buffer in client._resources.buffers._free] == [589_824]
        assert client._resources.buffers._made == 1
    assert hashes_of(reader.heads[1], reader.bodies[1]) == [
        hashlib.sha256(large.read_bytes()).hexdigest()
    ]


async def test_a_cancelled_upload_gives_back_its_buffer_unless_somebody_still_uses_it(
    files: list[Path], credentials: Credentials, alipay_key: RSAPrivateKey, cold: Cold
) -> None:
    reader = SlowReader(reply(sign_with=alipay_key), 65_536)
    async with serving(reader, credentials, None, 524_288) as client:
        buffers = client._resources.buffers
        sending = asyncio.create_task(client.apply(REQUEST, Attachments(test_file=files[15])))
        while not (buffers._made and cold.is_reading):  # noqa: ASYNC110  # nothing tells it
            await asyncio.sleep(0.001)
        before = len(cold.reads)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert len(cold.reads) > before, "the worker thread has come to its end"
        assert (len(buffers._free), buffers._made) == (1, 1)


async def test_a_shutdown_that_cancels_every_task_gives_back_no_buffer_that_a_thread_writes_to(
    files: list[Path], credentials: Credentials, alipay_key: RSAPrivateKey, cold: Cold
) -> None:
    reader = SlowReader(reply(sign_with=alipay_key), 65_536)
    async with serving(reader, credentials, None, 524_288) as client:
        buffers, before = client._resources.buffers, asyncio.all_tasks()
        sending = asyncio.create_task(client.apply(REQUEST, Attachments(test_file=files[15])))
        while not (buffers._made and cold.is_reading):  # noqa: ASYNC110  # nothing tells it
            await asyncio.sleep(0.001)
        done = len(cold.reads)
        for task in asyncio.all_tasks() - before:
            if "serve" not in repr(task.get_coro()):
                task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert (len(cold.reads), len(buffers._free)) == (done, 0), "the thread still waits"
        await asyncio.wait({sending})
        assert sending.cancelled()


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_no_descriptor_is_left_open_however_often_an_upload_is_cancelled(
    files: list[Path],
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    cold: Cold,
    times: int,
) -> None:
    def open_files() -> int:  # without sockets, of which a stray connection has one
        process = psutil.Process()
        return process.num_fds() - len(process.net_connections("all"))

    server = SlowReader(reply(sign_with=alipay_key), 65_536)
    async with serving(server, credentials, None, 524_288) as client:
        resources = client._resources
        parts = [next(iter(Attachments(test_file=files[15]).parts.values()))]
        file = FilePart("test_file_name", "", parts[0], "a.zip", "application/zip", 1_500_000)
        before = open_files()
        reader = BodyReader([file], resources)

        async def read() -> None:
            try:
                await reader.next()
            finally:
                await reader.aclose()

        reading = asyncio.create_task(read())
        while open_files() == before:  # noqa: ASYNC110  # nothing tells that it was opened
            await asyncio.sleep(0.001)
        for _ in range(times):
            reading.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await asyncio.wait({reading})
        assert reader._job is not None
        while not reader._job.has_ended:  # noqa: ASYNC110  # nothing tells that the thread ended
            await asyncio.sleep(0.001)
        assert open_files() == before
    assert cold.reads


@pytest.mark.parametrize(
    ("size", "expected"),
    [(8192, [8192]), (9216, [9216]), (9217, [8192, 1025]), (20_000, [8192, 8192, 3616])],
)
async def test_no_small_piece_comes_last(tmp_path: Path, size: int, expected: list[int]) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(os.urandom(size))
    file = FilePart("test_file_name", "", PathSource(path), "a.zip", "application/zip", size)
    reader, pieces = BodyReader([file], UploadResources(buffers=BufferPool(8192))), list[bytes]()
    while not reader.is_at_end:
        pieces.append(bytes(await reader.next()))
        reader.release(is_free=True)
    assert [len(piece) for piece in pieces] == expected
    assert b"".join(pieces) == path.read_bytes()


async def test_a_buffer_of_one_byte_is_enough() -> None:
    reader, pieces = BodyReader([b"abc"], UploadResources(buffers=BufferPool(1))), list[bytes]()
    while not reader.is_at_end:
        pieces.append(bytes(await reader.next()))
        reader.release(is_free=True)
    assert pieces == [b"a", b"b", b"c"]
