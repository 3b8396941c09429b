"""`batch status`: how a night stands, while it runs or after it died."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.commands.batch.stops import Journal
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AsJson, Lang

__all__ = ["status"]

_Watch: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--watch",
        help=said("Again every two seconds, until Ctrl-C.", "每两秒刷新一次，按 Ctrl-C 结束。"),
    ),
]


@documented(
    "查看一夜的进展：谁在运行、各状态的数量和原因、最近一分钟的速度、预计何时结束。\n\n"
    "只读取日志；运行期间和进程终止后都可使用。"
    "清单中无法成为条目的行不在日志里，由 batch run 报告。"
)
def status(
    journal: Journal, watch: _Watch = False, lang: Lang = None, as_json: AsJson = False
) -> None:
    """Say how a night stands: who runs it, counts by state and reason, its rate and its end.

    It only reads, while a run goes on and after one has died. Lines of a manifest that are no
    entries are not in the journal; batch run tells of them.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.cli.night.journals import expect_journal
        from alipay_mini_audit.cli.night.status import show_status

        expect_journal(journal, language)
        show_status(journal, language, watch=watch, as_json=as_json)
