"""`preview`: a submission as a page, with what is wrong with it beside each text and picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AsJson, Lang

__all__ = ["preview"]


@documented(
    "把一次提交写成一个网页：审核人员将看到的文字和图片，以及发现的问题。\n\n"
    "不发送任何内容。网页可离线查看，不含密码和证照号。"
)
def preview(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help=said(
                "The folder of a submission, or a TOML file that names its files.",
                "提交内容所在的目录，或指明了文件的 TOML 文件。",
            ),
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=said(
                "Where the page goes; NAME.preview.html beside PATH otherwise.",
                "网页的位置；默认为 PATH 旁的 NAME.preview.html。",
            ),
        ),
    ] = None,
    opens: Annotated[
        bool,
        typer.Option("--open", help=said("Open it in the browser.", "在浏览器中打开。")),
    ] = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Write a submission as a page: its texts and pictures as auditors will see them, and problems.

    Nothing is sent. The page needs no network, and holds no password and no licence number.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        import webbrowser

        from alipay_mini_audit.cli.preview import default_place, make_preview, tell_preview
        from alipay_mini_audit.cli.writing import keep_others, written_whole

        page, problems = make_preview(path, language)
        place = default_place(path) if out is None else out
        keep_others(place, page.partition("\n")[0], language)
        with written_whole(place) as file:
            file.write(page)
        tell_preview(place, problems, language, as_json=as_json)
        if opens:
            webbrowser.open(place.resolve().as_uri())
