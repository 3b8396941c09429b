"""A server that shows what a reader of bodies makes of a request."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import RawTestServer

from alipay_mini_audit.sandbox.protocol.refusals import Refusal

Read = Callable[[web.BaseRequest], Awaitable[Any]]
ReadBy = Callable[..., Awaitable[Any]]


@pytest.fixture
async def read_by() -> AsyncIterator[ReadBy]:
    """Send a request to a server that reads it with a function.

    Returns what the function returned, or the code of its refusal.
    """
    async with AsyncExitStack() as stack:

        async def read_by(read: Read, body: bytes, content_type: str) -> Any:
            results: list[Any] = []

            async def handle(request: web.BaseRequest) -> web.Response:
                try:
                    results.append(await read(request))
                except Refusal as refusal:
                    results.append(refusal.code)
                return web.Response()

            server = await stack.enter_async_context(RawTestServer(handle))
            session = await stack.enter_async_context(ClientSession())
            headers = {"Content-Type": content_type}
            url = server.make_url("/")
            async with session.post(url, data=io.BytesIO(body), headers=headers):
                return results[0]

        yield read_by
