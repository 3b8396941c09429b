"""CSV as people have it: the first row names the columns, each other one is a submission."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Final, final

import attrs

from alipay_mini_audit.batch.manifest.columns import COLUMNS, unknown_column
from alipay_mini_audit.batch.manifest.csv_rows import Row, RowFault, read_rows
from alipay_mini_audit.batch.manifest.record import Record, shown
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["Table", "column_name", "open_table", "read_csv"]

_SEPARATORS: Final = (",", ";", "\t", "，")
_DIRECTIVE: Final = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)
"""The first line by which Excel is told how cells are separated."""
_INVISIBLE: Final = "\ufeff\u200b\u200c\u200d\u2060"

_NO_HEADER: Final = (
    ("the first row names no column that is known.", "Let it name them: key, app_version, ..."),
    ("第一行中没有任何已知的列名。", "请在第一行写明列名，例如 key、app_version。"),
)
_TWICE: Final = (
    ("this column is there twice.", "Leave one of them out."),
    ("该列出现了两次。", "请去掉其中一列。"),
)
_OPEN_QUOTE: Final = (
    ("the quote that begins in this row is not closed.", "Close it; nothing behind it was read."),
    ("从该行开始的引号没有闭合。", "请补上引号；其后的内容均未读取。"),
)
_BEHIND_QUOTE: Final = (
    (
        "text stands behind a closing quote.",
        'Put the whole cell in quotes, and write a quote in it twice: "".',
    ),
    ("引号闭合之后还有文字。", '请将整个单元格放入引号，其中的引号写成两个 ""。'),
)
_TOO_MANY: Final = (
    (
        "there are {count} cells, and {limit} columns.",
        "Put a cell that holds a separator in quotes.",
    ),
    ("该行有 {count} 个单元格，而只有 {limit} 列。", "含有分隔符的单元格请加引号。"),
)
_TOO_FEW: Final = (
    (
        "there are {count} cells for {limit} columns; the others count as empty.",
        "Look whether a line break in a cell is in quotes.",
    ),
    (
        "该行只有 {count} 个单元格，而共有 {limit} 列；缺少的按空处理。",
        "请检查单元格内的换行是否在引号中。",
    ),
)


@final
@attrs.frozen(kw_only=True)
class Table:
    """A table whose first row was read.

    Attributes:
        separator: of its cells.
        header: its first row; without cells if there is none.
        names: of its columns, in order, as they are compared; empty where a cell is.
        rows: those to come.
        directive: the line before the header that tells the separator; empty for none.
    """

    separator: str
    header: Row
    names: tuple[str, ...]
    rows: Iterator[Row]
    directive: str = ""


def open_table(lines: Iterator[str], known: Collection[str]) -> Table:
    """Read the first row, and find out what separates cells: whatever gives most known columns.

    Args:
        lines: with their line breaks.
        known: names of columns.
    """
    number, first, directive = 0, "", ""
    for line in lines:
        number += 1
        found = _DIRECTIVE.fullmatch(line.strip(_INVISIBLE + " \r\n"))
        if found is not None and not directive:
            directive = line
        elif line.strip(_INVISIBLE + " \t\r\n,;"):
            first = line
            break
    separator = _sniffed(first, known)
    rows = read_rows(itertools.chain([first] if first else [], lines), separator, number)
    header = next(rows, Row(line=max(number, 1), cells=(), raw=""))
    names = tuple([column_name(cell) for cell in header.cells])
    return Table(separator=separator, header=header, names=names, rows=rows, directive=directive)


def _sniffed(line: str, known: Collection[str]) -> str:
    counts = [
        sum(
            column_name(cell) in known
            for row in read_rows(iter([line]), each)
            for cell in row.cells
        )
        for each in _SEPARATORS
    ]
    return _SEPARATORS[counts.index(max(counts))]


def column_name(name: str) -> str:
    """Return the name of a column without what nobody sees in it."""
    plain = unicodedata.normalize("NFKC", name) if "，" not in name else name
    return plain.translate(dict.fromkeys(map(ord, _INVISIBLE))).strip().lower()


def read_csv(lines: Iterator[str], file: str) -> Iterator[Record]:
    """Yield a record for the first row, which is no entry, and one for each other row.

    Args:
        lines: of the manifest, with their line breaks.
        file: its name.
    """
    table = open_table(lines, COLUMNS)
    header = table.header
    problems = _header_problems(table, file)
    yield Record(
        file=file,
        line=header.line,
        raw=table.directive + header.raw,
        cells=header.cells,
        separator=table.separator,
        problems=tuple(problems),
        is_entry=False,
    )
    doubtful = {
        index
        for index, name in enumerate(table.names)
        if name and (name not in COLUMNS or table.names.count(name) > 1)
    }
    if not set(table.names) & COLUMNS:
        return
    for row in table.rows:
        yield _record(row, table, doubtful, file)


def _header_problems(table: Table, file: str) -> list[Problem]:
    place = f"{file}:{table.header.line}"
    names = [name for name in table.names if name]
    if table.header.fault is not None:
        return [_fault(place, table.header.fault)]
    if names and not set(names) & COLUMNS and not any("，" in name for name in names):
        return [told(place, "header_missing", *_NO_HEADER)]
    problems = []
    for name in dict.fromkeys(names):
        path = f"{place}:{shown(name)}"
        if name not in COLUMNS:
            problems.append(unknown_column(path, name))
        elif names.count(name) > 1:
            problems.append(told(path, "duplicate_column", *_TWICE))
    return problems


def _record(row: Row, table: Table, doubtful: set[int], file: str) -> Record:
    place = f"{file}:{row.line}"
    width = max(index for index, name in enumerate(table.names) if name) + 1
    problems = []
    if row.fault is not None:
        problems.append(_fault(place, row.fault))
    filled = [index for index, cell in enumerate(row.cells) if cell.strip()]
    counts = {"count": len(row.cells), "limit": width}
    if any(index >= len(table.names) or not table.names[index] for index in filled):
        problems.append(told(place, "too_many_cells", *_TOO_MANY, values=counts))
    elif row.fault is None and len(row.cells) < width:
        problems.append(told(place, "too_few_cells", *_TOO_FEW, Severity.WARNING, values=counts))
    is_broken = any(each.severity is Severity.ERROR for each in problems)
    return Record(
        file=file,
        line=row.line,
        values={} if is_broken else {table.names[index]: row.cells[index] for index in filled},
        raw=row.raw,
        cells=row.cells,
        separator=table.separator,
        problems=tuple(problems),
        is_usable=not is_broken and not doubtful & set(filled),
        is_typed=False,
    )


def _fault(place: str, fault: RowFault) -> Problem:
    if fault is RowFault.OPEN_QUOTE:
        return told(place, "quote_not_closed", *_OPEN_QUOTE)
    return told(place, "text_behind_quote", *_BEHIND_QUOTE)
