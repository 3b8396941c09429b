"""Help in Chinese. typer writes the English one; its own words and its line breaks are English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

__all__ = ["usage", "wrapped", "write_help", "write_rows"]

_PIECE: Final = re.compile(r"（?(?:\[[^]]*\]|[!-~]+|[^\s!-~])[，。；：、）]*|\s+")
"""What no line break may part: a word, or a character, with the marks that belong to its line."""
_WIDEST_NAME: Final = 30
_GAP: Final = 2
_MARGIN: Final = 5
"""Columns less than half a line that a name may have: the longest word has to fit beside it."""
_EXTRAS: Final = {"[default: ": "[默认：", "[required]": "[必填]"}
"""What typer adds to the help of an option."""


def usage(command: Command, ctx: Context) -> str:
    """Return the line that says what a command takes."""
    return f"用法：{ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}"


def write_help(command: Command, ctx: Context, formatter: HelpFormatter) -> None:
    """Write the help of a command into a formatter, but for a group's list of commands."""
    formatter.write("\n    ".join(wrapped(usage(command, ctx), formatter.width)) + "\n")
    for paragraph in (command.help or "").split("\n\n"):
        lines = wrapped(paragraph, formatter.width - _GAP)
        formatter.write("\n" + "".join(f"  {line}\n" for line in lines))
    records: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
    for parameter in command.get_params(ctx):
        name, text = parameter.get_help_record(ctx) or ("", "")
        for english, chinese in _EXTRAS.items():
            text = text.replace(english, chinese)
        records[parameter.param_type_name].append((name, text))
    write_rows("参数", records["argument"], formatter)
    write_rows("选项", records["option"], formatter)


def write_rows(heading: str, rows: list[tuple[str, str]], formatter: HelpFormatter) -> None:
    """Write names with what they mean into a formatter.

    Args:
        heading: what is written above them.
        rows: the names, in ASCII, and the texts; with none of them nothing is written.
        formatter: says how wide the terminal is.
    """
    if not rows:
        return
    formatter.write(f"\n{heading}：\n")
    widest = min(_WIDEST_NAME, formatter.width // 2 - _MARGIN)
    column = min(max(len(name) for name, _ in rows), widest) + _GAP
    indent = " " * (column + _GAP)
    for name, text in rows:
        begin = f"  {name:<{column}}" if len(name) <= widest else f"  {name}\n{indent}"
        lines = wrapped(text, formatter.width - len(indent))
        formatter.write(begin + f"\n{indent}".join(lines) + "\n")


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text with wide characters, which may be parted anywhere.

    Args:
        text: a paragraph.
        width: columns of the terminal; a Chinese character takes two.
    """
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and cell_len(lines[-1]) + cell_len(piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]
