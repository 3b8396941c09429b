"""`order_table`: what a run would do, in which order, as wide as the terminal is."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from alipay_mini_audit.cli.console import new_table, printable
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.plan import Action, PlannedEntry
from alipay_mini_audit.cli.night.words import size_said

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["action_said", "order_table"]

_NARROW: Final = 70
"""With fewer columns an entry has lines in place of cells."""
_ACTIONS: Final = {
    Action.SEND: ("send", "提交"),
    Action.ASK: ("ask what became of it", "先查询结果"),
    Action.COMPARE: ("see whether it has changed", "比较内容是否变化"),
    Action.DONE: ("done already", "此前已提交"),
    Action.REFUSED: ("refused before, and unchanged", "此前被拒绝且内容未变"),
    Action.INVALID: ("cannot be sent as it is", "不合格"),
    Action.HELD: ("on hold or skipped", "已暂停或跳过"),
}


def action_said(action: Action, language: str) -> str:
    """Return what a run does with an entry."""
    return said(*_ACTIONS[action], language)


def order_table(ordered: Sequence[PlannedEntry], now: float, language: str, columns: int) -> Table:
    """Return a table of what is sent.

    Args:
        ordered: what is sent, in this order.
        now: the time in seconds since 1970.
        language: "zh" or "en".
        columns: of the terminal.
    """
    if columns < _NARROW:
        return _lines(ordered, now, language)
    return _cells(ordered, now, language)


def _cells(ordered: Sequence[PlannedEntry], now: float, language: str) -> Table:
    from alipay_mini_audit.cli.wrapping import Wrapped

    table = new_table()
    names = [("", ""), ("key", "键"), ("version", "版本"), ("for", "小程序"), ("template", "模板")]
    for name in names:
        is_short = name[0] in ("", "version")
        table.add_column(said(*name, language), overflow="fold", no_wrap=is_short)
    for name in [("files", "文件"), ("size", "大小")]:
        table.add_column(said(*name, language), justify="right", no_wrap=True)
    table.add_column(said("note", "说明", language))
    for number, entry in enumerate(ordered, start=1):
        submission = entry.submission
        table.add_row(
            str(number),
            printable(submission.key),
            printable(submission.request.app_version or ""),
            _whom(entry, language),
            printable(submission.template_id or ""),
            str(entry.files),
            size_said(entry.size),
            Wrapped(_note(entry, now, language)),
        )
    return table


def _lines(ordered: Sequence[PlannedEntry], now: float, language: str) -> Table:
    from rich.console import Group

    from alipay_mini_audit.cli.wrapping import Wrapped

    comma, colon = said(", ", "，", language), said(" ", "：", language)
    table = new_table()
    table.add_column("", no_wrap=True, vertical="top")
    table.add_column(said("key and version", "键和版本", language))
    for number, entry in enumerate(ordered, start=1):
        submission = entry.submission
        files = said(f"files {entry.files}", f"文件 {entry.files}", language)
        facts = [f"{said('for', '小程序', language)}{colon}{_whom(entry, language)}"]
        if submission.template_id:
            facts.append(f"{said('template', '模板', language)}{colon}{submission.template_id}")
        facts.append(f"{files}{comma}{size_said(entry.size)}")
        if note := _note(entry, now, language):
            facts.append(note)
        head = f"{submission.key}  {submission.request.app_version or ''}"
        table.add_row(str(number), Group(*(Wrapped(each) for each in [head, *facts])))
    return table


def _whom(entry: PlannedEntry, language: str) -> str:
    return printable(entry.mini_app) or said("the app itself", "应用自身", language)


def _note(entry: PlannedEntry, now: float, language: str) -> str:
    moment, priority = entry.submission.not_before, entry.submission.priority
    notes = []
    if entry.action is not Action.SEND:
        notes.append(action_said(entry.action, language))
    if entry.mini_app and not entry.has_token:
        notes.append(said("no token: to the app itself", "无令牌，提交到应用自身", language))
    if priority:
        notes.append(said(f"priority {priority}", f"优先级 {priority}", language))
    if moment is not None and moment.timestamp() > now:
        notes.append(_from(moment, now, language))
    return said(", ", "，", language).join(notes)


def _from(moment: datetime.datetime, now: float, language: str) -> str:
    local = moment.astimezone()
    is_this_year = local.year == datetime.datetime.fromtimestamp(now).astimezone().year
    day = f"{local:%m-%d %H:%M}" if is_this_year else f"{local:%Y-%m-%d %H:%M}"
    return said(f"from {day} on", f"{day} 起", language)
