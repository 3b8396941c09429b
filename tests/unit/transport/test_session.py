"""Where a transport may be used, and what it shows of its proxy."""

import asyncio

import pytest
from support.content import SomeContent

from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.errors import ConfigurationError, ConnectionFailed, Outcome
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.protocol import DETAIL, Caller, Request
from alipay_mini_audit.transport import ClientSession, Progress, Transport

REQUEST = Request(
    call=SomeContent(DETAIL, DETAIL.path),
    caller=Caller("1"),
    request_id="r",
    nonce="n",
    timestamp_ms=1,
)


def transport_to(
    base_url: str = "http://127.0.0.1:1", session: ClientSession | None = None, **settings: object
) -> Transport:
    config = ClientConfig(base_url=base_url, **settings)  # type: ignore[arg-type]
    return Transport(config, UploadResources(buffers=BufferPool(1024)), session)


async def send(transport: Transport) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    await transport.send(REQUEST, b"signature", Timeouts(), deadline, Progress(stall=30))


async def test_a_closed_transport_says_so() -> None:
    transport = transport_to()
    transport.check()
    await transport.aclose()
    await transport.aclose()
    with pytest.raises(ConfigurationError) as caught:
        transport.check()
    assert caught.value.setting == "client"


def test_a_transport_belongs_to_the_loop_of_its_first_call() -> None:
    transport = transport_to()

    async def check() -> None:
        transport.check()

    asyncio.run(check())
    with pytest.raises(ConfigurationError, match="event loop"):
        asyncio.run(check())


async def test_a_lent_session_is_not_closed_and_must_not_be() -> None:
    async with ClientSession() as session:
        transport = transport_to(session=session)
        await transport.aclose()
        assert not session.closed
        transport = transport_to(session=session)
    with pytest.raises(ConfigurationError) as caught:
        await send(transport)
    assert caught.value.setting == "session"


async def test_a_port_that_nobody_listens_on_is_no_connection() -> None:
    transport = transport_to()
    with pytest.raises(ConnectionFailed) as caught:
        await send(transport)
    await transport.aclose()
    assert caught.value.outcome is Outcome.NOT_SENT


async def test_the_password_of_a_proxy_is_in_no_error() -> None:
    transport = transport_to(proxy="http://user:canary@127.0.0.1:1")
    with pytest.raises(ConnectionFailed) as caught:
        await send(transport)
    await transport.aclose()
    assert "canary" not in str(caught.value)
