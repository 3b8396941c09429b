"""`doctor`: what is wrong with keys and certificates, offline."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.exits import CommandFailed, failures_in_one_line
from alipay_mini_audit.credentials.diagnosis import Finding, State, examine
from alipay_mini_audit.credentials.settings import read_environment, read_file
from alipay_mini_audit.crypto.trust import utc_now

__all__ = ["doctor"]


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
        _print_findings(examine(read, utc_now()))


def _print_findings(findings: Iterable[Finding]) -> None:
    """Print a line for each finding.

    Raises:
        CommandFailed: there are problems among them.
    """
    problems = 0
    for finding in findings:
        problems += finding.state is State.PROBLEM
        typer.echo(f"{finding.state.value:<7}  {printable(finding.text)}")
    if problems:
        raise CommandFailed(f"{problems} problem{'s' if problems > 1 else ''} found.")
