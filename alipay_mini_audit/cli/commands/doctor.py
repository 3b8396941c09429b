"""`doctor`: what is wrong with keys, certificates and settings, offline."""

from __future__ import annotations

from typing import Annotated

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AllowPlainHttp, BaseUrl, CredentialsFile, Lang

__all__ = ["doctor"]


@documented(
    "离线检查密钥、证书和设置，用通俗的语言说明哪里有问题。\n\n"
    "每项检查输出一行，绝不输出密钥。只有没有问题时，退出状态才为 0。"
)
def doctor(
    credentials: CredentialsFile = None,
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
        from alipay_mini_audit.cli.findings import print_findings

        print_findings(
            credentials,
            prefix,
            language,
            check_certificates=check_certificates,
            base_url=base_url,
            allow_plain_http=allow_plain_http,
        )
