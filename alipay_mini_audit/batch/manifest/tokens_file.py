"""`read_tokens`: a file of tokens by mini-program. For worker threads: it blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from alipay_mini_audit.batch.manifest.csv_table import open_table
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.text_file import TextFile
from alipay_mini_audit.problems import Problem, told

__all__ = ["read_tokens"]

_NAMES: Final = ("mini_app", "app_auth_token")

_NO_FORMAT: Final = (
    ("the name of a file of tokens ends with .toml or .csv.", "Rename it."),
    ("令牌文件名应以 .toml 或 .csv 结尾。", "请修改文件名。"),
)
_NO_COLUMNS: Final = (
    ("it needs the columns mini_app and app_auth_token.", "Let its first row name them."),
    ("需要 mini_app 和 app_auth_token 两列。", "请在第一行写明列名。"),
)
_BAD_ROW: Final = (
    ("the row needs a mini-program and its token.", ""),
    ("该行应有小程序和对应的令牌。", ""),
)
_NOT_TOML: Final = (
    ("it is not TOML of the form mini_app = token.", 'Write "2021..." = "...", one a line.'),
    ("内容不是“小程序 = 令牌”形式的 TOML。", '请每行写一个 "2021..." = "..."。'),
)
_TWICE: Final = (
    ("the mini-program has another token in a row before.", "Leave one of them out."),
    ("该小程序在前面的行中有另一个令牌。", "请去掉其中一行。"),
)


def read_tokens(path: Path) -> dict[str, str]:
    """Return tokens by mini-program. Nothing of the file is shown in a problem.

    Args:
        path: TOML, `"2021..." = "token"`, all of it or in a table `[tokens]`; or CSV with the
            columns `mini_app` and `app_auth_token`.

    Raises:
        ValidationError: it cannot be read, or is neither; all problems at once.
    """
    kind = path.suffix.lower()
    if kind not in (".toml", ".csv", ".tsv", ".txt"):
        raise ValidationError([told(path.name, "tokens_unusable", *_NO_FORMAT)])
    with TextFile(path) as file:
        if kind == ".toml":
            return _of_toml("".join(file.lines()), path.name)
        return _of_csv(file.lines(), path.name)


def _of_toml(text: str, name: str) -> dict[str, str]:
    import tomllib  # noqa: PLC0415  # few nights have one

    try:
        found: object = tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and list(found) == ["tokens"] and isinstance(found["tokens"], dict):
        found = found["tokens"]
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise ValidationError([told(name, "tokens_unusable", *_NOT_TOML)])
    return found


def _of_csv(lines: Iterator[str], name: str) -> dict[str, str]:
    table = open_table(lines, _NAMES)
    if not set(_NAMES) <= set(table.names):
        raise ValidationError([told(name, "tokens_unusable", *_NO_COLUMNS)])
    which, what = (table.names.index(each) for each in _NAMES)
    tokens: dict[str, str] = {}
    problems: list[Problem] = []
    for row in table.rows:
        place = f"{name}:{row.line}"
        cells = [*row.cells, *[""] * len(table.names)]
        mini_app, token = cells[which].strip(), cells[what].strip()
        if row.fault is not None or not mini_app or not token:
            problems.append(told(place, "tokens_unusable", *_BAD_ROW))
        elif tokens.setdefault(mini_app, token) != token:
            problems.append(told(place, "tokens_unusable", *_TWICE))
    if problems:
        raise ValidationError(problems)
    return tokens
