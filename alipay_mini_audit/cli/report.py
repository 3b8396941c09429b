"""Reads a journal once, and writes what was asked for: nothing is kept but counts and columns."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TextIO, final

import attrs
import typer

from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.journal.sqlite.faults import batch_error
from alipay_mini_audit.batch.journal.sqlite.file import open_to_read
from alipay_mini_audit.batch.journal.sqlite.reading import PAGE_ROWS, Owner, read_owner, read_page
from alipay_mini_audit.batch.report import (
    JUNIT_TAIL,
    STATE_NAMES,
    STATES,
    Digest,
    PackedTable,
    PageParts,
    csv_head,
    csv_line,
    junit_case,
    junit_head,
    moment_of,
    report_page,
    seconds_taken,
    verdict_line,
)
from alipay_mini_audit.batch.report.spreadsheet import CSV_BEGINNING
from alipay_mini_audit.cli.console import new_table, print_json, print_table
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.resources import text_beside
from alipay_mini_audit.cli.writing import keep_others, written_whole
from alipay_mini_audit.problems import printable

__all__ = ["Wanted", "keep_other_files", "make_report", "tell_report"]

_TEMPLATES: Final = "alipay_mini_audit.batch.report"
_CODE_COLUMNS: Final = 32
_HTML: Final = "<!doctype html><!-- alipay-mini-audit report -->"
_XML: Final = junit_head("", {}).partition("tests=")[0]
_Writer = Callable[[Row], None]


@final
@attrs.frozen(kw_only=True)
class Wanted:
    """What to make of a journal.

    Attributes:
        html: where the page goes; `None` for no page, and likewise below.
        csv: where the table goes.
        junit: where the test cases go.
        as_json: print a JSON object for each entry, and one of the whole.
        left_out: how many lines of the manifest are no entries; `None` if nobody knows.
    """

    html: Path | None = None
    csv: Path | None = None
    junit: Path | None = None
    as_json: bool = False
    left_out: int | None = None


def keep_other_files(wanted: Wanted, language: str) -> None:
    """Return if reports may go where they are wanted.

    Raises:
        CommandFailed: a file that is no earlier report is in the way.
        OSError: a file there cannot be read.
    """
    for place, beginning in (
        (wanted.html, _HTML),
        (wanted.csv, CSV_BEGINNING),
        (wanted.junit, _XML),
    ):
        if place is not None:
            keep_others(place, beginning, language)


def make_report(journal: Path, wanted: Wanted, language: str) -> Digest:
    """Read a journal, and write what is wanted; whoever runs it meanwhile goes on.

    Args:
        journal: its file.
        wanted: what to make of it.
        language: "zh" or "en".

    Returns:
        What there is to say of all entries.

    Raises:
        BatchError: it is no journal, or cannot be read.
        CommandFailed: a file that is no earlier report is in the way.
        OSError: a file cannot be written; what was there before is still there.
    """
    keep_other_files(wanted, language)
    digest = Digest(language)
    with contextlib.ExitStack() as stack:
        owner, rows = stack.enter_context(_rows_of(journal))
        writers: list[_Writer] = [digest.add]
        if wanted.csv is not None:
            writers.append(_csv(stack.enter_context(written_whole(wanted.csv)), language))
        if wanted.junit is not None:
            file = stack.enter_context(written_whole(wanted.junit))
            writers.append(stack.enter_context(_junit(file, journal.name, digest, language)))
        if wanted.html is not None:
            file = stack.enter_context(written_whole(wanted.html))
            page = _page(file, journal.name, owner, digest, language, wanted.left_out)
            writers.append(stack.enter_context(page))
        if wanted.as_json:
            writers.append(_print_entry)
        for row in rows:
            for write in writers:
                write(row)
    return digest


@contextlib.contextmanager
def _rows_of(journal: Path) -> Iterator[tuple[Owner, Iterator[Row]]]:
    """Open a journal as it is now, so that all that is made of it tells the same."""
    file = open_to_read(journal.resolve())
    try:
        with contextlib.closing(file):
            file.db.execute("BEGIN")
            yield read_owner(file.db), _pages(file.db)
    except sqlite3.Error as error:
        raise batch_error(journal, error) from error


def _pages(db: sqlite3.Connection) -> Iterator[Row]:
    seq = 0
    while True:
        page, seq = read_page(db, after=seq, state=None)
        yield from page
        if len(page) < PAGE_ROWS:
            return


def _csv(file: TextIO, language: str) -> _Writer:
    file.write(csv_head())
    return lambda row: _ignore(file.write(csv_line(row, language)))


@contextlib.contextmanager
def _junit(file: TextIO, name: str, digest: Digest, language: str) -> Iterator[_Writer]:
    file.write(junit_head(name, {}))
    yield lambda row: _ignore(file.write(junit_case(row, name, language)))
    file.write(JUNIT_TAIL)
    if file.seekable():
        file.seek(0)
        file.write(junit_head(name, digest.counts))


@contextlib.contextmanager
def _page(
    file: TextIO, name: str, owner: Owner, digest: Digest, language: str, left_out: int | None
) -> Iterator[_Writer]:
    table = PackedTable(language)
    yield table.add
    parts = PageParts(
        html=text_beside(_TEMPLATES, "page.html"),
        css=text_beside(_TEMPLATES, "page.css"),
        js=text_beside(_TEMPLATES, "page.js"),
    )
    whose = " → ".join(filter(None, (owner.app_id, owner.base_url)))
    page = report_page(
        *(parts, name, whose, digest, table),
        now=time.time(),
        language=language,
        left_out=left_out,
    )
    file.write(page)


def _print_entry(row: Row) -> None:
    identity = row.identity
    facts = {
        "key": identity.key,
        "app_version": identity.app_version,
        "bundle_id": identity.bundle_id or None,
        "mini_app": row.mini_app,
        "template_id": row.template or None,
        "state": row.state.value,
        "reason": row.reason,
        "attempts": row.attempts,
        "time": moment_of(row),
        "request_id": row.request_id or None,
        "trace_id": row.trace_id or None,
        "verdict": None if row.verdict is None else row.verdict.to_json(),
        "verdict_at": row.verdict_at,
        "verdict_seconds": None if row.verdict is None else seconds_taken(row),
    }
    print_json(facts)


def _ignore(_: int) -> None:
    """Forget how many characters were written."""


def tell_report(digest: Digest, wanted: Wanted, language: str) -> None:
    """Print what remains to be said: the whole, where the files are, or a summary."""
    files = [file for file in (wanted.html, wanted.csv, wanted.junit) if file is not None]
    if wanted.as_json:
        print_json({"summary": digest.document()})
    elif not files:
        _print_digest(digest, language)
    for file in () if wanted.as_json else files:
        name = printable(str(file))
        typer.echo(said(f"Written: {name}", f"已写入：{name}", language))


def _print_digest(digest: Digest, language: str) -> None:
    """Print reasons and counts for a person; the counts last, where a small terminal shows them."""
    from rich.text import Text

    names = STATE_NAMES[language]
    table = new_table()
    table.add_column(said("entries", "条目数", language), justify="right")
    table.add_column(said("state", "状态", language))
    table.add_column(said("reason", "原因", language), overflow="fold")
    groups = digest.groups()
    widest = max((len(group.reason.code) for group in groups if group.reason.is_code), default=0)
    table.add_column(
        said("code", "错误码", language),
        overflow="fold",
        min_width=min(widest, _CODE_COLUMNS),  # a code in two pieces cannot be copied
        max_width=_CODE_COLUMNS,
    )
    for group in groups:
        reason = group.reason
        is_bare = reason.is_code and reason.meaning == reason.code
        meaning = "" if is_bare else reason.meaning.replace("`", "")
        code = reason.code if reason.is_code else ""
        # As Text, since rich would take what is in brackets for its own.
        cells = (f"{group.count:,}", names[group.state], printable(meaning), printable(code))
        table.add_row(*map(Text, cells))
    if table.row_count:
        print_table(table)
    counts = "  ".join(
        f"{names[state]} {digest.counts[state]:,}" for state in STATES if digest.counts[state]
    )
    entries = said(f"{digest.total:,} entries", f"{digest.total:,} 个条目", language)
    typer.echo(f"{entries}  {counts}".rstrip())
    if told := verdict_line(digest, language):
        typer.echo(told)
