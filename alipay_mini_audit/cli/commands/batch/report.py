"""`batch report`: what became of a night, as a page, for Excel, for build servers, for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import Lang

__all__ = ["report"]

_Journal: TypeAlias = Annotated[
    Path,
    typer.Argument(metavar="JOURNAL", help=said("The journal of a batch.", "批次的日志文件。")),
]
_Html: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=said(
            "Write one page that needs no network, to read and to mail.",
            "写成一个可离线查看、可转发的网页。",
        ),
    ),
]
_Csv: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=said("Write a table that Excel opens.", "写成可用 Excel 打开的表格。"),
    ),
]
_Junit: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=said(
            "Write JUnit XML, a test case for each entry.",
            "写成 JUnit XML，每个条目一个测试用例。",
        ),
    ),
]
_Pictures: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help=said(
            "Download the auditors' pictures into this folder.",
            "把审核人员附上的图片下载到该目录。",
        ),
    ),
]
_AsJson: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json",
        help=said(
            "Print a JSON object for each entry, and at the end one of the whole.",
            "每个条目输出一个 JSON 对象，最后输出一个汇总对象。",
        ),
    ),
]


@documented(
    "说明一批提交的结果：原因分组、时间分布和全部条目。\n\n"
    "不指定文件时在终端输出汇总。只读，运行期间也可使用；文件要么完整写入，要么不写。"
    "审核结果按审核意见分组；--pictures 下载其中的图片，下载失败的会逐一列出。"
    "清单中无法成为条目的行不在日志里，由 batch run 报告。"
)
def report(
    journal: _Journal,
    html: _Html = None,
    csv: _Csv = None,
    junit: _Junit = None,
    pictures: _Pictures = None,
    as_json: _AsJson = False,
    lang: Lang = None,
) -> None:
    """Say what became of a batch: reasons in groups, a chart over time, and all entries.

    Without files it prints a summary. It only reads, while the batch runs too; a file is written
    whole or not at all. Rejections are in groups by the auditors' remarks; with --pictures their
    pictures are downloaded, and those that cannot be are named. Lines of a manifest that are no
    entries are not in the journal; batch run tells of them.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.cli.night.journals import expect_journal
        from alipay_mini_audit.cli.report import Wanted, make_report, tell_report

        expect_journal(journal, language)
        wanted = Wanted(html=html, csv=csv, junit=junit, as_json=as_json)
        tell_report(make_report(journal, wanted, language), wanted, language)
        if pictures is not None:
            from alipay_mini_audit.cli.report_pictures import fetch_pictures

            fetch_pictures(journal, pictures, language, as_json=as_json)
