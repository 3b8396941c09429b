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
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AllowPlainHttp, BaseUrl, Lang
from alipay_mini_audit.cli.settings import client_config
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials.diagnosis import Fact, Finding, examine, is_error
from alipay_mini_audit.credentials.settings import read_environment, read_file
from alipay_mini_audit.crypto.trust import SYSTEM_CLOCK
from alipay_mini_audit.errors import ConfigurationError, Severity

__all__ = ["doctor"]

_FINE: Final = ("ok     ", "正常")
_WORDS: Final = {Severity.ERROR: ("problem", "问题"), Severity.WARNING: ("note   ", "提示")}


@documented(
    "离线检查密钥、证书和设置，用通俗的语言说明哪里有问题。\n\n"
    "每项检查输出一行，绝不输出密钥。只有没有问题时，退出状态才为 0。"
)
def doctor(
    credentials: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=said(
                "TOML file with the credentials; without it they are in the environment.",
                "存放凭证的 TOML 文件；不指定时从环境变量读取。",
            ),
        ),
    ] = None,
    prefix: Annotated[
        str,
        typer.Option(
            help=said(
                "What the names of the environment variables begin with.", "环境变量名的前缀。"
            )
        ),
    ] = "ALIPAY_",
    check_certificates: Annotated[
        bool | None,
        typer.Option(
            "--check-certificates/--no-check-certificates",
            help=said(
                "Look at dates and chains, whatever the settings say; not in a test environment.",
                "是否检查证书的有效期和证书链，优先于设置；测试环境中不要检查。",
            ),
        ),
    ] = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
) -> None:
    """Check keys, certificates and settings offline, and say what is wrong in plain words.

    It prints a line for each check and never a key. The exit status is 0 only if there is no
    problem.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
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
        _print_findings(chain(found, _examine_client(configure)), language)


def _examine_client(configure: Callable[[], ClientConfig]) -> Iterator[Finding]:
    """Say where the client will call, or what is wrong with its settings."""
    try:
        config = configure()
    except ConfigurationError as error:
        yield error.as_problem()
    else:
        yield Fact("base_url", config.base_url)


def _print_findings(findings: Iterable[Finding], language: str) -> None:
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
