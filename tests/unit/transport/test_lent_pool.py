"""A lent session: how many of its connections there are, and hooks that disturb nobody else."""

import asyncio

import aiohttp
import pytest

from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.transport.exchange import Exchange
from alipay_mini_audit.transport.lent_pool import room_in, watched
from alipay_mini_audit.transport.progress import Progress


@pytest.mark.parametrize(
    ("limit", "per_host", "room"), [(0, 0, 32), (4, 0, 4), (0, 3, 3), (8, 5, 5), (100, 0, 32)]
)
async def test_there_is_room_for_as_many_as_the_pool_takes(
    limit: int, per_host: int, room: int
) -> None:
    connector = aiohttp.TCPConnector(limit=limit, limit_per_host=per_host)
    async with aiohttp.ClientSession(connector=connector) as session:
        assert room_in(session, 32) == room
    assert room_in(session, 32) == 32
    assert room_in(None, 32) == 32


async def test_a_session_gets_the_hooks_once_and_others_are_not_heard() -> None:
    def exchange() -> Exchange:
        return Exchange(Progress(stall=1), Timeouts(), asyncio.get_running_loop().time() + 1)

    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            with watched(session, exchange()):
                pass
        (hooks,) = session.trace_configs
        one = exchange()
        with watched(session, one):
            await hooks.on_connection_queued_start.send(session, None, None)  # type: ignore[arg-type]
            assert one._progress.waits_since is not None
            await hooks.on_connection_queued_end.send(session, None, None)  # type: ignore[arg-type]
            assert one._progress.waits_since is None
        await hooks.on_connection_queued_start.send(session, None, None)  # type: ignore[arg-type]
        assert one._progress.waits_since is None
