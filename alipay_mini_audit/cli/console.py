"""What any command may use to print: tables and JSON on stdout, progress bars on stderr."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TextIO, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = [
    "json_text",
    "new_table",
    "plain_console",
    "print_json",
    "print_table",
    "print_text",
    "printable",
    "progress_bars",
    "say",
]

_Step = TypeVar("_Step")


@contextlib.contextmanager
def progress_bars(
    labels: Mapping[_Step, str], total: int, *, shown: bool
) -> Iterator[Callable[[_Step], None]]:
    """Show a bar for each step of some work while it is under way, if stderr is a terminal.

    Args:
        labels: the steps, and what is printed before the bar of each.
        total: how many things have to come through each step.
        shown: `False` shows nothing at all.

    Yields:
        What to call with the step that one more thing has come through.
    """
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    is_hidden = not shown or not console.is_terminal
    progress = Progress(*columns, console=console, disable=is_hidden, transient=True)
    tasks = {step: progress.add_task(label, total=total) for step, label in labels.items()}
    progress.start()
    try:
        yield lambda step: progress.advance(tasks[step])
    finally:
        with contextlib.suppress(OSError):  # a terminal that is gone must not hide why work ended
            progress.stop()


def new_table() -> Table:
    """Return an empty table in the style of all commands."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)


def plain_console(*, err: bool = False) -> Console:
    """Return a console that prints texts as they are: keys from outside are no markup.

    Args:
        err: it is stderr's.
    """
    from rich.console import Console

    return Console(stderr=err, markup=False, emoji=False, highlight=False)


def print_table(table: Table) -> None:
    """Print a table, as wide as the terminal at most."""
    plain_console().print(table)


def print_text(text: str, *, err: bool = False) -> None:
    """Print sentences; on a terminal no word is broken, elsewhere no line is.

    Args:
        text: what to print.
        err: on stderr.
    """
    console = plain_console(err=err)
    console.print(text, soft_wrap=not console.is_terminal)


def print_json(value: object) -> None:
    """Print a JSON value on a line of its own, at once."""
    typer.echo(json_text(value))


def json_text(value: object) -> str:
    """Return a JSON value as one line for stdout.

    Characters stay as they are, but for those that could control a terminal, and all others than
    ASCII where the encoding of stdout lacks one of them.
    """
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]


def say(text: str, file: TextIO | None = None) -> None:
    """Write a line for a person; on a terminal several, which break between words.

    Args:
        text: a line.
        file: where to; `None` for stderr.
    """
    output = sys.stderr if file is None else file
    lines = [text]
    if output.isatty():
        from alipay_mini_audit.cli.help import wrapped

        lines = wrapped(text, shutil.get_terminal_size().columns)
    output.write("".join(f"{line}\n" for line in lines))
    output.flush()


def printable(text: str) -> str:
    """Return a text without the characters that could control a terminal."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
