"""Rows of CSV: quotes, line breaks in them, and the line in which a row begins."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.batch.manifest.csv_rows import Row, RowFault, read_rows, row_text

CELLS = st.text(alphabet='ab ,;"\n\t。', max_size=6)


def rows(text: str, separator: str = ",") -> list[Row]:
    return list(read_rows(iter(text.splitlines(keepends=True)), separator))


def test_cells_and_lines() -> None:
    text = 'a,b\r\n\r\n"1\n2","say ""no"""\n,,\n  "x" , y\n'
    assert [(row.line, row.cells) for row in rows(text)] == [
        (1, ("a", "b")),
        (3, ("1\n2", 'say "no"')),
        (6, ("x", " y")),
    ]
    assert rows(text)[1].raw == '"1\n2","say ""no"""\n'


def test_a_quote_inside_of_a_cell_is_a_character() -> None:
    assert rows('5" screen;x"y"', ";")[0].cells == ('5" screen', 'x"y"')


@pytest.mark.parametrize("text", ['a\n"b\nc\n', 'a\n"b', 'a\n"b""\n', 'a\n"' + "\n" * 2000])
def test_a_quote_that_is_not_closed_ends_it(text: str) -> None:
    last = rows(text)[-1]
    assert (last.line, last.fault) == (2, RowFault.OPEN_QUOTE)


def test_text_behind_a_quote_is_told_and_the_next_row_read() -> None:
    first, second = rows('"a"b,c\nd,e\n')
    assert first.fault is RowFault.TEXT_BEHIND_QUOTE
    assert (second.cells, second.fault) == (("d", "e"), None)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5), st.sampled_from(",;\t"))
def test_it_reads_what_others_write(table: list[list[str]], separator: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        table
    )
    lines = iter(io.StringIO(text.getvalue(), newline=""))
    found = [list(row.cells) for row in read_rows(lines, separator)]
    assert found == [row for row in table if any(cell.strip() for cell in row)]


@given(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from(",;\t"))
def test_others_read_what_it_writes(cells: list[str], separator: str) -> None:
    text = row_text(cells, separator)
    (found,) = csv.reader(io.StringIO(text, newline=""), delimiter=separator) if text else [[""]]
    assert found == cells
