"""`apply`: submit a version for audit from a folder or a TOML file."""

from __future__ import annotations

from pathlib import Path
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
    PollSeconds,
    Profile,
    WaitSeconds,
    Yes,
)

__all__ = ["apply"]


@documented(
    "从目录或 TOML 文件提交一个版本的审核。\n\n"
    "先检查，一次列出所有问题；再显示将要发送的内容和对象，并询问。"
    "退出状态：0 已受理，1 输入或设置有误，未发送，2 平台拒绝，3 结果未知（请先查询），4 未送达。"
    "脚本中请加 --yes。加 --wait 则等待审核结果：0 审核通过，2 驳回，3 尚不知道；"
    "此时 --json 会再输出一个对象，即审核结果。"
)
def apply(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help=said(
                "A folder with submission.toml and pictures, or a TOML file that names them.",
                "含有 submission.toml 和图片的目录，或指明图片的 TOML 文件。",
            ),
        ),
    ],
    wait: Annotated[
        bool,
        typer.Option("--wait", help=said("Then wait for the verdict.", "受理后继续等待审核结果。")),
    ] = False,
    timeout: WaitSeconds = None,
    poll: PollSeconds = None,
    yes: Yes = False,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    app_auth_token: AppAuthToken = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Submit a version for audit, from a folder or a TOML file.

    It checks first, and prints all problems at once; shows what will be sent, to whom, and asks: in
    scripts give --yes. The exit status is 0 if the version is in audit, 1 if input or settings are
    wrong and nothing was sent, 2 if the platform refused, 3 if nobody knows and has to ask, 4 if
    nothing reached the platform. With --wait it is that of the verdict: 0 if it passed, 2 if it was
    rejected, 3 if that is not known; --json then prints a second object, the verdict.
    """
    with failures_in_one_line():
        language = chosen(lang)
    from alipay_mini_audit.cli.calls.apply import submit
    from alipay_mini_audit.cli.calls.verdict import VerdictWait
    from alipay_mini_audit.cli.connection import Connection

    connection = Connection(
        credentials=credentials,
        profile=profile,
        base_url=base_url,
        allow_plain_http=allow_plain_http,
        app_auth_token=app_auth_token,
    )
    how = VerdictWait(timeout, poll) if wait else None
    submit(path, connection, language, yes=yes, as_json=as_json, wait=how)
