"""`show_status`: how a night stands, once or again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alipay_mini_audit.batch import EntryState
from alipay_mini_audit.cli.console import plain_console, print_json, print_table, print_text
from alipay_mini_audit.cli.exits import until_stopped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.output import (
    counts_facts,
    groups_facts,
    groups_table,
)
from alipay_mini_audit.cli.night.snapshot import Snapshot, take_snapshot
from alipay_mini_audit.cli.night.words import duration_said, moment_said, state_said
from alipay_mini_audit.problems import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["show_status", "status_facts", "status_lines"]

_EACH_SECONDS: Final = 2.0
_SHOWN_STOPS: Final = 5
_STOPS: Final = {"hold": ("on hold", "已暂停"), "skip": ("skipped", "已跳过")}


def show_status(path: Path, language: str, *, watch: bool, as_json: bool) -> None:
    """Print how a night stands.

    Args:
        path: of the journal.
        language: "zh" or "en".
        watch: again every two seconds, until a signal comes.
        as_json: a program reads stdout.

    Raises:
        BatchError: there is no such journal, or it cannot be read.
        Stopped: a signal came.
    """
    if watch:
        asyncio.run(until_stopped(_watch(path, language, as_json=as_json)))
        return
    snapshot = take_snapshot(path, time.time())
    if as_json:
        print_json(status_facts(snapshot))
    else:
        _print(snapshot, language)


async def _watch(path: Path, language: str, *, as_json: bool) -> None:
    from rich.live import Live

    snapshot = await asyncio.to_thread(take_snapshot, path, time.time())
    console = plain_console()
    if as_json or not console.is_terminal:
        while True:
            if as_json:
                print_json(status_facts(snapshot))
            else:
                print_text("  ".join(status_lines(snapshot, language)))
            await asyncio.sleep(_EACH_SECONDS)
            snapshot = await asyncio.to_thread(take_snapshot, path, time.time())
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            live.update(_view(snapshot, language), refresh=True)
            await asyncio.sleep(_EACH_SECONDS)
            snapshot = await asyncio.to_thread(take_snapshot, path, time.time())


def _print(snapshot: Snapshot, language: str) -> None:
    console = plain_console()
    if console.is_terminal:
        console.print(_view(snapshot, language))
        return
    for line in status_lines(snapshot, language):  # a file or a program has no last column
        print_text(line)
    print_table(groups_table(snapshot.summary, language))


def _view(snapshot: Snapshot, language: str) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from alipay_mini_audit.cli.wrapping import Wrapped

    owner, *lines = status_lines(snapshot, language)
    return Group(
        Text(owner, overflow="ellipsis", no_wrap=True),
        *map(Wrapped, lines),
        groups_table(snapshot.summary, language),
    )


def status_lines(snapshot: Snapshot, language: str) -> list[str]:
    """Return how a night stands, but for its groups."""
    summary = snapshot.summary
    comma = said(", ", "，", language)
    counts = comma.join(
        f"{state_said(state, language)} {count}" for state, count in summary.counts.items()
    )
    entries = said(f"{summary.total} entries", f"{summary.total} 个条目", language)
    lines = [
        _owner(snapshot, language),
        f"{entries}{said(': ', '：', language)}{counts}" if counts else entries,
        _rate(snapshot, language),
    ]
    if snapshot.deferred_until is not None:
        moment = moment_said(snapshot.deferred_until, snapshot.at)
        lines.append(said(f"deferred until {moment}", f"顺延至 {moment}", language))
    lines += _stops(snapshot, language)
    if summary.fenced:
        lines.append(
            said(
                f"{summary.fenced} late writes of relieved processes refused",
                f"已拒绝被接管进程的 {summary.fenced} 次迟到写入",
                language,
            )
        )
    return lines


def _stops(snapshot: Snapshot, language: str) -> Iterator[str]:
    """Say what is on hold or skipped, before a run has met it too."""
    comma, colon = said(", ", "，", language), said(": ", "：", language)
    for action, name in _STOPS.items():
        found = [each for each in snapshot.stops if each.action == action]
        if not found:
            continue
        texts = [
            said(
                f"{each.kind} {printable(each.value)} ({each.entries})",
                f"{each.kind} {printable(each.value)}（{each.entries}）",
                language,
            )
            for each in found[:_SHOWN_STOPS]
        ]
        if len(found) > _SHOWN_STOPS:
            texts.append(f"… +{len(found) - _SHOWN_STOPS}")
        yield f"{said(*name, language)}{colon}{comma.join(texts)}"
    if snapshot.stopped:
        planned = state_said(EntryState.PLANNED, language)
        yield said(
            f"{snapshot.stopped} of those {planned} are on hold or skipped, and are not sent",
            f"“{planned}”中有 {snapshot.stopped} 个已暂停或跳过，不会提交",
            language,
        )


def _owner(snapshot: Snapshot, language: str) -> str:
    owner = snapshot.owner
    if not owner.runs:
        return said("never run", "尚未运行过", language)
    who = said(
        f"process {owner.pid} on {owner.host}", f"{owner.host} 上的进程 {owner.pid}", language
    )
    match snapshot.is_running:
        case True:
            how = said("running", "运行中", language)
        case False:
            how = said("not running; the last was", "未在运行，上次为", language)
        case _:
            how = said("last run, perhaps still, by", "最近一次（可能仍在运行）", language)
    app = printable(f"{owner.app_id} → {owner.base_url}")
    return printable(f"{how}{said(': ', '：', language)}{who} ({app})")


def _rate(snapshot: Snapshot, language: str) -> str:
    lately = said(
        f"{snapshot.sent_lately} in the last minute",
        f"最近一分钟 {snapshot.sent_lately} 个",
        language,
    )
    left = said(f"{snapshot.open} to do", f"还有 {snapshot.open} 个待处理", language)
    parts = [lately, left]
    if snapshot.ends_at is not None and snapshot.open:
        took = duration_said(snapshot.ends_at - snapshot.at, language)
        end = moment_said(snapshot.ends_at, snapshot.at)
        parts.append(said(f"about {took}, over at {end}", f"约 {took}，预计 {end} 结束", language))
    return said(", ", "，", language).join(parts)


def status_facts(snapshot: Snapshot) -> dict[str, object]:
    """Return what a program reads of a night; times are seconds since 1970."""
    owner = snapshot.owner
    return {
        "at": snapshot.at,
        "is_running": snapshot.is_running,
        "app_id": owner.app_id,
        "base_url": owner.base_url,
        "host": owner.host or None,
        "pid": owner.pid or None,
        "runs": owner.runs,
        "total": snapshot.summary.total,
        "counts": counts_facts(snapshot.summary.counts),
        "groups": groups_facts(snapshot.summary),
        "open": snapshot.open,
        "stopped": snapshot.stopped,
        "stops": [
            {
                "action": each.action,
                "kind": each.kind.value,
                "value": each.value,
                "entries": each.entries,
            }
            for each in snapshot.stops
        ],
        "last_minute": snapshot.sent_lately,
        "ends_at": snapshot.ends_at,
        "deferred_until": snapshot.deferred_until,
        "fenced": snapshot.summary.fenced,
    }
