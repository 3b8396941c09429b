"""`tokens`: what the tokens of a file may do, and until when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import (
    AllowPlainHttp,
    AsJson,
    BaseUrl,
    CredentialsFile,
    Lang,
    Profile,
)

__all__ = ["tokens"]

_File: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=said(
            "The merchants' tokens, as `batch run --tokens` takes them.",
            "商家令牌文件，与 `batch run --tokens` 的格式相同。",
        ),
    ),
]


@documented(
    "查询商家令牌的状态、授权范围和有效期。\n\n"
    "每个商家一行：令牌是否有效、何时到期，以及授权中是否列出了提审、撤销和查询。没有列出不代表不能调用。"
    "令牌本身不会输出。退出状态：0 全部有效，1 有令牌不可用或文件有误，2 平台拒绝查询，"
    "3 或 4 平台没有回答。"
)
def tokens(
    file: _File,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Ask what the merchants' tokens of a file may do, and until when.

    A line for each merchant: whether the token is valid, when it ends, and whether the calls that
    submit, withdraw and ask are named in it; a name that is missing proves no refusal. No token is
    printed. The exit status is 0 if all are valid, 1 if some are not or the file is wrong, 2 if the
    platform refused the question, 3 or 4 if it did not answer.
    """
    with failures_in_one_line():
        language = chosen(lang)
    from alipay_mini_audit.cli.calls.asked import AskedCall
    from alipay_mini_audit.cli.calls.failures import call_failures
    from alipay_mini_audit.cli.calls.granted import print_grants, print_grants_as_json, status_for
    from alipay_mini_audit.cli.calls.grants import ask_all, read_usable_tokens
    from alipay_mini_audit.cli.calls.running import run_call
    from alipay_mini_audit.cli.calls.watch import CallWatch
    from alipay_mini_audit.cli.connection import Connection

    connection = Connection(
        credentials=credentials,
        profile=profile,
        base_url=base_url,
        allow_plain_http=allow_plain_http,
    )
    asked = AskedCall(operation="tokens", connection=connection, app_version=None)
    with call_failures(asked, CallWatch(), language, as_json=as_json):
        given = read_usable_tokens(file)
        found = run_call(*connection.load(), None, (), lambda client: ask_all(client, given))
        if as_json:
            print_grants_as_json(found, language)
        else:
            print_grants(found, language)
    raise typer.Exit(status_for(found))
