"""What the demo prints: a progress bar on stderr, and a table or a JSON object on stdout."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from alipay_mini_audit.cli.demo.report import DemoReport, Step, VersionResult

__all__ = ["print_json", "print_table", "printable", "progress_bar"]

_MB: Final = 1024 * 1024


@contextlib.contextmanager
def progress_bar(total: int, *, shown: bool) -> Iterator[Callable[[Step], None]]:
    """Show a bar for each step while the versions are under way, if stderr is a terminal.

    Args:
        total: how many versions there are.
        shown: `False` shows nothing at all.

    Yields:
        What to call when a version has come a step further.
    """
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    hidden = not shown or not console.is_terminal
    with Progress(*columns, console=console, disable=hidden, transient=True) as progress:
        tasks = {step: progress.add_task(step.value.capitalize(), total=total) for step in Step}
        yield lambda step: progress.advance(tasks[step])


def print_table(report: DemoReport) -> None:
    """Print a row for each version, and what it comes to."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in ("version", "files", "MB", "seconds"):
        table.add_column(name, justify="left" if name == "version" else "right", no_wrap=True)
    table.add_column("trace id", overflow="fold")
    table.add_column("checked", overflow="fold")
    for result in report.results:
        table.add_row(*_row(result))
    console = Console()
    console.print(table)
    typer.echo(_summary(report))


def print_json(report: DemoReport) -> None:
    """Print the report as one JSON object.

    Sizes are bytes, durations seconds, `mb` is 1024 * 1024 bytes.
    """
    shown = {
        "ok": not report.problems,
        "versions": len(report.results),
        "files": report.files,
        "bytes": report.size,
        "seconds": round(report.seconds, 3),
        "mb_per_second": round(report.size / _MB / report.seconds, 3),
        "cancelled": report.cancelled,
        "results": [
            {
                "version": result.version,
                "files": result.files,
                "bytes": result.size,
                "seconds": round(result.seconds, 3),
                "trace_id": result.trace_id,
                "checked": not result.problems,
            }
            for result in report.results
        ],
        "problems": list(report.problems),
    }
    typer.echo(json.dumps(shown, indent=2))


def printable(text: str) -> str:
    """Return a text without what could steer a terminal."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _row(result: VersionResult) -> list[Text]:
    checked = (
        Text("; ".join(result.problems), "red") if result.problems else Text("all equal", "green")
    )
    plain = (result.version, str(result.files), f"{result.size / _MB:.2f}", f"{result.seconds:.2f}")
    return [*map(Text, plain), Text(result.trace_id or "-"), checked]


def _summary(report: DemoReport) -> str:
    megabytes = report.size / _MB
    cancelled = f", {report.cancelled} withdrawn" if report.cancelled else ""
    speed = f"{report.seconds:.1f} s, {megabytes / report.seconds:.1f} MB/s"
    return f"{len(report.results)} versions, {report.files} files, {megabytes:.1f} MB, {speed}{cancelled}"
