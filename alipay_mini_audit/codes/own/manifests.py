"""Codes of this package about manifests: the files that say what a batch submits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "bad_encoding": (
        ("a text cannot be read in its encoding.", "Save it as UTF-8, or say its encoding."),
        ("文本无法按其编码读取。", "请另存为 UTF-8，或指定编码。"),
    ),
    "bad_moment": (
        ("a value is no moment.", "Write it as 2026-11-25 22:00, or with a zone."),
        ("该值不是时间。", "请写成 2026-11-25 22:00，或带上时区。"),
    ),
    "duplicate_column": (
        ("a column, or a key of an object, is there twice.", "Leave one of them out."),
        ("列或对象的键重复。", "请去掉其中一个。"),
    ),
    "file_changed": (
        ("a file has changed since it was read.", "Read it again when nobody writes to it."),
        ("文件在读取之后发生了变化。", "请在无人写入时重新读取。"),
    ),
    "header_missing": (
        ("the first row of a table does not name its columns.", "Let it name them."),
        ("表格的第一行没有写明列名。", "请在第一行写明列名。"),
    ),
    "line_too_long": (
        ("a line of a text file has no end.", "Look whether line breaks are missing."),
        ("文本文件中有一行过长。", "请检查是否缺少换行。"),
    ),
    "manifest_empty": (
        ("a manifest has no entries.", "Give it some, or look whether it is the right file."),
        ("清单中没有条目。", "请填写条目，或检查是否选错了文件。"),
    ),
    "manifest_format": (
        (
            "the name of a manifest does not tell its format.",
            "Let it end with `.jsonl`, `.csv`, `.tsv` or `.toml`.",
        ),
        ("从文件名看不出清单的格式。", "请以 `.jsonl`、`.csv`、`.tsv` 或 `.toml` 结尾。"),
    ),
    "more_problems": (
        ("there are more problems than are listed.", "Solve those first."),
        ("问题过多，未全部列出。", "请先解决已列出的问题。"),
    ),
    "not_a_text": (
        ("a file that should be text holds null bytes.", "Save it as text in UTF-8."),
        ("应为文本的文件含有空字节。", "请另存为 UTF-8 编码的文本。"),
    ),
    "number_mangled": (
        (
            "a spreadsheet program has written a number in place of a text.",
            "Format the column as text there and enter it again.",
        ),
        ("表格软件把文本存成了数字。", "请将该列设为“文本”格式后重新填写。"),
    ),
    "quote_not_closed": (
        ("a quote of a CSV file is not closed.", "Close it; nothing behind it was read."),
        ("CSV 文件中有引号没有闭合。", "请补上引号；其后的内容均未读取。"),
    ),
    "spreadsheet_error": (
        ("a cell holds an error of a spreadsheet program.", "Mend its formula."),
        ("单元格是表格软件的错误值。", "请修正其公式。"),
    ),
    "text_behind_quote": (
        ("text stands behind the closing quote of a cell.", "Put the whole cell in quotes."),
        ("单元格的引号闭合之后还有文字。", "请将整个单元格放入引号。"),
    ),
    "token_missing": (
        ("there is no token where a line says it is.", "Set the variable, or add it to the file."),
        ("在所指的位置没有找到令牌。", "请设置环境变量，或在令牌文件中补充。"),
    ),
    "token_of_another": (
        (
            "the token of a mini-program is what another one was submitted with.",
            "Look whose token is whose.",
        ),
        ("小程序的令牌曾用于提交另一个小程序。", "请核对令牌与小程序的对应关系。"),
    ),
    "not_before_far": (
        (
            "`not_before` is more than 30 days away, and the run waits for it.",
            "Look at its year, or leave the entry to a later run.",
        ),
        (
            "`not_before` 在 30 天以后，本次运行会一直等到那时。",
            "请检查年份，或留到以后再运行。",
        ),
    ),
    "token_not_given": (
        (
            "it names a mini_app and has no token, so it goes to the application itself.",
            "Give the tokens with --tokens FILE, unless that is meant.",
        ),
        (
            "写了 mini_app 但没有令牌，将提交到应用自身。",
            "如非本意，请用 --tokens FILE 提供令牌。",
        ),
    ),
    "token_twice": (
        ("a token is given in two ways.", "Leave one of them out."),
        ("令牌以两种方式重复给出。", "请只保留一个。"),
    ),
    "tokens_unusable": (
        (
            "a file of tokens cannot be used.",
            "Write TOML, mini-program = token, or CSV with the columns the message names.",
        ),
        ("令牌文件不可用。", "请写成“小程序 = 令牌”的 TOML，或含有提示中所列各列的 CSV。"),
    ),
    "too_few_cells": (
        ("a row has fewer cells than there are columns.", "Look at line breaks in its cells."),
        ("该行的单元格少于列数。", "请检查单元格内的换行。"),
    ),
    "too_many_cells": (
        ("a row has a cell for which there is no column.", "Put cells with separators in quotes."),
        ("该行有多出的单元格。", "含有分隔符的单元格请加引号。"),
    ),
    "unknown_column": (
        ("there is no column of this name.", "Look for its spelling."),
        ("没有这个名称的列。", "请检查拼写。"),
    ),
    "unknown_table": (
        ("a manifest in TOML has another table.", "Write `[[submission]]`, `[defaults]` first."),
        ("TOML 清单中有其他表。", "请使用 `[[submission]]`，`[defaults]` 写在最前面。"),
    ),
    "version_missing": (
        ("a line does not say which version it is about.", "Give `app_version`."),
        ("该行没有版本号。", "请填写 `app_version`。"),
    ),
    "workbook": (
        ("a workbook was given in place of a text file.", 'Save it as "CSV UTF-8".'),
        ("给出的是工作簿，而不是文本文件。", "请另存为“CSV UTF-8”。"),
    ),
    "zero_lost": (
        (
            "a phone number may have lost its first 0 in a spreadsheet program.",
            "Format the column as text there.",
        ),
        ("电话号码开头的 0 可能被表格软件去掉了。", "请将该列设为“文本”格式。"),
    ),
}
"""Code -> (meaning, advice) in English, then in Chinese."""
