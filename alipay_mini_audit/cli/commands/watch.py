"""`watch`: waits for the verdicts of a batch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import (
    AllowPlainHttp,
    AppAuthToken,
    BaseUrl,
    CredentialsFile,
    Lang,
    PollSeconds,
    Profile,
    WaitSeconds,
)

__all__ = ["watch"]

_Journal: TypeAlias = Annotated[
    Path,
    typer.Argument(metavar="JOURNAL", help=said("The journal of a batch.", "批次的日志文件。")),
]
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
_Listen: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help=said(
            "Take the platform's notifications there as well, behind your HTTPS.",
            "同时在该地址接收平台通知，前面由您的 HTTPS 服务转发。",
        ),
    ),
]
_TakeOver: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--take-over",
        help=said("Own the journal though another process does.", "即使另有进程占用日志也接管。"),
    ),
]
_AsJson: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json",
        help=said(
            "Print a JSON object for each verdict, and at the end one of the whole.",
            "每个审核结果输出一个 JSON 对象，最后输出一个汇总对象。",
        ),
    ),
]


@documented(
    "等待一批提交的审核结果，逐个输出并写入日志文件，直到全部得出。\n\n"
    "状态始终向平台查询；--listen 接收的通知只会让下一次查询提前。可随时中断，再次运行即可继续。"
    "退出状态：0 全部审核通过，5 有驳回、撤回或尚无结果的条目。"
)
def watch(
    journal: _Journal,
    *,
    tokens: _Tokens = None,
    listen: _Listen = None,
    timeout: WaitSeconds = None,
    poll: PollSeconds = None,
    take_over: _TakeOver = False,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    app_auth_token: AppAuthToken = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
    as_json: _AsJson = False,
) -> None:
    """Wait for the verdicts of a batch; print each and keep it in the journal, until all are known.

    The state is always read from the platform; what --listen hears makes the next question come at
    once. It may be stopped at any time, and goes on when it is run again. The exit status is 0 if
    all have passed, 5 if any was rejected or withdrawn or is not known yet.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.cli.calls.verdict import poll_of
        from alipay_mini_audit.cli.connection import Connection
        from alipay_mini_audit.cli.listening import read_listen
        from alipay_mini_audit.cli.night.following import WatchOrder, watch_journal

        order = WatchOrder(
            journal=journal,
            connection=Connection(
                credentials=credentials,
                profile=profile,
                base_url=base_url,
                allow_plain_http=allow_plain_http,
                app_auth_token=app_auth_token,
            ),
            tokens=tokens,
            poll=poll_of(poll),
            seconds=timeout,
            listen=None if listen is None else read_listen(listen, language),
            take_over=take_over,
            language=language,
            as_json=as_json,
        )
        sys.exit(watch_journal(order))
