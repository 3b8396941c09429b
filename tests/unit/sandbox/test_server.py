import asyncio

from alipay_mini_audit.sandbox.server import Peer


async def test_nothing_is_done_to_a_peer_that_has_left() -> None:
    loop = asyncio.get_running_loop()
    lost, closing = loop.create_future(), loop.create_future()
    lost.set_result(None)
    peer = Peer(None, lost, closing)
    assert await peer.wait()
    await peer.wait_unread()
    peer.end_sending()
    for end in (peer.close, peer.cut, peer.reset):
        await end()


async def test_waits_end_with_time_the_peer_or_the_gateway() -> None:
    loop = asyncio.get_running_loop()
    lost, closing = loop.create_future(), loop.create_future()
    peer = Peer(None, lost, closing)
    assert not await peer.wait(0)
    await peer.wait_unread()  # a connection that the server has given up
    waiting = asyncio.create_task(peer.wait())
    closing.set_result(None)
    assert await waiting
