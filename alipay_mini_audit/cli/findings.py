"""What `doctor` finds, and the lines that say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import typer

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.settings import client_config
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials.diagnosis import Fact, Finding, examine, is_error
from alipay_mini_audit.credentials.settings import read_environment, read_file
from alipay_mini_audit.crypto.trust import SYSTEM_CLOCK
from alipay_mini_audit.errors import ConfigurationError, Severity

__all__ = ["print_findings"]

_FINE: Final = ("ok     ", "正常")
_WORDS: Final = {Severity.ERROR: ("problem", "问题"), Severity.WARNING: ("note   ", "提示")}


def print_findings(
    credentials: Path | None,
    prefix: str,
    language: str,
    *,
    check_certificates: bool | None,
    base_url: str | None,
    allow_plain_http: bool,
) -> None:
    """Print a line for each check of keys, certificates and settings.

    Args:
        credentials: TOML file with them; `None` for the environment.
        prefix: what the names of the environment variables begin with.
        language: "zh" or "en".
        check_certificates: whether to look at dates and chains; `None` for what the settings say.
        base_url: option `--base-url`; `None` if it was not given.
        allow_plain_http: option `--allow-plain-http`.

    Raises:
        CommandFailed: there are errors among them.
    """
    read = (
        partial(read_environment, prefix)
        if credentials is None
        else partial(read_file, credentials)
    )
    found = examine(read, SYSTEM_CLOCK(), check_certificates=check_certificates)
    configure = partial(
        client_config,
        file=credentials,
        prefix=prefix,
        base_url=base_url,
        allow_plain_http=allow_plain_http,
    )
    _print(chain(found, _examine_client(configure)), language)


def _examine_client(configure: Callable[[], ClientConfig]) -> Iterator[Finding]:
    """Say where the client will call, or what is wrong with its settings."""
    try:
        config = configure()
    except ConfigurationError as error:
        yield error.as_problem()
    else:
        yield Fact("base_url", config.base_url)


def _print(findings: Iterable[Finding], language: str) -> None:
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
        words = _FINE if isinstance(finding, Fact) else _WORDS[finding.severity]
        errors += is_error(finding)
        line = " ".join(str(finding.in_language(language)).splitlines())
        typer.echo(f"{said(*words, language)}  {printable(line)}")
    if errors:
        english = f"{errors} problem{'s' if errors > 1 else ''} found."
        raise CommandFailed(said(english, f"发现 {errors} 个问题。", language))
