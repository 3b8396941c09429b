"""TOML: a table `[[submission]]` for each, and `[defaults]` before them. Parsed table by table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.batch.manifest.columns import COLUMNS, unknown_column
from alipay_mini_audit.batch.manifest.json_lines import is_given
from alipay_mini_audit.batch.manifest.record import Record, shown
from alipay_mini_audit.problems import Problem, told

__all__ = ["read_toml"]

_ENTRY: Final = "submission"
_DEFAULTS: Final = "defaults"
_HEAD: Final = re.compile(rf"\s*\[\[\s*[\"']?{_ENTRY}[\"']?\s*\]\]")
_KEY: Final = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*[.=]")
_NESTED: Final = re.compile(rf"\s*\[+\s*{_ENTRY}\s*\.\s*[\"']?([A-Za-z0-9_-]+)")
_MOST_CHARACTERS: Final = 1_000_000
_CUT: Final = "\0"
_MOST_SEARCHED: Final = 300
_MOST_DOTS: Final = 100
"""A name of thousands of dotted parts costs the parser minutes."""
_TOKENS: Final = re.compile(r"""\"\"\"|'''|"(?:\\.|[^"\\])*"|'[^']*'|\#.*""", re.DOTALL)
_ENDS: Final = {
    '"""': re.compile(r'(?:\\.|[^\\])*?"""', re.DOTALL),
    "'''": re.compile(r".*?'''", re.DOTALL),
}

_NOT_TOML: Final = (
    ("from here on this is not TOML.", "Texts stand in quotes; each name is there once."),
    ("从此处起不符合 TOML 语法。", "文本要加引号，同一名称只能出现一次。"),
)
_TOO_LONG: Final = (
    ("this table has more than {limit} characters.", "Look whether a quote is not closed."),
    ("该表超过 {limit} 个字符。", "请检查引号是否闭合。"),
)
_OTHER_TABLE: Final = (
    (
        "a manifest has tables [[submission]], and [defaults] before the first of them.",
        "Write it so.",
    ),
    ("清单由 [[submission]] 组成，[defaults] 只能写在最前面。", "请按此书写。"),
)


@final
@attrs.frozen(kw_only=True)
class _Chunk:
    """The lines of one table, or those before the first one.

    Attributes:
        line: number of the first.
        lines: with their line breaks.
        lines_of: where each key of the table stands.
    """

    line: int
    lines: list[str] = attrs.field(repr=False)
    lines_of: dict[str, int]
    is_entry: bool

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.lines)


def read_toml(lines: Iterator[str], file: str) -> Iterator[Record]:
    """Yield a record for what stands before the entries, and one for each of them.

    Args:
        lines: of the manifest, with their line breaks.
        file: its name.
    """
    defaults: Mapping[str, object] | None = {}
    lines_of: Mapping[str, int] = {}
    for chunk in _chunks(lines):
        if chunk.is_entry:
            yield _record(chunk, file, defaults, lines_of)
            continue
        found, problems = _parsed(chunk, file)
        if found is not None:
            problems += _others(found, _DEFAULTS, chunk, file)
            given = found.get(_DEFAULTS)
            defaults = given if isinstance(given, dict) else {}
            lines_of = chunk.lines_of
            problems += [
                unknown_column(f"{file}:{lines_of.get(name, chunk.line)}:{shown(name)}", name)
                for name in defaults
                if name not in COLUMNS
            ]
            defaults = {name: value for name, value in defaults.items() if name in COLUMNS}
        else:
            defaults = None
        yield Record(
            file=file,
            line=chunk.line,
            raw=chunk.text,
            problems=tuple(problems),
            is_entry=False,
        )


def _record(
    chunk: _Chunk,
    file: str,
    defaults: Mapping[str, object] | None,
    lines_of: Mapping[str, int],
) -> Record:
    """Return the record of an entry.

    Args:
        chunk: its text.
        file: name of the manifest.
        defaults: for what it does not give; `None` if they cannot be read.
        lines_of: where they stand.
    """
    found, problems = _parsed(chunk, file)
    values: dict[str, object] = {}
    if found is not None:
        problems += _others(found, _ENTRY, chunk, file)
        tables = found.get(_ENTRY)
        for table in tables if isinstance(tables, list) else []:  # one, by where it was cut
            values = {name: value for name, value in table.items() if is_given(value)}
    return Record(
        file=file,
        line=chunk.line,
        values={} if defaults is None else {**defaults, **values},
        raw=chunk.text,
        lines={**lines_of, **chunk.lines_of},
        problems=tuple(problems),
        is_usable=found is not None and defaults is not None,
    )


def _others(found: Mapping[str, object], wanted: str, chunk: _Chunk, file: str) -> list[Problem]:
    """Return what is said of tables and keys that do not belong there."""
    return [
        told(f"{file}:{chunk.lines_of.get(name, chunk.line)}", "unknown_table", *_OTHER_TABLE)
        for name in found
        if name != wanted
    ]


def _chunks(lines: Iterator[str]) -> Iterator[_Chunk]:
    chunk = _Chunk(line=1, lines=[], lines_of={}, is_entry=False)
    open_quote, is_nested, size = "", False, 0
    for number, line in enumerate(lines, 1):
        if not open_quote and _HEAD.match(line):
            if chunk.lines:
                yield chunk
            chunk = _Chunk(line=number, lines=[], lines_of={}, is_entry=True)
            is_nested, size = False, 0
        elif not open_quote:
            nested = _NESTED.match(line)
            is_nested = is_nested or nested is not None
            key = nested or (None if is_nested else _KEY.match(line))
            if key is not None:
                chunk.lines_of.setdefault(key[1], number)
            if line.partition("=")[0].count(".") > _MOST_DOTS and "#" not in line:
                line = "\0\n"  # noqa: PLW2901  # it is no TOML then
        open_quote = _quote_after(line, open_quote)
        size += len(line)
        if size <= _MOST_CHARACTERS:
            chunk.lines.append(line)
        elif size - len(line) <= _MOST_CHARACTERS:
            chunk.lines.append(_CUT)  # what is cut must not count as whole
    yield chunk


def _quote_after(line: str, quote: str) -> str:
    """Return the quote of many lines that is open at the end of a line; empty for none.

    Args:
        line: with its line break.
        quote: what is open at its beginning.
    """
    at = 0
    while True:
        if quote:
            end = _ENDS[quote].match(line, at)
            if end is None:
                return quote
            at, quote = end.end(), ""
        found = _TOKENS.search(line, at)
        if found is None:
            return ""
        at = found.end()
        if found[0] in _ENDS:
            quote = found[0]


def _parsed(chunk: _Chunk, file: str) -> tuple[dict[str, object] | None, list[Problem]]:
    """Return what a chunk holds; `None` and what is wrong if it is no TOML."""
    if chunk.lines and chunk.lines[-1] == _CUT:
        limit = {"limit": f"{_MOST_CHARACTERS:,}"}
        problem = told(f"{file}:{chunk.line}", "line_too_long", *_TOO_LONG, values=limit)
        return None, [problem]
    found = _loaded(chunk.text)
    if found is None:
        line = chunk.line + _good_lines(chunk.lines)
        return None, [told(f"{file}:{line}", "not_toml", *_NOT_TOML)]
    return found, []


def _loaded(text: str) -> dict[str, object] | None:
    import tomllib  # noqa: PLC0415  # few nights are written in it

    try:
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except (ValueError, RecursionError):
        return None


def _good_lines(lines: list[str]) -> int:
    """Return how many of the first lines are TOML by themselves, without the last that is not."""
    if len(lines) > _MOST_SEARCHED:
        return 0
    good = (count for count in range(len(lines) - 1, 0, -1) if _loaded("".join(lines[:count])))
    return next(good, 0)
