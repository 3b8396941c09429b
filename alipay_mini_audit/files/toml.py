"""A TOML file of a person's: what it holds, or where it is wrong. Blocking: for worker threads."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Final

from alipay_mini_audit.attachments.sources import PathSource
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.unusable import not_a_file, unreadable
from alipay_mini_audit.problems import Problem, printable, told

__all__ = ["read_toml"]

_LARGEST: Final = 8 * 1024 * 1024
"""Bytes. Thousands of submissions take less."""
_MOST_DOTS: Final = 1000
"""Keys have few. A name of thousands of dotted parts costs the parser minutes."""
_PLACE: Final = re.compile(r"line (\d+), column (\d+)")

_NOT_UTF8: Final = (
    ("it is not UTF-8 (line {line}).", "Save it as UTF-8."),
    ("文件不是 UTF-8 编码（第 {line} 行）。", "请另存为 UTF-8 编码。"),
)
_NOT_TOML: Final = (
    ("this is no TOML (line {line}, column {column}).", "Look there: quotes or brackets, mostly."),
    ("不是合法的 TOML（第 {line} 行第 {column} 列）。", "请检查该处，常见原因是引号或括号。"),
)
_TOO_LARGE: Final = (
    ("it is larger than {limit} MiB, and no file of submissions is.", "Check the path."),
    ("文件超过 {limit} MiB，不可能是提交文件。", "请检查路径。"),
)


def read_toml(file: Path) -> dict[str, object]:
    """Return what a TOML file holds; a byte order mark may begin it.

    Args:
        file: its path.

    Raises:
        ValidationError: it cannot be read, or is no TOML; line and column are told.
    """
    try:
        if not stat.S_ISREG(mode := file.stat().st_mode) and not stat.S_ISDIR(mode):
            raise ValidationError([not_a_file(_named(file), PathSource(file))])  # it could wait
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ValidationError([unreadable(_named(file), PathSource(file), error)]) from error
    if len(content) > _LARGEST:
        raise _refused(file, _TOO_LARGE, limit=_LARGEST // 1024 // 1024)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(file, _NOT_UTF8, line=content.count(b"\n", 0, error.start) + 1) from error
    return _parsed(text, file)


def _parsed(text: str, file: Path) -> dict[str, object]:
    import tomllib  # noqa: PLC0415  # few programs read a folder

    lines = text.splitlines() or [""]
    for number, line in enumerate(lines, 1):
        if line.partition("=")[0].count(".") > _MOST_DOTS:
            raise _refused(file, _NOT_TOML, line=number, column=1)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # The parser quotes what it stumbles over, which may be a password: only the place is told.
        found = _PLACE.search(str(error))
        place = found.groups() if found else (len(lines), len(lines[-1]) + 1)  # at its end
        raise _refused(file, _NOT_TOML, line=place[0], column=place[1]) from None


def _refused(
    file: Path, texts: tuple[tuple[str, str], tuple[str, str]], **values: object
) -> ValidationError:
    problem: Problem = told(_named(file), "not_toml", *texts, values=values)
    return ValidationError([problem])


def _named(file: Path) -> str:
    return printable(str(file))
