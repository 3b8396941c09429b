"""`init`: begin the folder of a submission."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alipay_mini_audit.cli.console import print_json, printable
from alipay_mini_audit.cli.exits import failures_in_one_line, until_stopped
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

if TYPE_CHECKING:
    from alipay_mini_audit.cli.folders.starting import Started

__all__ = ["init"]


@documented(
    "新建一个提交目录：写入 submission.toml 和供编辑器补全用的 JSON Schema。\n\n"
    "在终端上会询问每次提交必填的字段，其余字段以注释列出。"
    "使用 --from-version 时，写入平台返回的该版本的内容。已有的文件不会被覆盖。"
)
def init(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help=said("Where to begin it; it is made.", "目录，不存在时会创建。"),
        ),
    ],
    *,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=said(
                "A field by its wire name, e.g. app_version=1.0.0; any number of them.",
                "字段的值，按接口字段名填写，例如 app_version=1.0.0，可多次使用。",
            ),
        ),
    ] = None,
    from_version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help=said(
                "Begin with what the platform says of this version: texts, region, categories.",
                "以平台返回的该版本内容为起点：文字、服务区域和类目。",
            ),
        ),
    ] = None,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    app_auth_token: AppAuthToken = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Begin the folder of a submission: a submission.toml, and the JSON Schema that editors use.

    On a terminal it asks for what every call needs; other fields stand there as comments. With
    --from-version it writes what the platform says of that version. Nothing is overwritten.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        import asyncio

        from alipay_mini_audit.cli.connection import Connection
        from alipay_mini_audit.cli.folders.starting import (
            ask,
            expect_new,
            options_given,
            pull,
            start,
        )

        given = options_given(settings or (), language)
        expect_new(folder, language)
        if from_version is not None:
            connection = Connection(
                credentials=credentials,
                profile=profile,
                base_url=base_url,
                allow_plain_http=allow_plain_http,
                app_auth_token=app_auth_token,
            )
            bundle_id = given.get("bundle_id")
            work = pull(connection, from_version, None if bundle_id is None else str(bundle_id))
            given = asyncio.run(until_stopped(work)) | given
        elif sys.stdin.isatty() and not as_json:
            given |= ask(given, language)
        started = start(folder, given, language)
        if as_json:
            print_json(
                {
                    "folder": str(started.folder),
                    "written": started.written,
                    "kept": started.kept,
                    "fields": started.fields,
                }
            )
        else:
            _print(started, language)


def _print(started: Started, language: str) -> None:
    shown = printable(str(started.folder))
    for name in started.written:
        typer.echo(said("wrote  ", "已写入  ", language) + printable(str(started.folder / name)))
    for name in started.kept:
        file = printable(str(started.folder / name))
        typer.echo(
            said(
                f"kept   {file}: it is another one; remove it to have it written anew.",
                f"未改动  {file}：内容与现在的不同，删除后可重新生成。",
                language,
            )
        )
    typer.echo(
        said(
            f"Put the pictures there, and then: alipay-mini-audit check {shown}",
            f"请放入图片，然后运行：alipay-mini-audit check {shown}",
            language,
        )
    )
