"""Notifications in a web application of FastAPI or Starlette: extra `[fastapi]`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Final

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from alipay_mini_audit.notifications import NotificationRouter
from alipay_mini_audit.notifications.router import FAILED, REFUSED

__all__ = ["notification_route"]

_SECONDS: Final = 15.0
"""The platform itself waits for sixteen."""


def notification_route(
    router: NotificationRouter, *, timeout: float = _SECONDS
) -> Callable[[Request], Awaitable[Response]]:
    """Return the function of a route.

    Use it as `app.post("/alipay")(notification_route(router))`, or in a `Route` of Starlette.
    Nothing in front of it may have read the body.

    Args:
        router: has the handlers of notifications.
        timeout: seconds for the body and the handlers, which are cancelled then; `fail` is answered
            and the platform delivers again.
    """

    async def handle(request: Request) -> Response:
        """Answer a request as the router does, or `fail` once the time is up."""
        answer = FAILED
        try:
            async with asyncio.timeout(timeout), aclosing(request.stream()) as chunks:
                answer = await router.handle_stream(chunks, request.headers)
        except TimeoutError:
            pass
        except ClientDisconnect:  # in the midst of the body
            answer = REFUSED
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # it is the server's wish, and not a handler's that cancelled itself
        headers = {"Content-Type": answer.content_type}
        return Response(answer.body, answer.status, headers)

    return handle
