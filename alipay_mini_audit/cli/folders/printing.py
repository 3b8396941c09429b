"""What `check` prints: a table of problems for each submission, or a line of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from alipay_mini_audit.attachments.parts import parts_of
from alipay_mini_audit.cli.console import json_text, new_table, plain_console, printable
from alipay_mini_audit.cli.folders.checking import Checked
from alipay_mini_audit.cli.folders.places import place_of
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.wrapping import Wrapped
from alipay_mini_audit.preflight.codes import RULE_CODES
from alipay_mini_audit.problems import Problem, Severity, joined

if TYPE_CHECKING:
    from alipay_mini_audit.cli.folders.repair import Repaired  # needs Pillow

__all__ = ["line_of_json", "print_checked", "print_total"]

_NARROW: Final = 70
"""Columns that a table needs."""
_WORDS: Final = {Severity.ERROR: ("error", "错误"), Severity.WARNING: ("warning", "提示")}
_STYLES: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_HEADINGS: Final = (("where", "位置"), ("what", "问题"), ("what to do", "处理方法"))
_PLACE: Final = 28
"""Columns in which a place is not broken: a longer one is."""
_SHARES: Final = (2, 3, 2)
"""How the columns of texts divide what the first one leaves."""


def line_of_json(checked: Checked, language: str) -> str:
    """Return what was found, and what was done, as a line of JSON."""
    found: dict[str, object] = {
        "submission": checked.name,
        "is_valid": not checked.errors,
        "problems": [_facts(each, checked) for each in checked.problems],
    }
    if checked.repaired is not None:
        found["repairs"] = [
            {
                "path": each.path,
                "file": str(each.file),
                "copy": each.name,
                "steps": [said(*step, language) for step in each.steps],
            }
            for each in checked.repaired.files
            if each.steps
        ]
    return json_text(found)


def _facts(problem: Problem, checked: Checked) -> dict[str, object]:
    file = checked.files.get(problem.path)
    return {
        "path": problem.path,
        "file": None if file is None else str(file),
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "advice": problem.advice,
    }


def print_checked(checked: Checked, language: str) -> None:
    """Print what was done and what is wrong; nothing for an entry of a manifest that is right."""
    console = plain_console()
    if checked.repaired is not None:
        _print_repairs(console, checked.repaired, language)
    if checked.problems:
        _print_heading(checked, _counted(checked, language), language)
        print_problems = _print_table if console.width >= _NARROW else _print_lines
        print_problems(console, checked, language)
        _print_way_out(console, checked, language)
    elif not checked.is_entry:
        _print_heading(checked, said("all is well", "没有问题", language), language)


def print_total(valid: int, language: str, *, is_all: bool) -> None:
    """Print how many submissions can be sent as they are.

    Args:
        valid: how many.
        language: "zh" or "en".
        is_all: nothing is wrong with any other.
    """
    what = "1 submission can be sent as it is" if valid == 1 else f"{valid} can be sent as they are"
    english = f"{what}." if is_all else f"{what}; the rest has errors."
    chinese = f"{valid} 个提交可以直接发送" + ("。" if is_all else "，其余有错误。")
    typer.echo(said(english, chinese, language))


def _print_way_out(console: Console, checked: Checked, language: str) -> None:
    if checked.is_left_alone:
        english = "No copy was made: correct first what cannot be read, and what is missing."
        typer.echo(said(english, "未生成副本：请先更正无法读取的内容，补上缺失的文件。", language))
    elif (
        checked.repaired is None
        and not checked.is_entry  # --fix takes no manifests
        and any(_is_mendable(each, checked) for each in checked.problems)
    ):
        english, chinese = (
            "check --fix writes a copy with repaired pictures.",
            "check --fix 可以生成图片修复后的副本。",
        )
        if not checked.is_repairable:
            english = (
                "Once what cannot be read is corrected, and what is missing is there, "
                "check --fix writes a copy with repaired pictures."
            )
            chinese = "更正无法读取的内容、补上缺失的文件后，check --fix 可以生成图片修复后的副本。"
        console.print(Wrapped(said(english, chinese, language)))


def _print_heading(checked: Checked, text: str, language: str) -> None:
    typer.echo(f"{printable(checked.name)}{said(': ', '：', language)}{text}")


def _counted(checked: Checked, language: str) -> str:
    errors, warnings = checked.errors, len(checked.problems) - checked.errors
    counts = []
    if errors:
        english = f"{errors} error{'s' * (errors > 1)}"
        counts.append(said(english, f"{errors} 个错误", language))
    if warnings:
        english = f"{warnings} warning{'s' * (warnings > 1)}"
        counts.append(said(english, f"{warnings} 个提示", language))
    return said(", ", "，", language).join(counts)


def _print_table(console: Console, checked: Checked, language: str) -> None:
    table = new_table()
    table.add_column("")
    widest = max(
        cell_len(printable(place_of(each, checked.files, checked.base)))
        for each in checked.problems
    )
    for heading, share in zip(_HEADINGS, _SHARES, strict=True):
        is_place = heading is _HEADINGS[0]
        least = min(widest, _PLACE) if is_place else None
        table.add_column(said(*heading, language), ratio=share, min_width=least, overflow="fold")
    for problem in checked.problems:
        texts = (place_of(problem, checked.files, checked.base), problem.message, problem.advice)
        table.add_row(_word(problem, language), *map(Wrapped, texts))
    console.print(table)


def _print_lines(console: Console, checked: Checked, language: str) -> None:
    for problem in checked.problems:
        line = _word(problem, language)
        line.append(f" {printable(place_of(problem, checked.files, checked.base))}", "bold")
        console.print(line, overflow="fold")
        console.print(Wrapped(joined(problem.message, problem.advice)))


def _word(problem: Problem, language: str) -> Text:
    return Text(said(*_WORDS[problem.severity], language), _STYLES[problem.severity])


def _is_mendable(problem: Problem, checked: Checked) -> bool:
    """Say whether it is about a picture that is there, and not as it should be."""
    is_archive = problem.path == parts_of("test_file")[0].location
    return problem.path in checked.files and problem.code in RULE_CODES and not is_archive


def _print_repairs(console: Console, repaired: Repaired, language: str) -> None:
    if repaired.folder is None:
        nothing = "There is nothing to repair; no copy was made."
        typer.echo(said(nothing, "没有需要修复的图片，未生成副本。", language))
        return
    copy = printable(str(repaired.folder))
    typer.echo(said(f"Repaired copy in {copy}:", f"修复后的副本在 {copy}：", language))
    for each in repaired.files:
        if each.steps:
            steps = said(", ", "、", language).join(said(*step, language) for step in each.steps)
            line = f"{each.original} → {each.name}{said(': ', '：', language)}{steps}"
            console.print(Wrapped(line))
    console.print()
