"""Files on disk, and what happens when they are not what they were."""

import asyncio
import concurrent.futures.thread  # noqa: F401  # it is imported late, when nobody may not read it
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiofiles
import attrs
import pytest
from support.scripted_server import ONCE, ScriptedServer

from alipay_mini_audit import (
    Attachments,
    AttemptStarted,
    AuditApply,
    AuditClient,
    ClientConfig,
    Credentials,
    Event,
    Outcome,
    Preflight,
    SendInterrupted,
    Timeouts,
    ValidationError,
)

REQUEST = AuditApply(app_version="1")
LARGE = 40_000_000


@attrs.define
class Gate:
    """A server that reads the head of a request, and its body only when it is told to."""

    base_url: str = ""
    arrived: asyncio.Event = attrs.Factory(asyncio.Event)
    go_on: asyncio.Event = attrs.Factory(asyncio.Event)
    done: asyncio.Event = attrs.Factory(asyncio.Event)
    received: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.arrived.set()
        await self.go_on.wait()
        with contextlib.suppress(ConnectionResetError):  # what is given up is reset
            while piece := await reader.read(1 << 20):
                self.received += len(piece)
            writer.close()
            await writer.wait_closed()
        self.done.set()


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    gate = Gate()
    server = await asyncio.start_server(gate.serve, "127.0.0.1", 0)
    gate.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield gate
    server.close()


@pytest.fixture
async def held(gate: Gate, credentials: Credentials) -> AsyncIterator[AuditClient]:
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=gate.base_url,
        timeouts=Timeouts(stall=5, reply=5),
        retry=ONCE,
    )
    async with AuditClient(credentials, config) as client:
        yield client


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(LARGE)
    return path


async def cut(
    held: AuditClient, gate: Gate, large: Path, change: Callable[[Path], object]
) -> SendInterrupted:
    """Change the file while it is sent; return the error."""
    sending = asyncio.create_task(held.apply(REQUEST, Attachments(test_file=large)))
    await gate.arrived.wait()
    change(large)
    gate.go_on.set()
    with pytest.raises(SendInterrupted) as caught:
        await sending
    error = caught.value
    assert "attachments.test_file (test_file_name)" in str(error)
    assert error.outcome is Outcome.UNKNOWN
    return error


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(10)
        file.write(b"other")
    os.utime(path, ns=(1, 1))


def overwrite_and_hide(path: Path) -> None:
    """Write to the file and put the time of its last write back."""
    before = path.stat()
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of files ticks slowly
        with path.open("r+b") as file:
            file.seek(LARGE - 5)
            file.write(b"other")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def replace(path: Path) -> None:
    other = path.with_name("other.zip")
    other.write_bytes(b"PK\x03\x04")
    other.replace(path)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda path: os.truncate(path, 1000), "missing at its end"),
        (lambda path: os.truncate(path, LARGE + 1), "longer than"),
        (overwrite, "since it was looked at"),
        (overwrite_and_hide, "since it was looked at"),
        (lambda path: path.unlink(), "was replaced or removed"),
        (replace, "was replaced or removed"),
    ],
    ids=["shrinks", "grows", "is overwritten", "hides that", "vanishes", "is replaced"],
)
async def test_a_file_that_changes_while_it_is_sent_cuts_the_request(
    held: AuditClient, gate: Gate, large: Path, change: Callable[[Path], object], text: str
) -> None:
    error = await cut(held, gate, large, change)
    assert text in str(error)
    await asyncio.wait_for(gate.done.wait(), 5)
    assert gate.received < LARGE + 500, "the request never became whole"


async def test_a_file_that_is_gone_before_its_turn_is_not_sent_not_asked_for_and_not_repeated(
    credentials: Credentials, tmp_path: Path
) -> None:
    received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            received.set_result(await reader.read())
        except ConnectionResetError:  # before anything was read
            received.set_result(b"")
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG\r\n\x1a\n....")

    class Remover:
        """Removes the file once it was looked at, and counts the attempts."""

        attempts = 0

        def on_event(self, event: Event) -> None:
            if isinstance(event, AttemptStarted):
                self.attempts += 1
                logo.unlink(missing_ok=True)

    remover = Remover()
    config = ClientConfig(
        preflight=Preflight.OFF, base_url=url, timeouts=Timeouts(reply=2, total=10)
    )
    async with AuditClient(credentials, config, observers=[remover]) as client:
        with pytest.raises(SendInterrupted, match="No such file") as caught:
            await client.apply(REQUEST, Attachments(app_logo=logo))
    assert (caught.value.outcome, caught.value.path) == (Outcome.NOT_SENT, "attachments.app_logo")
    assert (remover.attempts, caught.value.earlier) == (1, ())
    server.close()
    assert await asyncio.wait_for(received, 5) == b""


async def test_a_connection_with_a_broken_request_is_not_used_again(
    client: AuditClient, wire: ScriptedServer, tmp_path: Path
) -> None:
    short = tmp_path / "short"
    short.write_bytes(b"too short")

    class Liar:
        filename = "a.png"
        size = 100

        @asynccontextmanager
        async def open(self) -> AsyncIterator[object]:
            async with aiofiles.open(short, "rb") as stream:
                yield stream

    await client.cancel("1")
    with pytest.raises(SendInterrupted, match=r"91 of 100 bytes were missing"):
        await client.apply(REQUEST, Attachments(app_logo=Liar()))
    await client.cancel("2")
    assert [request.target.rpartition("/")[2] for request in wire.requests] == ["cancel", "cancel"]
    assert wire.connections == 2


async def test_a_source_that_fails_while_it_is_read_is_named(client: AuditClient) -> None:
    class Broken:
        filename = "a.png"
        size = 100

        @asynccontextmanager
        async def open(self) -> AsyncIterator[object]:
            raise PermissionError(13, "Permission denied")
            yield

    with pytest.raises(SendInterrupted, match="Permission denied"):
        await client.apply(REQUEST, {"first_screen_shot": Broken()})


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everybody may look into; pytest's own lie in one that only we may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def spoilt(public_folder: Path) -> Iterator[Attachments]:
    """Four unusable files, looked at as nobody where the tests run as root.

    Root may read everything.
    """
    empty, secret = public_folder / "empty.png", public_folder / "secret.png"
    empty.touch()
    secret.write_bytes(b"x")
    secret.chmod(0)
    absent = public_folder / "absent.png"
    attachments = Attachments(
        app_logo=absent, screen_shots=[public_folder, empty], out_door_pic=secret
    )
    if os.geteuid() != 0:
        yield attachments
        return
    os.seteuid(65534)
    yield attachments
    os.seteuid(0)


async def test_every_problem_of_every_file_is_told_at_once_before_anything_is_sent(
    client: AuditClient, wire: ScriptedServer, spoilt: Attachments
) -> None:
    with pytest.raises(ValidationError) as caught:
        await client.apply(REQUEST, spoilt)
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("attachments.app_logo", "file_not_found"),
        ("attachments.screen_shots[0]", "is_a_directory"),
        ("attachments.screen_shots[1]", "empty_file"),
        ("attachments.out_door_pic", "permission_denied"),
    ]
    assert wire.requests == []


async def test_a_name_that_is_not_ascii_is_replaced_and_the_extension_is_that_of_the_format(
    client: AuditClient, wire: ScriptedServer, tmp_path: Path
) -> None:
    chinese = tmp_path / '图片"\n.PNG'
    chinese.write_bytes(b"\x89PNG\r\n\x1a\n....")
    wrong = tmp_path / "photo.png"
    wrong.write_bytes(b"\xff\xd8\xff\xe0....")
    await client.apply(
        REQUEST, Attachments(app_logo=chinese, screen_shots=[wrong, b"\x89PNG\r\n\x1a\n"])
    )
    body = wire.requests[0].body
    assert b'name="app_logo"; filename="app_logo.png"' in body
    assert b'name="first_screen_shot"; filename="photo.jpg"' in body
    assert b'name="second_screen_shot"; filename="second_screen_shot.png"' in body


async def test_descriptors_do_not_grow_with_the_calls(
    client: AuditClient, pictures: list[Path], open_files: Callable[[], int]
) -> None:
    attachments = Attachments(screen_shots=pictures[:5])
    await client.apply(REQUEST, attachments)
    before = open_files()
    for _ in range(5):
        await client.apply(REQUEST, attachments)
    assert open_files() == before


async def test_cancelling_while_a_file_is_sent_leaves_nothing_open(
    held: AuditClient, gate: Gate, large: Path, open_files: Callable[[], int]
) -> None:
    tasks = asyncio.all_tasks()
    before = open_files()
    sending = asyncio.create_task(held.apply(REQUEST, Attachments(test_file=large)))
    await gate.arrived.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    gate.go_on.set()
    await asyncio.wait_for(gate.done.wait(), 5)
    if left := asyncio.all_tasks() - tasks:
        await asyncio.wait(left, timeout=5)
    assert asyncio.all_tasks() <= tasks
    assert open_files() == before
    assert gate.received < LARGE
