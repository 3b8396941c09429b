"""What `check` prints: a table for each submission that has problems, or a line of JSON for each."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer
from rich.console import Console
from rich.text import Text

from alipay_mini_audit.cli.console import new_table, printable
from alipay_mini_audit.cli.folders.checking import Checked
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.files.layout import PLACES
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.problems import Problem, Severity, joined

if TYPE_CHECKING:
    from alipay_mini_audit.cli.folders.repair import Repaired  # needs Pillow

__all__ = ["line_of_json", "print_checked", "print_total"]

_NARROW: Final = 70
"""Columns that a table needs."""
_WORDS: Final = {Severity.ERROR: ("error", "错误"), Severity.WARNING: ("warning", "提醒")}
_STYLES: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_HEADINGS: Final = (("where", "位置"), ("what", "问题"), ("what to do", "处理方法"))


def line_of_json(checked: Checked) -> str:
    """Return what was found as a line of JSON."""
    found: dict[str, object] = {
        "submission": checked.name,
        "is_valid": not checked.errors,
        "problems": [
            {
                "path": each.path,
                "file": _named(checked.files.get(each.path)),
                "code": each.code,
                "severity": each.severity.value,
                "message": each.message,
                "advice": each.advice,
            }
            for each in checked.problems
        ],
    }
    if checked.repaired is not None:
        found["repairs"] = [
            {
                "path": each.path,
                "file": str(each.file),
                "copy": each.name,
                "steps": [english for english, _ in each.steps],
            }
            for each in checked.repaired.files
            if each.steps
        ]
    return json.dumps(found)


def print_checked(checked: Checked, language: str) -> None:
    """Print what was done and what is wrong; nothing for an entry of a manifest that is right."""
    console = Console(highlight=False)
    if checked.repaired is not None:
        _print_repairs(console, checked.repaired, language)
    if not checked.problems:
        if not checked.is_entry:
            typer.echo(f"{printable(checked.name)}{said(': all is well', '：没有问题', language)}")
        return
    typer.echo(
        f"{printable(checked.name)}{said(': ', '：', language)}{_counted(checked, language)}"
    )
    if console.width >= _NARROW:
        _print_table(console, checked, language)
    else:
        _print_lines(console, checked, language)


def print_total(submissions: int, invalid: int, language: str) -> None:
    """Print how many submissions have errors."""
    typer.echo(
        said(
            f"{invalid} of {submissions} submissions cannot be sent as they are.",
            f"{submissions} 个提交中有 {invalid} 个需要修改后才能发送。",
            language,
        )
    )


def _named(file: Path | None) -> str | None:
    return None if file is None else str(file)


def _counted(checked: Checked, language: str) -> str:
    errors, warnings = checked.errors, len(checked.problems) - checked.errors
    named = (
        (errors, f"{errors} error{'s' * (errors != 1)}", f"{errors} 个错误"),
        (warnings, f"{warnings} warning{'s' * (warnings != 1)}", f"{warnings} 个提醒"),
    )
    return said(", ", "，", language).join(
        said(*texts, language) for count, *texts in named if count
    )


def _print_table(console: Console, checked: Checked, language: str) -> None:
    table = new_table()
    table.add_column("")
    for heading, share in zip(_HEADINGS, (2, 3, 3), strict=True):
        table.add_column(said(*heading, language), ratio=share, overflow="fold")
    for problem in checked.problems:
        word = Text(said(*_WORDS[problem.severity], language), _STYLES[problem.severity])
        texts = (_where(problem, checked), problem.message, problem.advice)
        table.add_row(word, *(Text(printable(text)) for text in texts))
    console.print(table)


def _print_lines(console: Console, checked: Checked, language: str) -> None:
    for problem in checked.problems:
        line = Text(said(*_WORDS[problem.severity], language), _STYLES[problem.severity])
        line.append(f" {printable(_where(problem, checked))}", "bold")
        console.print(line, overflow="fold")
        console.print(Text(printable(joined(problem.message, problem.advice))), overflow="fold")


def _where(problem: Problem, checked: Checked) -> str:
    """Return a place as the user knows it: a file, or a key of the TOML file."""
    file = checked.files.get(problem.path)
    if file is not None:
        return _shortened(str(file), checked)
    field = problem.path.removeprefix("attachments.")
    if field in PLACES:
        return PLACES[field]
    return FIELDS[field].wire_name if field in FIELDS else _shortened(problem.path, checked)


def _shortened(path: str, checked: Checked) -> str:
    """Return a path as seen from the folder of the submission, if it is in there."""
    return path.removeprefix(f"{checked.base}{os.sep}")


def _print_repairs(console: Console, repaired: Repaired, language: str) -> None:
    done = [each for each in repaired.files if each.steps]
    if repaired.folder is None:
        nothing = (
            "There is nothing to repair; no copy was made.",
            "没有需要修复的图片，未生成副本。",
        )
        typer.echo(said(*nothing, language))
        return
    copy = printable(str(repaired.folder))
    typer.echo(said(f"Repaired copy in {copy}:", f"修复后的副本在 {copy}：", language))
    for each in done:
        steps = (said(*step, language) for step in each.steps)
        line = f"{each.file.name} → {each.name}: {said(', ', '、', language).join(steps)}"
        console.print(Text(printable(f"  {line}")), overflow="fold")
