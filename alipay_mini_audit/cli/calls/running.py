"""Make one call with a client of its own; a signal cancels it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from alipay_mini_audit.cli.exits import until_stopped
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.events import Observer

__all__ = ["run_call"]

_Reply = TypeVar("_Reply")


def run_call(
    credentials: Credentials,
    config: ClientConfig,
    app_auth_token: str | None,
    observers: Sequence[Observer],
    make: Callable[[AuditClient], Awaitable[_Reply]],
) -> _Reply:
    """Make a call and return its reply.

    Args:
        credentials: who calls.
        config: settings of the client.
        app_auth_token: token of the merchant that is called for; `None` for none.
        observers: are told of everything that happens.
        make: makes the call with the client that it is given.

    Raises:
        AuditError: the call failed.
        Stopped: a signal came.
    """

    async def work() -> _Reply:
        """Make the call, with a client that is closed at its end."""
        async with AuditClient(credentials, config, observers=observers) as client:
            return await make(client.with_options(app_auth_token=app_auth_token))

    return asyncio.run(until_stopped(work()))
