"""`doctor`: what is wrong with keys, certificates and settings; and what the platform says."""

from __future__ import annotations

from typing import Annotated

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import (
    AllowPlainHttp,
    AppAuthToken,
    AsJson,
    BaseUrl,
    CredentialsFile,
    Lang,
    Profile,
)

__all__ = ["doctor"]


@documented(
    "检查密钥、证书和设置，用通俗的语言说明哪里有问题。\n\n"
    "每项检查输出一行，绝不输出密钥；文件中的每个配置（profile）都会检查。默认不联网，"
    "加上 --online 时还会向平台提出一个不改变任何状态的查询。只有没有问题时，退出状态才为 0。"
)
def doctor(
    credentials: CredentialsFile = None,
    profile: Profile = None,
    online: Annotated[
        bool,
        typer.Option(
            "--online",
            help=said(
                "Ask the platform whether it knows the key: one question, which changes nothing.",
                "向平台查询是否认识该密钥：只查询一次，不改变任何状态。",
            ),
        ),
    ] = False,
    prefix: Annotated[
        str,
        typer.Option(
            metavar="PREFIX",
            help=said(
                "What the names of the environment variables begin with.", "环境变量名的前缀。"
            ),
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
    app_auth_token: AppAuthToken = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Check keys, certificates and settings, and say what is wrong in plain words.

    It prints a line for each check and never a key; all profiles of a file are checked. It stays
    offline unless --online lets it ask the platform one question, which changes nothing. The exit
    status is 0 only if there is no problem.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.cli.connection import Connection
        from alipay_mini_audit.cli.doctor.examination import examinations
        from alipay_mini_audit.cli.doctor.printing import print_findings, print_findings_as_json

        connection = Connection(
            credentials=credentials,
            prefix=prefix,
            profile=profile,
            base_url=base_url,
            allow_plain_http=allow_plain_http,
            app_auth_token=app_auth_token,
        )
        found = examinations(connection, check_certificates=check_certificates, online=online)
        if as_json:
            print_findings_as_json(found, language)
        else:
            print_findings(found, language)
