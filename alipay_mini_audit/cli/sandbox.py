"""`sandbox`: serve the gateway for other programs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from alipay_mini_audit.sandbox import Material, SandboxGateway

__all__ = ["serve"]


async def serve(port: int, folder: Path | None, *, announce: Callable[[str], None]) -> None:
    """Serve until cancelled.

    Args:
        port: where to listen on 127.0.0.1; 0 takes a free port.
        folder: where keys and certificates are kept, made there if there are none; `None` keeps
            none.
        announce: is called once with the base URL, when the gateway answers.

    Raises:
        ConfigurationError: the port or the folder cannot be used.
    """
    material = None if folder is None else await asyncio.to_thread(Material.ensure, folder)
    async with SandboxGateway(port=port, material=material) as gateway:
        announce(gateway.base_url)
        await asyncio.Event().wait()
