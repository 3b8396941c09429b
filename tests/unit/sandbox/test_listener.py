import asyncio
import contextlib
import socket
from collections.abc import Callable

import psutil
import pytest
import uvloop
from aiohttp import ClientConnectorError, ClientSession, web

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.listener import Listener
from alipay_mini_audit.sandbox.server import Peer


async def hello(_: web.BaseRequest, __: Peer) -> web.Response:
    return web.Response(text="hello")


async def get(url: str) -> str:
    async with ClientSession() as session, session.get(url) as answer:
        return await answer.text()


async def test_it_serves_until_it_is_closed_and_may_start_again() -> None:
    listener = Listener("127.0.0.1", 0)
    with pytest.raises(ConfigurationError) as caught:
        _ = listener.base_url
    assert caught.value.setting == "base_url"
    for _ in range(2):
        await listener.start(hello)
        await listener.start(hello)
        assert await get(listener.base_url) == "hello"
        await listener.aclose()
        await listener.aclose()
        with pytest.raises(ConfigurationError) as caught:
            _ = listener.base_url
        assert caught.value.setting == "base_url"


async def test_offline_it_keeps_its_port_for_later() -> None:
    listener = Listener("127.0.0.1", 0)
    await listener.start(hello)
    url = listener.base_url
    async with listener.offline():
        with pytest.raises(ClientConnectorError):
            await get(url)
    assert listener.base_url == url
    assert await get(url) == "hello"
    await listener.aclose()


async def test_an_address_that_is_taken_is_named() -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    with pytest.raises(ConfigurationError) as caught:
        await Listener("127.0.0.1", port).start(hello)
    assert caught.value.setting == f"127.0.0.1:{port}"
    taken.close()


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("turns", range(8))
def test_a_connection_that_is_made_while_it_closes_is_closed_too(
    turns: int, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(asyncio.sleep(0))  # the first loop of uvloop opens something for good
    process = psutil.Process()
    open_before = process.num_fds()

    async def close_behind(peer: socket.socket) -> None:
        listener = Listener("127.0.0.1", 0)
        await listener.start(hello)
        peer.connect(("127.0.0.1", int(listener.base_url.rpartition(":")[2])))
        for _ in range(turns):
            await asyncio.sleep(0)
        await listener.aclose()

    with socket.socket() as peer:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(close_behind(peer))
        peer.settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert peer.recv(1) == b""
    assert process.num_fds() == open_before
