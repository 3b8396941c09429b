"""What can be read of a journal on disk; each statement uses an index."""

from __future__ import annotations

import sqlite3
from typing import Final

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Group, Row, Summary
from alipay_mini_audit.batch.journal.sqlite.rows import COLUMNS, from_columns

__all__ = ["PAGE_ROWS", "STATEMENTS", "read_page", "read_summary"]

PAGE_ROWS: Final = 500
_FIRST_KEYS: Final = 10
_SELECT: Final = f"SELECT {', '.join(COLUMNS)}, seq FROM entries WHERE"  # noqa: S608  # constants
_PAGE: Final = f"{_SELECT} seq > ? ORDER BY seq LIMIT {PAGE_ROWS}"
_PAGE_OF_STATE: Final = f"{_SELECT} seq > ? AND state = ? ORDER BY seq LIMIT {PAGE_ROWS}"
_GROUPS: Final = (
    "SELECT state, reason, count(*) FROM entries GROUP BY state, reason ORDER BY 3 DESC, 1, 2"
)
_KEYS: Final = (
    "SELECT key FROM entries WHERE state = ? AND reason = ? "  # noqa: S608
    f"ORDER BY seq LIMIT {_FIRST_KEYS}"
)
_FENCED: Final = "SELECT fenced FROM journal WHERE id = 1"
STATEMENTS: Final = (_PAGE, _PAGE_OF_STATE, _GROUPS, _KEYS, _FENCED)
"""All of them, so that a test sees what they search."""


def read_page(
    db: sqlite3.Connection, after: int, state: EntryState | None
) -> tuple[list[Row], int]:
    """Return the next rows in the order of their planning, and behind which the others come.

    Args:
        db: a connection.
        after: behind which rows to begin; 0 for the first.
        state: of the rows; `None` for any.
    """
    if state is None:
        found = db.execute(_PAGE, (after,)).fetchall()
    else:
        found = db.execute(_PAGE_OF_STATE, (after, state.value)).fetchall()
    rows = [from_columns(columns[:-1])[0] for columns in found]
    return rows, found[-1][-1] if found else after


def read_summary(db: sqlite3.Connection) -> Summary:
    """Count entries by state and reason; call it in a transaction."""
    groups = []
    counts: dict[EntryState, int] = {}
    for state_text, reason, count in db.execute(_GROUPS).fetchall():
        state = EntryState(state_text)
        keys = tuple(key for (key,) in db.execute(_KEYS, (state_text, reason)))
        groups.append(Group(state=state, reason=reason, count=count, keys=keys))
        counts[state] = counts.get(state, 0) + count
    fenced = db.execute(_FENCED).fetchone()[0]
    return Summary(counts=counts, groups=tuple(groups), fenced=fenced)
