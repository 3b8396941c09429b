"""What `demo --night` prints: a story while it happens, and what came of it in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import attrs
from rich.text import Text

from alipay_mini_audit.cli.console import (
    new_table,
    print_json,
    print_table,
    print_text,
    printable,
)
from alipay_mini_audit.cli.demo.night.result import Killed, NightResult, ReasonRow
from alipay_mini_audit.cli.demo.night.scene import MISTAKES, PICTURES, Scene
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.words import state_said

__all__ = ["Story", "print_night", "print_night_as_json"]


@final
@attrs.frozen(kw_only=True)
class Story:
    """Tells a person what happens, a sentence or two at a time.

    Attributes:
        language: "zh" or "en".
        is_quiet: whether nothing is told, since a program reads stdout.
    """

    language: str
    is_quiet: bool = False

    def tell_gateway(self, base_url: str) -> None:
        """Say who is the platform."""
        self._say(
            f"A sandbox gateway on this machine is the platform: {base_url}",
            f"由本机的沙箱网关充当平台：{base_url}",
        )

    def tell_made(self, scene: Scene) -> None:
        """Say what there is to submit."""
        total, good = scene.total, len(scene.good)
        self._say(
            f"Made: a manifest of {total} entries, each a new version of another merchant's "
            f"mini-program with {PICTURES} pictures. {MISTAKES} have a mistake on purpose, so "
            f"{good} are good.",
            f"已生成清单：{total} 个条目，各为一个商家小程序的新版本，附 {PICTURES} 张图片。"
            f"其中 {MISTAKES} 个故意出错，因此 {good} 个没有问题。",
        )

    def tell_started(self, command: Sequence[str]) -> None:
        """Say what is run."""
        line = " ".join(("alipay-mini-audit", *command))
        self._say(f"Started as a program of its own: {line}", f"以独立进程启动：{line}")

    def tell_killed(self, killed: Killed, total: int) -> None:
        """Say what was known when it was killed."""
        self._say(
            f"Killed (SIGKILL) after {killed.accepted} of {total}: so many the gateway has "
            f"accepted. The journal says: {killed.done} done, {killed.under_way} being sent.",
            f"已强行终止（SIGKILL）：{total} 个中，网关已受理 {killed.accepted} 个；"
            f"日志记录 {killed.done} 个已提交，{killed.under_way} 个正在提交。",
        )

    def tell_resumed(self, window: float) -> None:
        """Say what happens to what was under way."""
        self._say(
            "Resumed with the same command. What was being sent is asked for first, never sent "
            "blindly. What the platform does not have may still be on its way, so it is sent again "
            f"after {window:g} seconds at the earliest (120 unless --unknown-window says "
            "otherwise).",
            "用同一命令继续。正在提交的条目先查询，绝不盲目重发。"
            f"平台查不到的可能还在途中，因此至少等 {window:g} 秒才重发"
            "（默认 120 秒，由 --unknown-window 指定）。",
        )

    def _say(self, english: str, chinese: str) -> None:
        if not self.is_quiet:
            print_text(said(english, chinese, self.language))


def print_night(result: NightResult, language: str) -> None:
    """Print what became of all entries, the count of the gateway, and where the report is."""
    table = new_table()
    table.add_column(said("count", "数量", language), justify="right", no_wrap=True)
    table.add_column(said("state", "状态", language), no_wrap=True)
    table.add_column(said("reason", "原因", language), overflow="fold", ratio=3)
    table.add_column(said("where", "位置", language), overflow="fold", ratio=2)
    for row in result.rows:
        meaning = row.meaning.replace("`", "")
        cells = (str(row.count), _state_said(row, language), printable(meaning), row.first)
        table.add_row(*map(Text, cells))
    print_table(table)
    if not result.count.wrong:
        good, seconds = result.good, result.seconds
        print_text(
            said(
                f"The gateway accepted each of the {good} exactly once, and nothing else "
                f"({seconds:.1f} s).",
                f"网关对这 {good} 个条目各受理恰好一次，此外没有受理任何内容（{seconds:.1f} 秒）。",
                language,
            )
        )
    print_text(said(f"Report: {result.report}", f"报告：{result.report}", language))
    print_text(said(f"Journal: {result.journal}", f"日志：{result.journal}", language))


def _state_said(row: ReasonRow, language: str) -> str:
    if row.state is None:
        return said("no entry", "不成条目", language)
    return state_said(row.state, language)


def print_night_as_json(result: NightResult) -> None:
    """Print it as one JSON object; durations are seconds."""
    print_json(
        {
            "ok": not result.count.wrong,
            "entries": result.total,
            "good": result.good,
            "killed": attrs.asdict(result.killed),
            "rows": [
                attrs.asdict(row) | {"state": None if row.state is None else row.state.value}
                for row in result.rows
            ],
            "accepted_once": result.count.once,
            "not_once": [{"name": name, "times": times} for name, times in result.count.wrong],
            "arrived": result.count.arrived,
            "seconds": round(result.seconds, 3),
            "journal": str(result.journal),
            "report": str(result.report),
        }
    )
