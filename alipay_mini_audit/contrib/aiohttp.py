"""Notifications in a web application of aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from alipay_mini_audit.notifications import NotificationRouter
from alipay_mini_audit.notifications.router import FAILED, REFUSED

__all__ = ["notification_handler"]

_SECONDS: Final = 15.0
"""The platform itself waits for sixteen."""


def notification_handler(
    router: NotificationRouter, *, timeout: float = _SECONDS
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler of a web application.

    Use it as `app.router.add_post("/alipay", notification_handler(router))`. Nothing in front of it
    may have read the body.

    Args:
        router: has the handlers of notifications.
        timeout: seconds for the body and the handlers, which are cancelled then; `fail` is answered
            and the platform delivers again.
    """

    async def handle(request: web.Request) -> web.Response:
        """Answer a request as the router does, or `fail` once the time is up."""
        answer = FAILED
        try:
            async with asyncio.timeout(timeout):
                chunks = request.content.iter_any()
                answer = await router.handle_stream(chunks, request.headers)
        except TimeoutError:
            pass
        except (ConnectionError, web.RequestPayloadError):  # half of a body, or none of its coding
            answer = REFUSED
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # it is the server's wish, and not a handler's that cancelled itself
        headers = {"Content-Type": answer.content_type}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    return handle
