"""The first row of a table: separators, names of columns, and cells that have none."""

import pytest

from alipay_mini_audit.batch.manifest.columns import COLUMNS
from alipay_mini_audit.batch.manifest.csv_table import open_table, read_csv
from alipay_mini_audit.batch.manifest.record import Record


def read(text: str) -> list[Record]:
    return list(read_csv(iter(text.splitlines(keepends=True)), "night.csv"))


def found(text: str) -> list[tuple[str, str]]:
    return [(each.path, each.code) for record in read(text) for each in record.problems]


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        ("key,app_version,memo", ","),
        ("key;app_version;memo", ";"),
        ("key\tapp_version\tmemo", "\t"),
        ("key，app_version，memo", "，"),
        ("\ufeffkey;app_version;memo", ";"),
        (' KEY ;"App_Version"; \uff4d\uff45mo', ";"),
        ("key", ","),
    ],
)
def test_the_separator_is_what_gives_known_columns(header: str, separator: str) -> None:
    table = open_table(iter([f"{header}\r\n"]), COLUMNS)
    assert table.separator == separator
    assert table.names == ("key", "app_version", "memo")[: len(table.names)]


def test_the_line_for_excel_and_blank_lines_before_the_header_are_passed_over() -> None:
    _, record = read("\ufeffsep=;\r\n\r\n;;\r\nkey;memo\r\na;b\r\n")
    assert (record.line, record.values, record.separator) == (5, {"key": "a", "memo": "b"}, ";")


def test_blank_cells_and_trailing_separators_are_nothing() -> None:
    header, record = read("key,app_version,,\na, ,,\n,,,\n")
    assert not header.problems
    assert record.values == {"key": "a"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key,memmo\na,b\n", [("night.csv:1:memmo", "unknown_column")]),
        ("key，memo,app_version\n", [("night.csv:1:key，memo", "unknown_column")]),
        ("key,memo,Key\na,b,c\n", [("night.csv:1:key", "duplicate_column")]),
        ("a,0.0.1,text\n", [("night.csv:1", "header_missing")]),
        ('key,"memo\na,b\n', [("night.csv:1", "quote_not_closed")]),
        ("key,memo\na,b,c\n", [("night.csv:2", "too_many_cells")]),
        ("key,,memo\na,b,c\n", [("night.csv:2", "too_many_cells")]),
        ("key,memo\na\n", [("night.csv:2", "too_few_cells")]),
        ('key,memo\n"a\n"b,c\n', [("night.csv:2", "text_behind_quote")]),
    ],
)
def test_what_is_wrong_with_columns_is_told(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_only_rows_that_use_a_doubtful_column_are_spoilt() -> None:
    _, first, second = read("key,memmo,app_version\na,b,0.0.1\nb,,0.0.2\n")
    assert not first.is_usable
    assert second.is_usable


def test_advice_names_the_column_that_was_meant_and_the_comma_that_was_not() -> None:
    (misspelt,) = read("key,app_nmae\n")[0].problems
    assert "app_name" in misspelt.advice
    (full_width,) = read("key，memo,app_version\n")[0].problems
    assert "full-width" in full_width.advice
    assert "全角" in full_width.in_language("zh").advice
