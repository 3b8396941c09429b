"""`listening`: an endpoint for notifications, which feeds an inbox while a command waits."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, final

import attrs

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.notifications import (
    AuditPassed,
    AuditRejected,
    AuthorizationChanged,
    Notification,
    NotificationRouter,
    OtherNotification,
)
from alipay_mini_audit.verdicts import Inbox

__all__ = ["Listen", "listening", "read_listen"]

_PLACE: Final = re.compile(r"(?:(?P<host>\[[^\]]+\]|[^:]+):)?(?P<port>\d{1,5})")
_LARGEST_PORT: Final = 65_535


@final
@attrs.frozen
class Listen:
    """Where to listen.

    Attributes:
        host: address of this machine.
        port: 0 takes a free one.
    """

    host: str
    port: int


class _NotOurs(Exception):
    """A notification that this command cannot deal with, so that it must not be acknowledged."""


def read_listen(text: str, language: str) -> Listen:
    """Read `HOST:PORT` or `PORT`; without a host it is 127.0.0.1.

    Raises:
        CommandFailed: it is neither.
    """
    found = _PLACE.fullmatch(text.strip())
    if found is None or int(found["port"]) > _LARGEST_PORT:
        english = "--listen: expected HOST:PORT or PORT."
        raise CommandFailed(said(english, "--listen：应为 HOST:PORT 或 PORT。", language))
    return Listen((found["host"] or "127.0.0.1").strip("[]"), int(found["port"]))


@asynccontextmanager
async def listening(place: Listen, credentials: Credentials, inbox: Inbox) -> AsyncIterator[str]:
    """Take notifications for the length of the block; yields the URL.

    Every path is as good. What is not about an audit is answered `fail`, since whoever has to deal
    with it is not here.

    Args:
        place: where to listen.
        credentials: of the application.
        inbox: is fed.

    Raises:
        OSError: the address is taken, or not one of this machine.
    """
    from aiohttp import web

    from alipay_mini_audit.contrib.aiohttp import notification_handler

    router = NotificationRouter(
        credentials.app_id,
        verifier=credentials.verifier,
        cipher=credentials.cipher,
    )

    @router.on(AuditPassed, AuditRejected)
    async def feed(message: Notification) -> None:
        """Let those who wait for this version ask at once."""
        inbox.put(message)  # type: ignore[arg-type]  # it is one of the two

    @router.on(AuthorizationChanged, OtherNotification)
    async def leave(message: Notification) -> None:
        """Let the platform deliver it again, to whom it may concern."""
        raise _NotOurs(type(message).__name__)

    application = web.Application()
    application.router.add_post("/{path:.*}", notification_handler(router))
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, place.host, place.port)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    finally:
        await runner.cleanup()
