import asyncio

import pytest
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
