"""The commands and their arguments."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from alipay_mini_audit.cli.demo import run_demo
from alipay_mini_audit.cli.ending import Stopped, failures_in_one_line, until_stopped
from alipay_mini_audit.cli.output import print_json, print_table, progress_bar
from alipay_mini_audit.cli.sandbox import serve

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def _commands() -> None:
    """Submit Alipay mini-program versions for audit."""


@app.command()
def demo(
    versions: Annotated[int, typer.Option(min=1, help="How many versions to submit.")] = 20,
    size_kb: Annotated[int, typer.Option(min=1, help="Size of each file in KB (1024 bytes).")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")] = False,  # noqa: FBT002  # the idiom of typer
) -> None:
    """Submit versions with 16 files each to a sandbox gateway, and check every byte that arrived.

    Everything happens in this process: the gateway is started, keys and pictures are made, all versions are
    submitted at the same time, and one is withdrawn again. The exit status is 0 only if all of it held.
    """
    with failures_in_one_line(), tempfile.TemporaryDirectory(prefix="alipay-mini-audit-") as folder:
        with progress_bar(versions, shown=not as_json) as on_step:
            work = run_demo(Path(folder), versions=versions, size=size_kb * 1024, on_step=on_step)
            report = asyncio.run(until_stopped(work))
        (print_json if as_json else print_table)(report)
        report.raise_for_problems()


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 8080,
    material: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            file_okay=False,
            help="Folder with the keys and certificates; they are made and written if it holds none.",
        ),
    ] = None,
) -> None:
    """Serve a sandbox gateway on 127.0.0.1 until Ctrl-C.

    It prints one line with its base URL. With a folder any client can be pointed at it: the folder gets
    app_id, app_private_key.pem (PKCS#8), alipay_public_key.pem, and the certificates of certificate mode.
    """
    with failures_in_one_line():
        try:
            asyncio.run(until_stopped(serve(port, material, announce=_announce)))
        except (Stopped, KeyboardInterrupt):
            return


def _announce(base_url: str) -> None:
    typer.echo(f"Sandbox gateway: {base_url} (Ctrl-C stops it)")
