"""`PackedTable`: the entries as columns, compressed as they come, for the page to unpack."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Final, final

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.report.digest import moment_of
from alipay_mini_audit.batch.report.reasons import STATE_NAMES, reasons_of, told_reason
from alipay_mini_audit.problems import printable

__all__ = ["PackedColumn", "PackedTable"]

_STATES: Final = tuple(EntryState)
_PENDING: Final = 1000
_NAMES: Final = (
    *("key", "version", "bundle", "mini", "template"),
    *("state", "reasons", "attempts", "time", "trace"),
)


@final
class PackedColumn:
    """A JSON array, of which only the compressed text is kept."""

    def __init__(self) -> None:
        self._compress = zlib.compressobj(9)
        self._packed = bytearray()
        self._pending = ["["]
        self._is_empty = True

    def add(self, value: str | int) -> None:
        """Add a value at the end."""
        if not self._is_empty:
            self._pending.append(",")
        self._is_empty = False
        self._pending.append(json.dumps(value, ensure_ascii=False))
        if len(self._pending) >= _PENDING:
            self._pack()

    def close(self) -> str:
        """Return the array, as zlib in base64; nothing can be added any more."""
        self._pending.append("]")
        self._pack()
        self._packed += self._compress.flush()
        return base64.b64encode(self._packed).decode()

    def _pack(self) -> None:
        self._packed += self._compress.compress("".join(self._pending).encode())
        self._pending.clear()


@final
class PackedTable:
    """Takes the rows of a journal.

    Args:
        language: of the reasons, "zh" or "en".
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._columns = {name: PackedColumn() for name in _NAMES}
        self._reasons: dict[tuple[EntryState, str], int] = {}
        self._sets: dict[tuple[int, ...], int] = {}
        self._time = 0
        self._count = 0

    def add(self, row: Row) -> None:
        """Add a row at the end."""
        self._count += 1
        identity = row.identity
        moment = int(moment_of(row))
        reasons = tuple(self._number(row.state, code) for code in reasons_of(row))
        values: Mapping[str, str | int] = {
            "key": printable(identity.key),
            "version": printable(identity.app_version),
            "bundle": printable(identity.bundle_id),
            "mini": printable(row.mini_app),
            "template": printable(row.template),
            "state": _STATES.index(row.state),
            "reasons": self._sets.setdefault(reasons, len(self._sets)),
            "attempts": row.attempts,
            "time": moment - self._time,  # small numbers take less space
            "trace": printable(row.trace_id or row.request_id),
        }
        self._time = moment
        for name, value in values.items():
            self._columns[name].add(value)

    def close(self) -> Mapping[str, str]:
        """Return the columns by name, each as zlib in base64; nothing can be added any more."""
        return {name: column.close() for name, column in self._columns.items()}

    def legend(self) -> Mapping[str, object]:
        """Return what the numbers in the columns stand for, as a JSON object."""
        names = STATE_NAMES[self._language]
        reasons = []
        for state, code in self._reasons:
            told = told_reason(code, state, self._language)
            shown = printable(told.code) if told.is_code else ""
            reasons.append([shown, printable(told.meaning).replace("`", ""), state.value])
        return {
            "count": self._count,
            "states": [[state.value, names[state]] for state in _STATES],
            "reasons": reasons,
            "sets": [list(each) for each in self._sets],
        }

    def number_of(self, state: EntryState, code: str) -> int | None:
        """Return the number of a reason; `None` if no row has it."""
        return self._reasons.get((state, code))

    def _number(self, state: EntryState, code: str) -> int:
        return self._reasons.setdefault((state, code), len(self._reasons))
