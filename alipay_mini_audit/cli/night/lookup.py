"""`DaemonResolver`: names of hosts are looked up in threads that nobody waits for."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import final

from aiohttp.abc import AbstractResolver, ResolveResult

__all__ = ["DaemonResolver"]


@final
class DaemonResolver(AbstractResolver):
    """Looks up names as the system does.

    The look-up of the event loop has a thread of its pool for as long as the system takes, half a
    minute if no name server answers, and the end of the loop waits for that thread.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: there are none.
        """
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[ResolveResult]] = loop.create_future()

        def settle(addresses: list[ResolveResult], error: OSError | None) -> None:
            """Hand over what was found, if anybody still waits for it."""
            if found.done():
                return
            if error is None:
                found.set_result(addresses)
            else:
                found.set_exception(error)

        def look_up() -> None:
            """Ask the system."""
            addresses, failure = [], None
            try:
                addresses = _addresses(host, port, family)
            except OSError as error:
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(settle, addresses, failure)

        threading.Thread(target=look_up, name=f"look-up of {host}", daemon=True).start()
        return await found

    async def close(self) -> None:
        """There is nothing to close."""


def _addresses(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=port,
            family=kind,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for kind, _, protocol, _, address in socket.getaddrinfo(
            host, port, family, socket.SOCK_STREAM
        )
    ]
