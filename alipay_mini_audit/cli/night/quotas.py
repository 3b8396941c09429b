"""`show_quota`: what templates may still take today, and when the night ends."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from alipay_mini_audit.batch.quota import day_in_beijing
from alipay_mini_audit.cli.console import new_table, print_json, print_table, print_text, printable
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.dry_run import forecast_said
from alipay_mini_audit.cli.night.forecast import forecast
from alipay_mini_audit.cli.night.snapshot import take_snapshot

__all__ = ["show_quota"]


def show_quota(path: Path, quota: int, language: str, *, as_json: bool) -> None:
    """Print what is used and left today of each template, and when the night ends.

    Args:
        path: of the journal.
        quota: submissions per template and day.
        language: "zh" or "en".
        as_json: a program reads stdout.

    Raises:
        BatchError: there is no such journal, or it cannot be read.
    """
    snapshot = take_snapshot(path, time.time())
    waiting = {each.template: each.waiting for each in snapshot.templates}
    free = max(0, snapshot.waiting - sum(waiting.values()))
    used = {each.template: each.used for each in snapshot.templates}
    rate = snapshot.per_second or None
    ahead = forecast({"": free, **waiting}, used, now=snapshot.at, quota=quota, rate=rate)
    facts: list[dict[str, object]] = [
        {
            "template": each.template,
            "used": each.used,
            "left": max(0, quota - each.used),
            "waiting": each.waiting,
            "last_day": forecast(
                {each.template: each.waiting}, used, now=snapshot.at, quota=quota, rate=rate
            ).last_day,
        }
        for each in snapshot.templates
    ]
    if as_json:
        print_json(
            {
                "quota": quota,
                "templates": facts,
                "today": ahead.today,
                "later": ahead.later,
                "ends_at": ahead.ends_at,
                "last_day": ahead.last_day,
            }
        )
        return
    _print_table(facts, language)
    print_text(forecast_said(ahead, snapshot.at, language))


def _print_table(facts: list[dict[str, object]], language: str) -> None:
    if not facts:
        typer.echo(said("No entry names a template.", "没有条目指定模板。", language))
        return
    table = new_table()
    table.add_column(said("template", "模板", language), overflow="fold")
    names = [("used today", "今日已用"), ("left", "剩余"), ("waiting", "待提交")]
    for name in names:
        table.add_column(said(*name, language), justify="right")
    table.add_column(said("last day (Beijing)", "最后一天（北京）", language))
    for each in facts:
        last = each["last_day"]
        day = day_in_beijing(last) if isinstance(last, float) else said("today", "今天", language)
        counts = [str(each[name]) for name in ("used", "left", "waiting")]
        table.add_row(printable(str(each["template"])), *counts, day)
    print_table(table)
