"""The commands and their arguments."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from alipay_mini_audit.cli.certificates import print_certificates, print_findings
from alipay_mini_audit.cli.demo import run_demo
from alipay_mini_audit.cli.doctor import examine
from alipay_mini_audit.cli.ending import Stopped, failures_in_one_line, until_stopped
from alipay_mini_audit.cli.output import print_json, print_table, progress_bar
from alipay_mini_audit.cli.sandbox import serve
from alipay_mini_audit.crypto.trust import utc_now
from alipay_mini_audit.settings import read_environment, read_file

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
    size_kb: Annotated[
        int, typer.Option(min=1, help="Size of each file in KB (1024 bytes).")
    ] = 200,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, nothing else.")
    ] = False,
) -> None:
    """Submit versions with 16 files each to a sandbox gateway, and check every byte that arrived.

    Everything happens in this process: the gateway is started, keys and pictures are made, all
    versions are submitted at the same time, and one is withdrawn again. The exit status is 0 only
    if all of it held.
    """
    with failures_in_one_line(), tempfile.TemporaryDirectory(prefix="alipay-mini-audit-") as folder:
        with progress_bar(versions, shown=not as_json) as on_step:
            work = run_demo(Path(folder), versions=versions, size=size_kb * 1024, on_step=on_step)
            report = asyncio.run(until_stopped(work))
        (print_json if as_json else print_table)(report)
        report.raise_for_problems()


@app.command()
def sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = 8080,
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

    It prints one line with its base URL. With a folder any client can be pointed at it: the folder
    gets app_id, app_private_key.pem (PKCS#8), alipay_public_key.pem, and the certificates of
    certificate mode.
    """
    with failures_in_one_line():
        try:
            asyncio.run(until_stopped(serve(port, material, announce=_announce)))
        except (Stopped, KeyboardInterrupt):
            return


@app.command("cert-sn")
def cert_sn(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Certificates, PEM or DER.")],
    root: Annotated[
        bool, typer.Option("--root", help="A root file: its own serial number first.")
    ] = False,
) -> None:
    """Print serial number, issuer, subject and validity of each certificate in a file.

    The serial number is what Alipay puts into `app_cert_sn`, `alipay-sn` and `alipay-root-cert-sn`.
    """
    with failures_in_one_line():
        print_certificates(file, root=root)


@app.command()
def doctor(
    credentials: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="TOML file with the credentials; without it they are in the environment.",
        ),
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="What the names of the environment variables begin with.")
    ] = "ALIPAY_",
) -> None:
    """Check keys and certificates offline, and say what is wrong with them in plain words.

    It prints a line for each check and never a key. The exit status is 0 only if there is no
    problem.
    """
    with failures_in_one_line():
        read = (
            partial(read_environment, prefix)
            if credentials is None
            else partial(read_file, credentials)
        )
        print_findings(examine(read, utc_now()))


def _announce(base_url: str) -> None:
    typer.echo(f"Sandbox gateway: {base_url} (Ctrl-C stops it)")
