"""Open files, `BytesIO` and uploads of web frameworks are sent as they are."""

import asyncio
import hashlib
import io
import os
import random
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import fastapi
import pytest

from alipay_mini_audit import (
    Attachments,
    AuditApply,
    AuditClient,
    CallError,
    ClientConfig,
    Outcome,
    Preflight,
    RetryPolicy,
    StreamSource,
    Timeouts,
    ValidationError,
)
from alipay_mini_audit.files import streams_reserved
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway


def request(version: str) -> AuditApply:
    text = "Orders can be filtered by shop, and refunds show their sum."
    return AuditApply(app_version=version, version_desc=text)


REQUEST = request("0.0.1")
CONTENT = b"\x89PNG\r\n\x1a\n" + os.urandom(3_000_000)


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(strict=False, material=material) as gateway:
        yield gateway


@pytest.fixture
async def client(gateway: SandboxGateway) -> AsyncIterator[AuditClient]:
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=gateway.base_url,
        retry=RetryPolicy(initial_delay=0.0, unknown_window=0.1),
        timeouts=Timeouts(reply=5, stall=5, total=20),
    )
    async with AuditClient(gateway.credentials, config) as client:
        yield client


def arrived(gateway: SandboxGateway) -> list[tuple[str, str, str]]:
    (submission,) = gateway.submissions
    return [(part.name, part.filename, part.sha256) for part in submission.parts]


SHA = hashlib.sha256(CONTENT).hexdigest()


async def test_every_kind_of_stream_arrives_whole_and_stays_open(
    client: AuditClient, gateway: SandboxGateway, tmp_path: Path
) -> None:
    (tmp_path / "door.png").write_bytes(CONTENT)
    memory = io.BytesIO(CONTENT)
    memory.seek(0, io.SEEK_END)  # as it stands after it was written
    with (
        (tmp_path / "door.png").open("rb") as opened,
        tempfile.SpooledTemporaryFile(max_size=100) as spooled,
        tempfile.NamedTemporaryFile(suffix=".png") as named,
    ):
        for file in (spooled, named):
            file.write(CONTENT)
        files = Attachments(
            app_logo=memory,
            screen_shots=[spooled, StreamSource(named, filename="shot.png")],
            out_door_pic=opened,
        )
        await client.apply(REQUEST, files)
        streams: tuple[Any, ...] = (memory, spooled, named, opened)
        assert not any(stream.closed for stream in streams)
    assert arrived(gateway) == [
        ("app_logo", "app_logo.png", SHA),
        ("first_screen_shot", "first_screen_shot.png", SHA),
        ("second_screen_shot", "shot.png", SHA),
        ("out_door_pic", "door.png", SHA),
    ]


async def test_a_stream_is_sent_whole_in_every_attempt(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply", times=2)
    reply = await client.apply(REQUEST, {"app_logo": io.BytesIO(CONTENT)})
    assert reply.meta.attempts == 3
    assert arrived(gateway) == [("app_logo", "app_logo.png", SHA)]


async def test_one_stream_may_be_given_again_and_again_one_call_after_the_other(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    attachments = Attachments(app_logo=io.BytesIO(CONTENT))
    for version in ("0.0.1", "0.0.2"):
        await client.apply(request(version), attachments)
        await client.cancel(version)
    parts = [part.sha256 for each in gateway.submissions for part in each.parts]
    assert parts == [SHA, SHA]


async def test_one_stream_in_two_calls_at_once_is_refused_in_one_of_them(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    file = io.BytesIO(CONTENT)
    calls = [client.apply(request(version), {"app_logo": file}) for version in ("0.0.1", "0.0.2")]
    done = await asyncio.gather(*calls, return_exceptions=True)
    (refused,) = (each for each in done if isinstance(each, BaseException))
    assert isinstance(refused, ValidationError)
    assert [problem.code for problem in refused.problems] == ["stream_in_use"]
    assert arrived(gateway) == [("app_logo", "app_logo.png", SHA)]


async def test_a_stream_is_free_again_after_its_call_has_failed_though_the_error_is_kept(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    file = io.BytesIO(CONTENT)
    once = client.with_options(retry=RetryPolicy(attempts=1, resolve=False))
    gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
    with pytest.raises(CallError):
        await once.apply(REQUEST, {"app_logo": file})
    await once.apply(REQUEST, {"app_logo": file})
    assert arrived(gateway) == [("app_logo", "app_logo.png", SHA)]


async def test_a_stream_that_was_closed_meanwhile_is_refused_before_anything_is_sent(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    attachments = Attachments(app_logo=(file := io.BytesIO(CONTENT)))
    file.close()
    with pytest.raises(ValidationError, match="is closed") as caught:
        await client.apply(REQUEST, attachments)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert not gateway.submissions


class Slow(io.BytesIO):
    """Waits in each read from the second on until it may go on, and counts who is inside."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads = 0
        self.inside = 0
        self.may_go_on = threading.Event()
        self.waits = threading.Event()
        self.threads: set[int] = set()

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        self.inside += 1
        self.threads.add(threading.get_ident())
        try:
            if self.reads > 1:
                self.waits.set()
                assert self.may_go_on.wait(10)
            return super().read(size)
        finally:
            self.inside -= 1


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110  # a thread makes it hold
            await asyncio.sleep(0.001)


async def test_a_stream_is_read_in_worker_threads(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    slow = Slow(CONTENT)
    slow.may_go_on.set()
    await client.apply(REQUEST, {"app_logo": slow})
    assert threading.get_ident() not in slow.threads
    assert arrived(gateway) == [("app_logo", "app_logo.png", SHA)]


async def test_a_cancelled_call_waits_for_the_read_that_is_under_way(client: AuditClient) -> None:
    slow = Slow(CONTENT)
    sending = asyncio.create_task(client.apply(REQUEST, {"app_logo": slow}))
    await until(slow.waits.is_set)
    sending.cancel()
    asyncio.get_running_loop().call_later(0.1, slow.may_go_on.set)
    await asyncio.wait({sending})
    assert sending.cancelled()
    assert (slow.inside, slow.reads) == (0, 2)


async def test_a_read_that_hangs_keeps_its_stream_from_others_and_no_call_waiting(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    slow, tasks = Slow(CONTENT), asyncio.all_tasks()
    sending = asyncio.create_task(client.apply(REQUEST, {"app_logo": slow}))
    await until(slow.waits.is_set)
    sending.cancel()
    began = asyncio.get_running_loop().time()
    await asyncio.wait({sending})
    assert asyncio.get_running_loop().time() - began < 2
    await until(lambda: asyncio.all_tasks() == tasks)
    with pytest.raises(ValidationError, match="in use by another call"):
        await client.apply(REQUEST, {"app_logo": slow})
    slow.may_go_on.set()
    await until(lambda: not slow.inside)
    await client.apply(REQUEST, {"app_logo": slow})
    assert slow.reads > 2, "nobody read on meanwhile"
    assert arrived(gateway) == [("app_logo", "app_logo.png", SHA)]


@pytest.mark.parametrize("seed", range(3))
async def test_calls_that_are_cancelled_at_any_moment_leave_no_stream_in_use_and_none_closed(
    client: AuditClient, seed: int
) -> None:
    class Watched(io.BytesIO):
        inside = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.inside += 1
            try:
                return super().read(size)
            finally:
                self.inside -= 1

    moments, tasks = random.Random(seed), asyncio.all_tasks()
    for number in range(25):
        streams = [Watched(CONTENT[: moments.randrange(100, 500_000)]) for _ in range(3)]
        call = client.apply(request(f"0.0.{number}"), Attachments(screen_shots=streams))
        calling = asyncio.create_task(call)
        await asyncio.wait({calling}, timeout=moments.random() * 0.02)
        calling.cancel()
        await asyncio.wait({calling})
        assert not any(stream.inside or stream.closed for stream in streams)
        with streams_reserved(
            {str(at): StreamSource(each) for at, each in enumerate(streams)}.items()
        ):
            pass
    await until(lambda: not [each for each in asyncio.all_tasks() - tasks if is_ours(each)])


def is_ours(task: asyncio.Task[Any]) -> bool:
    """Say whether a task is the client's and not the gateway's."""
    return "RequestHandler" not in repr(task)


def multipart(parts: dict[str, tuple[str | None, bytes]]) -> tuple[bytes, bytes]:
    """Return a form's content type and body."""
    body = b""
    for name, (filename, content) in parts.items():
        named = f'; filename="{filename}"' if filename is not None else ""
        head = f'--cut\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return b"multipart/form-data; boundary=cut", body + b"--cut--\r\n"


async def post(app: fastapi.FastAPI, content_type: bytes, body: bytes) -> int:
    """Post a body to an ASGI application; return the status."""
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    status: int = sent[0]["status"]
    return status


async def test_a_form_of_fastapi_is_handed_on_as_it_came(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    app = fastapi.FastAPI()

    @app.post("/")
    async def submit(
        app_logo: fastapi.UploadFile,
        first_screen_shot: fastapi.UploadFile,
        app_version: Annotated[str, fastapi.Form()],
    ) -> None:
        await app_logo.read()  # as a handler may, to look at it
        await client.apply(
            request(app_version),
            {"app_logo": app_logo, "first_screen_shot": first_screen_shot},
        )

    small = CONTENT[:1000]
    form = multipart(
        {
            "app_version": (None, b"0.0.1"),
            "app_logo": ("mine.png", CONTENT),
            "first_screen_shot": ("shot.png", small),
        }
    )
    assert await post(app, *form) == 200
    assert arrived(gateway) == [
        ("app_logo", "mine.png", SHA),
        ("first_screen_shot", "shot.png", hashlib.sha256(small).hexdigest()),
    ]
