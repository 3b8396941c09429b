"""What a night prints on stdout: tables for a person, JSON lines for a program. No secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from alipay_mini_audit.batch import BatchEntry, EntryState, Summary
from alipay_mini_audit.cli.console import new_table, plain_console, print_table, printable
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.preflight import Findings, ProblemGroup, grouped
from alipay_mini_audit.cli.night.words import reason_said, state_said
from alipay_mini_audit.problems import Problem, Severity, joined

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "counts_facts",
    "entry_facts",
    "groups_facts",
    "groups_table",
    "print_findings",
    "problem_facts",
]

_SHOWN_KEYS = 3
_WELL = (EntryState.DONE, EntryState.PASSED, EntryState.ONLINE)
_PLACE = 26
"""Columns in which a place is not broken, on a terminal of at least the following ones."""
_NARROW = 70
_SEVERITIES = {Severity.ERROR: ("error", "错误"), Severity.WARNING: ("warning", "提示")}


def entry_facts(entry: BatchEntry, language: str) -> dict[str, object]:
    """Return what a program reads of an entry."""
    until = entry.deferred_until
    return {
        "key": entry.key,
        "app_version": entry.app_version,
        "bundle_id": entry.bundle_id,
        "mini_app": entry.mini_app,
        "template_id": entry.template_id,
        "state": entry.state.value,
        "reason": entry.reason,
        "attempts": entry.attempts,
        "deferred_until": None if until is None else until.isoformat(),
        "trace_id": None if entry.reply is None else entry.reply.meta.trace_id,
        "problems": [problem_facts(problem, language) for problem in entry.problems],
    }


def problem_facts(problem: Problem, language: str) -> dict[str, object]:
    """Return what a program reads of a problem."""
    spoken = problem.in_language(language)
    return {
        "path": spoken.path,
        "code": spoken.code,
        "severity": spoken.severity.value,
        "message": spoken.message,
        "advice": spoken.advice,
    }


def counts_facts(counts: Mapping[EntryState, int]) -> dict[str, int]:
    """Return how many entries stand where, in the order of the states."""
    return {state.value: counts[state] for state in EntryState if counts.get(state)}


def groups_facts(summary: Summary) -> list[dict[str, object]]:
    """Return what a program reads of a journal's groups."""
    return [
        {
            "state": group.state.value,
            "reason": group.reason,
            "count": group.count,
            "keys": list(group.keys),
        }
        for group in summary.groups
    ]


def groups_table(summary: Summary, language: str) -> Table:
    """Return a table of a journal's groups."""
    table = new_table()
    table.add_column(said("entries", "条目数", language), justify="right", no_wrap=True)
    table.add_column(said("state", "状态", language), no_wrap=True)
    table.add_column(said("reason", "原因", language), overflow="fold")
    table.add_column(said("first keys", "键（前几个）", language), overflow="fold")
    for group in summary.groups:
        keys = group.keys if group.state not in _WELL or group.reason else ()
        table.add_row(
            str(group.count),
            state_said(group.state, language),
            printable(reason_said(group.reason, language)),
            _keys_said(keys, group.count),
        )
    return table


def print_findings(findings: Findings, language: str) -> None:
    """Print what is wrong with a night, by code."""
    from alipay_mini_audit.cli.wrapping import Wrapped

    groups = grouped(findings)
    if not groups:
        return
    table = new_table()
    table.add_column(said("entries", "条目数", language), justify="right", no_wrap=True)
    table.add_column(said("what", "问题", language), ratio=3)
    first = said("first", "前几个", language)
    if plain_console().width >= _NARROW:
        table.add_column(first, min_width=_least(groups), max_width=_PLACE, overflow="fold")
    else:
        table.add_column(first, ratio=1, overflow="fold")
    for group in groups:
        table.add_row(str(group.count), Wrapped(_what(group, language)), _where(group))
    table.expand = True
    print_table(table)


def _least(groups: Iterable[ProblemGroup]) -> int:
    from rich.cells import cell_len

    return min(max(cell_len(_where(each)) for each in groups), _PLACE)


def _what(group: ProblemGroup, language: str) -> str:
    severity = said(*_SEVERITIES[group.severity], language)
    text = joined(group.first.message, group.first.advice)
    return printable(f"{severity} {group.code}: {text}")


def _where(group: ProblemGroup) -> str:
    if not group.keys:
        return printable(group.first.path)
    return _keys_said(group.keys, group.count)


def _keys_said(keys: Iterable[str], count: int) -> str:
    first = tuple(keys)[:_SHOWN_KEYS]
    more = " …" if first and count > len(first) else ""
    return printable(", ".join(first)) + more
