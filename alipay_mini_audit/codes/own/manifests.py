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
    "spreadsheet_error": (
        ("a cell holds an error of a spreadsheet program.", "Mend its formula."),
        ("单元格是表格软件的错误值。", "请修正其公式。"),
    ),
    "token_missing": (
        ("there is no token where a line says it is.", "Set the variable, or add it to the file."),
        ("在所指的位置没有找到令牌。", "请设置环境变量，或在令牌文件中补充。"),
    ),
    "token_twice": (
        ("a token is given in two ways.", "Leave one of them out."),
        ("令牌以两种方式重复给出。", "请只保留一个。"),
    ),
    "unknown_column": (
        ("there is no column of this name.", "Look for its spelling."),
        ("没有这个名称的列。", "请检查拼写。"),
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
            "a phone number may have lost its first zero in a spreadsheet program.",
            "Format the column as text there.",
        ),
        ("电话号码开头的 0 可能被表格软件去掉了。", "请将该列设为“文本”格式。"),
    ),
}
"""Code -> (meaning, advice) in English, then in Chinese."""
