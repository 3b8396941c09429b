"""`batch take-back`: takes rejected versions of a batch back, so that the next ones may come."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.commands.batch.stops import Journal
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import (
    AllowPlainHttp,
    AppAuthToken,
    BaseUrl,
    CredentialsFile,
    Lang,
    Profile,
    Yes,
)

__all__ = ["take_back"]

_Tokens: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=said(
            "File of the merchants' tokens by mini-program, TOML or CSV.",
            "各小程序令牌的文件，TOML 或 CSV。",
        ),
    ),
]
_Key: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="KEY", help=said("Only the entry with this key.", "只处理该键的条目。")
    ),
]
_MiniApp: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--mini-app",
        metavar="MINI_APP",
        help=said("Only the entries of this mini-program.", "只处理该小程序的条目。"),
    ),
]
_Template: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="TEMPLATE",
        help=said("Only the entries of this template.", "只处理该模板的条目。"),
    ),
]
_AsJson: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json",
        help=said(
            "Print a JSON object for each version, and at the end one of the whole.",
            "每个版本输出一个 JSON 对象，最后输出一个汇总对象。",
        ),
    ),
]


@documented(
    "把一批中被驳回的版本退回开发，之后才能提交新的版本。\n\n"
    "只处理日志中被驳回、且平台上仍为驳回状态的版本；状态已变化或又被提交的不处理，并会说明。"
    "执行前会询问；在脚本中请加上 --yes。日志只读，可以再次运行。"
    "退出状态：0 全部处理完毕，1 参数或设置有误，2 有被拒绝的，3 有结果未知的，4 有未送达的。"
)
def take_back(
    journal: Journal,
    *,
    tokens: _Tokens = None,
    yes: Yes = False,
    key: _Key = None,
    mini_app: _MiniApp = None,
    template: _Template = None,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    app_auth_token: AppAuthToken = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
    as_json: _AsJson = False,
) -> None:
    """Take the rejected versions of a batch back to development; the next ones may come then.

    Those that the journal has as rejected, and that the platform still says are rejected; what has
    moved meanwhile, or was submitted again, is left alone and told. It asks before; in scripts give
    --yes. The journal is only read, and it may be run again. The exit status is 0 if nothing is
    left to do, 1 if arguments or settings are wrong, 2 if any was refused, 3 if any is unknown, 4
    if any was not sent.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.cli.connection import Connection
        from alipay_mini_audit.cli.night.journals import expect_journal
        from alipay_mini_audit.cli.night.stops import Selection
        from alipay_mini_audit.cli.night.take_back import TakeBackOrder, take_back_rejected

        expect_journal(journal, language)
        is_for_all = (key, mini_app, template) == (None, None, None)
        order = TakeBackOrder(
            journal=journal,
            connection=Connection(
                credentials=credentials,
                profile=profile,
                base_url=base_url,
                allow_plain_http=allow_plain_http,
                app_auth_token=app_auth_token,
            ),
            tokens=tokens,
            selection=None
            if is_for_all
            else Selection(key=key, mini_app=mini_app, template=template),
            yes=yes,
            language=language,
            as_json=as_json,
        )
        sys.exit(take_back_rejected(order))
