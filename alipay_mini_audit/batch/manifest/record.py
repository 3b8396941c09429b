"""`Record`: what one line of a manifest says, before anybody knows whether it is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.problems import Problem, printable

__all__ = ["Record", "shown"]

_LONGEST = 60


@final
@attrs.frozen(kw_only=True)
class Record:
    """One line of a manifest, or one table of TOML.

    Attributes:
        file: name of the manifest.
        line: where it begins, as a text editor counts, from 1.
        values: what it gives, by column; what is blank is left out.
        raw: the text itself, with its line breaks.
        cells: of a table, the text of each cell; empty for other formats.
        separator: of the cells of a table; empty for other formats.
        lines: where a value stands, if not in `line`.
        problems: what is wrong with its form.
        is_entry: `False` for what stands before the entries: the names of columns, or defaults.
        is_usable: `False` if no submission can be made of it, even if nothing else is wrong.
        is_typed: its values have types of their own, as in JSON; those of a table are all texts.
    """

    file: str
    line: int
    values: Mapping[str, object] = attrs.field(factory=dict, repr=False)
    raw: str = attrs.field(default="", repr=False)
    cells: tuple[str, ...] = attrs.field(default=(), repr=False)
    separator: str = ""
    lines: Mapping[str, int] = attrs.field(factory=dict, repr=False)
    problems: tuple[Problem, ...] = attrs.field(default=(), repr=False)
    is_entry: bool = True
    is_usable: bool = True
    is_typed: bool = True

    @property
    def place(self) -> str:
        """Where it is, e.g. `night.csv:12`."""
        return f"{self.file}:{self.line}"

    def at(self, column: str) -> str:
        """Return where a value is, e.g. `night.csv:12:app_version`."""
        return f"{self.file}:{self.lines.get(column, self.line)}:{shown(column)}"


def shown(column: str) -> str:
    """Return the name of a column as a path of a problem has it; never long."""
    text = printable(column)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
