"""`doctor`: what is wrong with keys and certificates, offline."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.exits import CommandFailed, failures_in_one_line
from alipay_mini_audit.credentials.diagnosis import Fact, Finding, examine, is_error
from alipay_mini_audit.credentials.settings import read_environment, read_file
from alipay_mini_audit.crypto.trust import SYSTEM_CLOCK
from alipay_mini_audit.errors import Severity

__all__ = ["doctor"]

_WORDS: Final = {Severity.ERROR: "problem", Severity.WARNING: "note"}


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
    check_certificates: Annotated[
        bool | None,
        typer.Option(
            "--check-certificates/--no-check-certificates",
            help="Look at dates and chains, whatever the settings say; not in a test environment.",
        ),
    ] = None,
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
        now = SYSTEM_CLOCK()
        _print_findings(examine(read, now, check_certificates=check_certificates))


def _print_findings(findings: Iterable[Finding]) -> None:
    """Print a line for each finding.

    Raises:
        CommandFailed: there are errors among them.
    """
    errors = 0
    for finding in findings:
        word = "ok" if isinstance(finding, Fact) else _WORDS[finding.severity]
        errors += is_error(finding)
        line = " ".join(str(finding).splitlines())
        typer.echo(f"{word:<7}  {printable(line)}")
    if errors:
        raise CommandFailed(f"{errors} problem{'s' if errors > 1 else ''} found.")
