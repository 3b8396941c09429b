"""`batch hold`, `release` and `skip`: what an operator decides, while a run goes on too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AsJson, Lang

__all__ = ["Journal", "hold", "release", "skip"]

Journal: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="JOURNAL",
        help=said("The journal of a batch.", "批次的日志文件。"),
    ),
]
_Key: TypeAlias = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help=said("The entry with this key.", "该键的条目。")),
]
_MiniApp: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--mini-app",
        metavar="MINI_APP",
        help=said(
            "All entries of this mini-program, as `mini_app` in --json has it.",
            "该小程序的所有条目，与 --json 中的 mini_app 一致。",
        ),
    ),
]
_Template: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="TEMPLATE",
        help=said("All entries of this template.", "该模板的所有条目。"),
    ),
]


@documented(
    "暂停某些条目，直到解除；运行期间也可使用。\n\n"
    "进行中的提交会正常结束。日志中尚无该名称的条目时给出提示，退出状态仍为 0："
    "以后出现的条目同样会被暂停。"
)
def hold(
    journal: Journal,
    key: _Key = None,
    mini_app: _MiniApp = None,
    template: _Template = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Send nothing of this until it is released, while a run goes on too.

    What is under way ends. A name that no entry has yet is told, and the exit status is 0 all the
    same: an entry that comes is held, too.
    """
    _stop("hold", journal, key, mini_app, template, lang, as_json=as_json)


@documented("解除 hold 和 skip；被平台拒绝的条目（问题已在平台解决）会重新列入计划。")
def release(
    journal: Journal,
    key: _Key = None,
    mini_app: _MiniApp = None,
    template: _Template = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Take back `hold` and `skip`; what was refused is planned again, mended at the platform."""
    _stop("release", journal, key, mini_app, template, lang, as_json=as_json)


@documented("永久跳过某些条目；可用 release 撤销。\n\n已提交的条目保持不变。")
def skip(
    journal: Journal,
    key: _Key = None,
    mini_app: _MiniApp = None,
    template: _Template = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Send nothing of this, for good; only `release` takes that back.

    What is done stays so.
    """
    _stop("skip", journal, key, mini_app, template, lang, as_json=as_json)


def _stop(
    action: str,
    journal: Path,
    key: str | None,
    mini_app: str | None,
    template: str | None,
    lang: str | None,
    *,
    as_json: bool,
) -> None:
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.cli.night.journals import expect_journal
        from alipay_mini_audit.cli.night.stops import Selection, apply_stop

        expect_journal(journal, language)
        selection = Selection(key=key, mini_app=mini_app, template=template)
        apply_stop(action, journal, selection, language, as_json=as_json)
