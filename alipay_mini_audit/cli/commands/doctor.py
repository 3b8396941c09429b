"""`doctor`: what is wrong with keys, certificates and settings, offline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import typer

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.exits import CommandFailed, failures_in_one_line
from alipay_mini_audit.cli.settings import client_config
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials.diagnosis import Fact, Finding, examine, is_error
from alipay_mini_audit.credentials.settings import read_environment, read_file
from alipay_mini_audit.crypto.trust import SYSTEM_CLOCK
from alipay_mini_audit.errors import ConfigurationError, Severity

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
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where the client will call; without it, what the environment or the file says.",
        ),
    ] = None,
    allow_plain_http: Annotated[
        bool,
        typer.Option(
            "--allow-plain-http", help="That URL may be plain http, in a network of your own."
        ),
    ] = False,
) -> None:
    """Check keys, certificates and settings offline, and say what is wrong in plain words.

    It prints a line for each check and never a key. The exit status is 0 only if there is no
    problem.
    """
    with failures_in_one_line():
        read = (
            partial(read_environment, prefix)
            if credentials is None
            else partial(read_file, credentials)
        )
        configure = partial(
            client_config,
            file=credentials,
            prefix=prefix,
            base_url=base_url,
            allow_plain_http=allow_plain_http,
        )
        found = examine(read, SYSTEM_CLOCK(), check_certificates=check_certificates)
        _print_findings(chain(found, _examine_client(configure)))


def _examine_client(configure: Callable[[], ClientConfig]) -> Iterator[Finding]:
    """Say where the client will call, or what is wrong with its settings."""
    try:
        config = configure()
    except ConfigurationError as error:
        yield error.as_problem()
    else:
        yield Fact("base_url", config.base_url)


def _print_findings(findings: Iterable[Finding]) -> None:
    """Print a line for each finding.

    Raises:
        CommandFailed: there are errors among them.
    """
    errors = 0
    told: set[Finding] = set()
    for finding in findings:
        if finding in told:  # one file is read for the credentials and for the client
            continue
        told.add(finding)
        word = "ok" if isinstance(finding, Fact) else _WORDS[finding.severity]
        errors += is_error(finding)
        line = " ".join(str(finding).splitlines())
        typer.echo(f"{word:<7}  {printable(line)}")
    if errors:
        raise CommandFailed(f"{errors} problem{'s' if errors > 1 else ''} found.")
