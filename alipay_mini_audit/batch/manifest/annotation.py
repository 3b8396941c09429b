"""Lines of a manifest as they were, with what became of them in the columns `reason` and `code`."""

from __future__ import annotations

import json
import re
from typing import Final, final

from alipay_mini_audit.batch.manifest.columns import NOTES
from alipay_mini_audit.batch.manifest.csv_rows import row_text
from alipay_mini_audit.batch.manifest.csv_table import column_name
from alipay_mini_audit.batch.manifest.record import Record

__all__ = ["Annotator"]

_BREAK: Final = re.compile(r"(?:\r\n|\r|\n)\Z")
_NOTE_OF_TOML: Final = re.compile(rf"(?:{'|'.join(NOTES)}) = \"[^\r\n]*\"(?:\r\n|\r|\n|\Z)")


@final
class Annotator:
    """Writes the lines of one manifest again.

    Nothing else of them changes, but for quotes that a row does not need once an earlier note of it
    is replaced. A line whose form is broken stays as it is where there is no place for a note.

    Args:
        head: what stands before the entries: the names of columns, or defaults; `None` if nothing
            does.
    """

    def __init__(self, head: Record | None) -> None:
        self._names: list[str] = []
        self._separator = ""
        self._break = "\n"
        self._head = "" if head is None else head.raw
        if head is None or not head.separator:
            return
        self._separator = head.separator
        self._break = _break_of(head.raw) or "\n"
        self._names = [column_name(cell) for cell in head.cells]
        missing = [note for note in NOTES if note not in self._names]
        self._width = len(self._names)
        self._names += missing
        if missing:
            body = _body_of(head.raw)
            self._head = self._separator.join([body, *missing]) + self._break

    @property
    def head(self) -> str:
        """What stands before the entries; empty if nothing does."""
        return self._head

    def annotated(self, record: Record, reason: str, code: str) -> str:
        """Return the text of an entry, with its line break.

        Args:
            record: the entry.
            reason: why it is left, for a person.
            code: of that; may be empty.
        """
        notes = dict(zip(NOTES, (reason, code), strict=True))
        if self._separator:
            return self._of_table(record, notes)
        if record.raw.lstrip().startswith("[["):
            return _of_toml(record, notes)
        return _of_json(record, notes)

    def _of_table(self, record: Record, notes: dict[str, str]) -> str:
        cells = list(record.cells)
        if not record.values:  # its cells cannot be told apart
            return _whole(record.raw, self._break)
        added = self._names[self._width :]
        if len(cells) == self._width and len(added) == len(NOTES):
            body = _body_of(record.raw)
            return f"{body}{self._separator}{self._row([notes[each] for each in added])}"
        cells = cells[: self._width] + [""] * (len(self._names) - min(len(cells), self._width))
        for name, text in notes.items():
            cells[self._names.index(name)] = text
        return self._row(cells)

    def _row(self, cells: list[str]) -> str:
        return row_text(cells, self._separator) + self._break


def _of_json(record: Record, notes: dict[str, str]) -> str:
    try:
        found = json.loads(record.raw)
    except (ValueError, RecursionError):
        found = None
    ending = _break_of(record.raw) or "\n"
    if not isinstance(found, dict):
        return _whole(record.raw, ending)
    is_ascii = record.raw.isascii()
    if set(NOTES) & set(found):
        return json.dumps({**found, **notes}, ensure_ascii=is_ascii) + ending
    body = record.raw.rstrip().removesuffix("}").rstrip()
    added = json.dumps(notes, ensure_ascii=is_ascii).removeprefix("{")
    return f"{body}{', ' if found else ''}{added}{ending}"


def _of_toml(record: Record, notes: dict[str, str]) -> str:
    ending = _break_of(record.raw.splitlines(keepends=True)[0]) or "\n"
    first, *rest = _whole(record.raw, ending).splitlines(keepends=True)
    written = [f"{name} = {_toml_text(text)}{ending}" for name, text in notes.items()]
    while rest and _NOTE_OF_TOML.fullmatch(rest[0]):
        del rest[0]
    return "".join([first, *written, *rest])


def _toml_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _body_of(raw: str) -> str:
    return _BREAK.sub("", raw)


def _break_of(raw: str) -> str:
    found = _BREAK.search(raw)
    return found[0] if found else ""


def _whole(raw: str, ending: str) -> str:
    """Return lines that end with a line break, as the last one of a file may not."""
    return raw if _break_of(raw) else raw + ending
