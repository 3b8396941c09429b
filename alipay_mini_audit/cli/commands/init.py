"""`init`: begin the folder of a submission."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

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

__all__ = ["init"]

_Folder: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER",
        help=said("Where to begin it; it is made.", "目录，不存在时会创建。"),
    ),
]
_Set: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help=said(
            "A field by its wire name, e.g. app_version=1.0.0; any number of them.",
            "字段的值，按接口字段名填写，例如 app_version=1.0.0，可多次使用。",
        ),
    ),
]
_FromVersion: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="VERSION",
        help=said(
            "Begin with what the platform says of this version: texts, region, categories.",
            "以平台返回的该版本内容为起点：文字、服务区域和类目。",
        ),
    ),
]


@documented(
    "新建一个提交目录。\n\n"
    "写入 submission.toml 和供编辑器补全用的 JSON Schema。"
    "在终端上会询问每次提交必填的字段，其余字段以注释列出。"
    "check 会拒绝的内容会说明原因并再次询问；来自选项时则一并列出，不写任何文件。"
    "使用 --from-version 时，写入平台返回的该版本的内容。已有的文件不会被覆盖。"
)
def init(
    folder: _Folder,
    settings: _Set = None,
    from_version: _FromVersion = None,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    app_auth_token: AppAuthToken = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Begin the folder of a submission.

    It writes a submission.toml, and the JSON Schema by which editors complete it. On a terminal it
    asks for what every call needs; other fields stand there as comments. What `check` would refuse
    is asked for again; in options it is told, and nothing is written. With --from-version it writes
    what the platform says of that version. Nothing is overwritten.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.cli.connection import Connection
        from alipay_mini_audit.cli.folders.starting import Start

        connection = Connection(
            credentials=credentials,
            profile=profile,
            base_url=base_url,
            allow_plain_http=allow_plain_http,
            app_auth_token=app_auth_token,
        )
        start = Start(folder=folder, language=language, as_json=as_json)
        start.run(settings or (), connection, from_version)
