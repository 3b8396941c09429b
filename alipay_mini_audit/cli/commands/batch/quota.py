"""`batch quota`: what templates may still take today, and when the night ends."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.commands.batch.stops import Journal
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AsJson, Lang

__all__ = ["quota"]

_TemplateQuota: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="N/day",
        help=said(
            "Submissions per template and day in Beijing; 5 of an ordinary template.",
            "每个模板每天（北京时间）的提交数，普通模板为 5。",
        ),
    ),
]


@documented("查看各模板今日（北京时间）的配额：已用、剩余、待提交，以及预计何时全部提交完。")
def quota(
    journal: Journal,
    template_quota: _TemplateQuota = "5/day",
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say what each template has used and has left today in Beijing, and when the night ends."""
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.cli.night.amounts import quota_of
        from alipay_mini_audit.cli.night.journals import expect_journal
        from alipay_mini_audit.cli.night.quotas import show_quota

        expect_journal(journal, language)
        show_quota(journal, quota_of(template_quota) or 0, language, as_json=as_json)
