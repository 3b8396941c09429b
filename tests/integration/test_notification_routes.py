"""Notifications over real sockets, in web applications of aiohttp and of FastAPI."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest
import uvicorn
from aiohttp import web
from fastapi import FastAPI
from support.notifications import APP_ID, FORMS, VERIFIER, passed

from alipay_mini_audit import AuditPassed, NotificationRouter
from alipay_mini_audit.contrib.aiohttp import notification_handler
from alipay_mini_audit.contrib.fastapi import notification_route

MIB = 1024 * 1024
LONG = 30.0
CHUNKED = "Transfer-Encoding: chunked"
Served = Callable[[NotificationRouter, float], AbstractAsyncContextManager[int]]


@asynccontextmanager
async def aiohttp_served(router: NotificationRouter, seconds: float) -> AsyncIterator[int]:
    app = web.Application(client_max_size=16 * MIB)
    app.router.add_post("/alipay", notification_handler(router, timeout=seconds))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def fastapi_served(router: NotificationRouter, seconds: float) -> AsyncIterator[int]:
    app = FastAPI()
    app.post("/alipay")(notification_route(router, timeout=seconds))
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


@pytest.fixture(params=[aiohttp_served, fastapi_served], ids=["aiohttp", "fastapi"])
def served(request: pytest.FixtureRequest) -> Served:
    """A server with the route of a router at `/alipay`, in a with statement; it gives its port."""
    found: Served = request.param
    return found


async def answer(port: int, body: bytes, *headers: str) -> tuple[int, dict[str, str], bytes]:
    """Send a request on a connection of its own; return status, headers and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        given = headers or (f"Content-Length: {len(body)}",)
        form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8"
        lines = ["POST /alipay HTTP/1.1", "Host: localhost", "Connection: close", form, *given]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        writer.write(body)
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LONG)).decode()
        status, *fields = head.split("\r\n")
        named = dict(field.lower().split(": ", 1) for field in fields if field)
        content = await asyncio.wait_for(reader.readexactly(int(named["content-length"])), LONG)
        return int(status.split()[1]), named, content
    finally:
        writer.close()


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def router_of(handler: Callable[[AuditPassed], Awaitable[object]]) -> NotificationRouter:
    router = NotificationRouter(APP_ID, verifier=VERIFIER)
    router.on(AuditPassed)(handler)
    return router


async def nothing(_: AuditPassed) -> None:
    """Handle a notification."""


async def test_success_is_seven_bytes(served: Served) -> None:
    found = []

    async def handle(message: AuditPassed) -> None:
        found.append(message)

    async with served(router_of(handle), LONG) as port:
        for _ in range(2):
            status, headers, body = await answer(port, FORMS["passed_v1"])
            assert (status, headers["content-type"], body) == (200, "text/plain", b"success")
            assert headers["content-length"] == "7"
    assert [each.notify_id for each in found] == ["n-1"]


async def test_a_body_in_chunks_is_taken(served: Served) -> None:
    form = FORMS["passed_v1"]
    async with served(router_of(nothing), LONG) as port:
        body = chunked(form[:10], form[10:500], form[500:])
        status, _, content = await answer(port, body, CHUNKED)
    assert (status, content) == (200, b"success")


async def test_what_is_not_the_platforms_gets_fail(served: Served) -> None:
    async with served(router_of(nothing), LONG) as port:
        for body in (b"", b"x", passed() + b"&more=1", FORMS["next_certificate"]):
            assert (await answer(port, body))[::2] == (400, b"fail")


async def test_a_body_that_is_too_large_is_not_taken(served: Served) -> None:
    piece = b"x" * 65536
    async with served(router_of(nothing), LONG) as port:
        assert (await answer(port, b"x" * (MIB + 1)))[::2] == (413, b"fail")
        body = chunked(*[piece] * 16, b"x")
        assert (await answer(port, body, CHUNKED))[::2] == (413, b"fail")
        # Of one that goes on the rest is left unread, and the connection may be reset for it.
        for sent, length in (
            (piece * 64, "Content-Length: 4194304"),
            (chunked(*[piece] * 64), CHUNKED),
        ):
            with suppress(ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError):
                got = await answer(port, sent, length)
                assert got[::2] == (413, b"fail")
        assert (await answer(port, FORMS["passed_v1"]))[::2] == (200, b"success")


async def test_a_body_that_does_not_come_is_not_waited_for(served: Served) -> None:
    async with served(router_of(nothing), 0.05) as port:
        got = await answer(port, FORMS["passed_v1"], "Content-Length: 100000")
        assert got[::2] == (500, b"fail")


async def test_a_handler_that_hangs_is_cancelled_and_delivered_to_again(served: Served) -> None:
    calls = []

    async def handle(message: AuditPassed) -> None:
        calls.append(message)
        if len(calls) == 1:
            await asyncio.Event().wait()

    async with served(router_of(handle), 0.2) as port:
        assert (await answer(port, FORMS["passed_v1"]))[::2] == (500, b"fail")
        assert (await answer(port, FORMS["passed_v1"]))[::2] == (200, b"success")
    assert len(calls) == 2


@pytest.mark.parametrize("error", [ValueError("x"), TimeoutError(), asyncio.CancelledError()])
async def test_a_handler_that_raises_gets_fail(served: Served, error: BaseException) -> None:
    async def handle(_: AuditPassed) -> None:
        raise error

    async with served(router_of(handle), LONG) as port:
        assert (await answer(port, FORMS["passed_v1"]))[::2] == (500, b"fail")


async def test_whoever_leaves_in_the_midst_leaves_nothing_behind(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(router_of(nothing), LONG) as port:
        before = asyncio.all_tasks()
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /alipay HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
        await writer.drain()
        assert (await answer(port, FORMS["passed_v1"]))[::2] == (200, b"success")  # it has begun
        writer.transport.abort()
        assert (await answer(port, FORMS["passed_v1"]))[::2] == (200, b"success")
    assert asyncio.all_tasks() <= before
    assert [record.exc_info for record in caplog.records if record.exc_info] == []


async def test_a_body_that_is_not_what_it_says_gets_fail(served: Served) -> None:
    body = b"no gzip at all"
    length = f"Content-Length: {len(body)}"
    async with served(router_of(nothing), LONG) as port:
        got = await answer(port, body, length, "Content-Encoding: gzip")
    assert got[::2] == (400, b"fail")
