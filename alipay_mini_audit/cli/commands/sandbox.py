"""`sandbox`: serve the gateway for other programs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from alipay_mini_audit.cli.exits import Stopped, failures_in_one_line, until_stopped
from alipay_mini_audit.cli.sandbox.outputs import log_file, terminal
from alipay_mini_audit.cli.sandbox.run import Served, serve

__all__ = ["sandbox"]


def sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = 8080,
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            file_okay=False,
            help="Folder with the keys and certificates; if it holds none, they are made there.",
        ),
    ] = None,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Accept what the platform would refuse.")
    ] = False,
    encrypt_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="AES key of encrypted calls, in base64.")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            dir_okay=False,
            help="Append a line of JSON for each request. It holds no secrets.",
        ),
    ] = None,
) -> None:
    """Serve a sandbox gateway on 127.0.0.1 until Ctrl-C.

    Its first line holds the base URL; then there is a line for each request. With a folder any
    client can be pointed at it: the folder holds app_id, app_private_key.pem (PKCS#8),
    alipay_public_key.pem, and the certificates of certificate mode. Other programs on this
    computer look, decide and script faults in JSON under /_sandbox/.
    """
    served = Served(port=port, keys=keys, strict=not lenient, encrypt_key=encrypt_key)
    with failures_in_one_line(), log_file(log) as logged, terminal() as shown:
        work = serve(served, announce=_announce, shown=shown, log=logged)
        try:
            asyncio.run(until_stopped(work))
        except (Stopped, KeyboardInterrupt):
            return
        if shown is not None and shown.failure is not None:
            raise shown.failure


def _announce(base_url: str) -> None:
    typer.echo(f"Sandbox gateway: {base_url} (Ctrl-C stops it)")
