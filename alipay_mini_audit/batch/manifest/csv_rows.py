"""Rows of a CSV file, each with the line in which it begins, also behind quoted line breaks."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import Final, final

import attrs

__all__ = ["Row", "RowFault", "read_rows", "row_text"]

_QUOTE: Final = '"'
_BREAKS: Final = "\r\n"
_MOST_LINES: Final = 1000
_MOST_CHARACTERS: Final = 1_000_000


class RowFault(enum.Enum):
    """Why cells of a row cannot be told apart."""

    OPEN_QUOTE = "a quote is not closed"
    """Nothing can be read behind it."""
    TEXT_BEHIND_QUOTE = "text stands between a closing quote and the next separator"


@final
@attrs.frozen(kw_only=True)
class Row:
    """One row.

    Attributes:
        line: where it begins, from 1.
        cells: without quotes.
        raw: its text, with its line break.
        fault: what is wrong with its quotes; `None` if nothing is.
    """

    line: int
    cells: tuple[str, ...] = attrs.field(repr=False)
    raw: str = attrs.field(repr=False)
    fault: RowFault | None = None


def read_rows(lines: Iterator[str], separator: str, line: int = 1) -> Iterator[Row]:
    """Yield rows, those of which all cells are blank left out.

    Args:
        lines: with their line breaks.
        separator: of cells, one character.
        line: number of the first one.
    """
    number = line - 1
    for first in lines:
        number += 1
        splitter = _Splitter(separator)
        raw = [first]
        begun, size = number, len(first)
        is_whole = splitter.feed(first)
        while not is_whole:
            following = next(lines, None)
            if following is None or len(raw) >= _MOST_LINES or size > _MOST_CHARACTERS:
                break
            number += 1
            raw.append(following)
            size += len(following)
            is_whole = splitter.feed(following)
        fault = splitter.fault if is_whole else RowFault.OPEN_QUOTE
        cells = tuple(splitter.cells)
        if fault is not None or any(cell.strip() for cell in cells):
            yield Row(line=begun, cells=cells, raw="".join(raw), fault=fault)
        if not is_whole:
            return


@final
class _Splitter:
    """Splits one row, of as many lines as its quotes hold together."""

    def __init__(self, separator: str) -> None:
        self.cells: list[str] = []
        self.fault: RowFault | None = None
        self._separator = separator
        self._quoted: list[str] | None = None

    def feed(self, line: str) -> bool:
        """Take a line; `False` if the row goes on in the next one."""
        body = line.rstrip(_BREAKS)
        at = 0
        while at <= len(body):
            if self._quoted is None:
                begin = self._begin_of_quote(body, at)
                if begin is None:
                    end = self._end_of_cell(body, at)
                    self.cells.append(body[at:end])
                    at = end + 1
                    continue
                self._quoted = []
                at = begin
            closed = self._close(body, at)
            if closed is None:
                self._quoted += [body[at:].replace('""', _QUOTE), line[len(body) :]]
                return False
            at = closed
        return True

    def _begin_of_quote(self, body: str, at: int) -> int | None:
        """Return where a quoted cell begins; blanks may stand before its quote."""
        while body.startswith(" ", at):
            at += 1
        return at + 1 if body.startswith(_QUOTE, at) else None

    def _close(self, body: str, at: int) -> int | None:
        """Take what stands in quotes, and return where the next cell begins; `None` if it is open.

        Two quotes stand for one.
        """
        end = body.find(_QUOTE, at)
        while end >= 0 and body.startswith(_QUOTE, end + 1):
            end = body.find(_QUOTE, end + 2)
        if end < 0:
            return None
        quoted = [] if self._quoted is None else self._quoted
        self.cells.append("".join([*quoted, body[at:end].replace('""', _QUOTE)]))
        self._quoted = None
        behind = self._end_of_cell(body, end + 1)
        if body[end + 1 : behind].strip(" "):
            self.fault = RowFault.TEXT_BEHIND_QUOTE
        return behind + 1

    def _end_of_cell(self, body: str, at: int) -> int:
        end = body.find(self._separator, at)
        return len(body) if end < 0 else end


def row_text(cells: Sequence[str], separator: str) -> str:
    """Return a row as CSV, without its line break; quoted where it has to be.

    Args:
        cells: of the row.
        separator: of cells.
    """
    return separator.join(
        f'"{cell.replace(_QUOTE, _QUOTE * 2)}"'
        if {separator, _QUOTE, *_BREAKS} & set(cell) or cell != cell.strip()
        else cell
        for cell in cells
    )
