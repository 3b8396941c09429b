"""Waiting in the pool of a lent session is not connecting: aiohttp's hooks tell them apart.

Others use such a pool too, so that the client's own places do not say whether there is room.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Final

import aiohttp

from alipay_mini_audit.transport.exchange import Exchange

__all__ = ["room_in", "watched"]

_EXCHANGE: Final[ContextVar[Exchange | None]] = ContextVar("exchange", default=None)


async def _queued(_: aiohttp.ClientSession, __: SimpleNamespace, ___: object) -> None:
    if (exchange := _EXCHANGE.get()) is not None:
        exchange.queued()


async def _unqueued(_: aiohttp.ClientSession, __: SimpleNamespace, ___: object) -> None:
    if (exchange := _EXCHANGE.get()) is not None:
        exchange.unqueued()


def _hooks() -> aiohttp.TraceConfig:
    hooks = aiohttp.TraceConfig()
    hooks.on_connection_queued_start.append(_queued)
    hooks.on_connection_queued_end.append(_unqueued)
    hooks.freeze()
    return hooks


_HOOKS: Final = _hooks()


@contextmanager
def watched(session: aiohttp.ClientSession, exchange: Exchange) -> Iterator[None]:
    """Let an exchange know when it waits in the pool of a session.

    The session keeps the hooks; they do nothing in requests of others.
    """
    if _HOOKS not in session.trace_configs:
        session.trace_configs.append(_HOOKS)
    token = _EXCHANGE.set(exchange)
    try:
        yield
    finally:
        _EXCHANGE.reset(token)


def room_in(session: aiohttp.ClientSession | None, most: int) -> int:
    """Return how many requests may be sent at once: as many as the pool has room for, or `most`."""
    connector = None if session is None else session.connector
    limits = [] if connector is None else [connector.limit, connector.limit_per_host]
    return min([most, *filter(None, limits)])
