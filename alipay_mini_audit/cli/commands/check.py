"""`check`: what is wrong with submissions, before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alipay_mini_audit.cli.exits import ExitStatus, failures_in_one_line, until_stopped
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import Lang

__all__ = ["check"]


@documented(
    "检查提交内容，列出所有问题。\n\n"
    "不发送任何内容，也不需要密钥。PATH 是目录、TOML 文件或清单。"
    "有错误时退出状态为 1，只有提示时为 0。"
    "使用 --fix 时，把修复后的图片连同其余内容写入新目录，原文件不会改动。"
)
def check(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help=said(
                "A folder with submission.toml, a TOML file that names its files, or a manifest; "
                "any number of them.",
                "含有 submission.toml 的目录、写明文件路径的 TOML 文件，或清单；可以有多个。",
            ),
        ),
    ],
    *,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help=said(
                "Write a copy with repaired pictures: RGB, turned, small enough, a square logo.",
                "生成副本并修复图片：转为 RGB、按方向旋转、缩小到上限内、图标补成正方形。",
            ),
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help=said(
                "Where the copy goes; otherwise beside the original, with -fixed behind its name.",
                "副本目录；不指定时放在原目录旁边，名称后加 -fixed。",
            ),
        ),
    ] = None,
    lang: Lang = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help=said(
                "Print a JSON object a line for each submission, nothing else.",
                "每个提交输出一行 JSON 对象，不输出其他内容。",
            ),
        ),
    ] = False,
) -> None:
    """List everything that is wrong with submissions.

    Nothing is sent, and no key is needed. PATH is a folder, a TOML file or a manifest. The exit
    status is 1 if there are errors; warnings do not count. With --fix a copy with repaired pictures
    goes into a new folder, and the original stays as it is.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        import asyncio

        from alipay_mini_audit.cli.folders.running import CheckRun

        run = CheckRun(paths=paths, language=language, fix=fix, out=out, as_json=as_json)
        if not asyncio.run(until_stopped(run.run())):
            raise typer.Exit(ExitStatus.INVALID)
