"""`sandbox`: serve the gateway for other programs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from alipay_mini_audit.cli.exits import Stopped, failures_in_one_line, until_stopped
from alipay_mini_audit.sandbox import Material, SandboxGateway

__all__ = ["sandbox", "serve"]


def sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = 8080,
    material: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            file_okay=False,
            help="Folder with the keys and certificates; if it holds none, they are made there.",
        ),
    ] = None,
) -> None:
    """Serve a sandbox gateway on 127.0.0.1 until Ctrl-C.

    It prints one line with its base URL. With a folder any client can be pointed at it: the folder
    holds app_id, app_private_key.pem (PKCS#8), alipay_public_key.pem, and the certificates of
    certificate mode.
    """
    with failures_in_one_line():
        try:
            asyncio.run(until_stopped(serve(port, material, announce=_announce)))
        except (Stopped, KeyboardInterrupt):
            return


async def serve(port: int, folder: Path | None, *, announce: Callable[[str], None]) -> None:
    """Serve until cancelled.

    Args:
        port: where to listen on 127.0.0.1; 0 takes a free port.
        folder: where keys and certificates are kept, and made if there are none; with `None` they
            are made anew and not kept.
        announce: is called once with the base URL, as soon as the gateway answers.

    Raises:
        ConfigurationError: the port or the folder cannot be used.
    """
    material = None if folder is None else await asyncio.to_thread(Material.ensure, folder)
    async with SandboxGateway(port=port, material=material) as gateway:
        announce(gateway.base_url)
        await asyncio.Event().wait()


def _announce(base_url: str) -> None:
    typer.echo(f"Sandbox gateway: {base_url} (Ctrl-C stops it)")
