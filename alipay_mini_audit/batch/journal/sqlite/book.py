"""`SqliteBook`: the statements that rows, holds and quotas need; each uses an index."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Sequence
from typing import Final, final

from alipay_mini_audit.batch.journal.book import Pen, StopAction, stops_on
from alipay_mini_audit.batch.journal.names import caller_asked
from alipay_mini_audit.batch.journal.row import Claim, HoldKind, Identity, Row
from alipay_mini_audit.batch.journal.sqlite.rows import (
    COLUMNS,
    IDENTITY,
    from_columns,
    to_columns,
)

__all__ = ["STATEMENTS", "SqliteBook"]

_WHOSE: Final = " AND ".join(f"{name} = ?" for name in IDENTITY)
_NUMBER: Final = "SELECT number FROM journal WHERE id = 1"
_FIND: Final = f"SELECT {', '.join(COLUMNS)} FROM entries WHERE {_WHOSE}"  # noqa: S608  # constants
_ADD: Final = (
    f"INSERT INTO entries ({', '.join(COLUMNS)}) "  # noqa: S608  # constants
    f"VALUES ({', '.join('?' for _ in COLUMNS)})"
)
_FACTS: Final = ", ".join(f"{name} = ?" for name in COLUMNS[: -len(IDENTITY)])
_PUT: Final = f"UPDATE entries SET {_FACTS} WHERE {_WHOSE}"  # noqa: S608  # constants
_UNCHANGED: Final = "? = (SELECT data_version FROM pragma_data_version)"
_PUT_UNLESS: Final = f"{_PUT} AND {_UNCHANGED}"
_UNSENT: Final = "+state IN ('invalid', 'skipped')"
_HAS_MADE_KEY: Final = (
    "+key IN (mini_app || '@' || app_version, caller || '@' || app_version, app_version)"
)
_OTHERS: Final = " UNION ALL ".join(
    f"SELECT {', '.join(COLUMNS)} FROM entries WHERE {whose} "  # noqa: S608  # constants
    f"AND app_version = ?4 AND bundle_id = ?5 AND +key <> ?6 AND {which}"
    for which in (f"NOT ({_UNSENT})", f"{_UNSENT} AND {_HAS_MADE_KEY}")
    for whose in ("mini_app = ?1", "mini_app = ?2", "caller = ?3")
)
_OTHER: Final = f"{_OTHERS} LIMIT 1"
_FORGET: Final = f"DELETE FROM entries WHERE {_WHOSE}"  # noqa: S608  # constants
_RENAME: Final = f"UPDATE entries SET key = ? WHERE {_WHOSE}"  # noqa: S608  # constants
_STOP_TOO: Final = (
    "INSERT INTO stops (action, kind, value) "
    "SELECT action, kind, ? FROM stops WHERE kind = 'key' AND value = ? ON CONFLICT DO NOTHING"
)
_STOPS: Final = " UNION ALL ".join(
    f"SELECT action, '{kind}' FROM stops WHERE kind = '{kind}' AND value = ?"  # noqa: S608
    for kind in HoldKind
)
_HAS_STOPS: Final = "SELECT min(kind) FROM stops"
_STOP: Final = "INSERT INTO stops (action, kind, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_UNSTOP: Final = "DELETE FROM stops WHERE kind = ? AND value = ?"
_RELEASE: Final = {
    kind: (
        "UPDATE entries SET state = 'planned', reason = '', code = '', "  # noqa: S608
        "is_repeatable = 0, retry_at = 0.0, tries = 0, updated_at = ?, owner = ? "
        f"WHERE {kind.value} = ? AND +state = 'refused'"
    )
    for kind in HoldKind
}
_TAKE: Final = (
    "INSERT INTO quota (day, template, used) SELECT ?, ?, 1 WHERE ? > 0 "
    "ON CONFLICT DO UPDATE SET used = used + 1 WHERE used < ?"
)
_RETURN: Final = "UPDATE quota SET used = used - 1 WHERE day = ? AND template = ? AND used > 0"
_FENCED: Final = "UPDATE journal SET fenced = fenced + 1 WHERE id = 1"
STATEMENTS: Final = (
    *(_NUMBER, _FIND, _ADD, _PUT, _PUT_UNLESS, _OTHER, _FORGET, _RENAME, _STOP_TOO),
    *(_STOPS, _HAS_STOPS, _STOP, _UNSTOP, *_RELEASE.values()),
    *(_TAKE, _RETURN, _FENCED),
)
"""All of them but those of `_put_many`, so that a test sees what they search."""


@final
class SqliteBook:
    """A `Book` in a database.

    Args:
        db: a connection in a transaction.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def number(self) -> int:
        """See `Book`."""
        number: int = self._db.execute(_NUMBER).fetchone()[0]
        return number

    def find(self, identity: Identity) -> tuple[Row, int] | None:
        """See `Book`."""
        whose = (identity.key, identity.app_version, identity.bundle_id)
        found = self._db.execute(_FIND, whose).fetchone()
        return None if found is None else from_columns(found)

    def add(self, row: Row, run: int) -> None:
        """See `Book`."""
        self._db.execute(_ADD, to_columns(row, run))

    def put(self, row: Row, run: int) -> None:
        """See `Book`."""
        self._db.execute(_PUT, to_columns(row, run))

    def put_unless_changed(self, rows: Sequence[tuple[Row, int]], version: int) -> bool:
        """Put rows in a transaction of its own, unless another connection has written.

        Args:
            rows: as for `put`, each once.
            version: the `PRAGMA data_version` of when that was last looked at.
        """
        columns = [value for row, run in rows for value in to_columns(row, run)]
        statement = _PUT_UNLESS if len(rows) == 1 else _put_many(len(rows))
        return self._db.execute(statement, (*columns, version)).rowcount == len(rows)

    def other(self, claim: Claim) -> tuple[Row, int] | None:
        """See `Book`."""
        identity = claim.identity
        whose = (claim.mini_app, claim.caller, caller_asked(claim))
        version = (identity.app_version, identity.bundle_id, identity.key)
        found = self._db.execute(_OTHER, (*whose, *version)).fetchone()
        return None if found is None else from_columns(found)

    def rename(self, former: Identity, identity: Identity) -> None:
        """See `Book`."""
        self._db.execute(_FORGET, (identity.key, identity.app_version, identity.bundle_id))
        whose = (former.key, former.app_version, former.bundle_id)
        self._db.execute(_RENAME, (identity.key, *whose))
        self._db.execute(_STOP_TOO, (identity.key, former.key))

    def stops(self, row: Row) -> list[tuple[StopAction, HoldKind]]:
        """See `Book`."""
        found = self._db.execute(_STOPS, tuple(stops_on(row).values()))
        return [(action, HoldKind(kind)) for action, kind in found]

    def has_stops(self) -> bool:
        """Say whether anything is stopped at all."""
        return self._db.execute(_HAS_STOPS).fetchone()[0] is not None

    def stop(self, action: StopAction, kind: HoldKind, value: str) -> None:
        """See `Book`."""
        self._db.execute(_STOP, (action, kind.value, value))

    def release(self, kind: HoldKind, value: str, pen: Pen) -> None:
        """See `Book`."""
        self._db.execute(_UNSTOP, (kind.value, value))
        self._db.execute(_RELEASE[kind], (pen.clock(), pen.owner, value))

    def take_place(self, day: str, template: str, limit: int) -> bool:
        """See `Book`."""
        return self._db.execute(_TAKE, (day, template, limit, limit)).rowcount == 1

    def return_place(self, day: str, template: str) -> None:
        """See `Book`."""
        self._db.execute(_RETURN, (day, template))

    def count_fenced(self) -> None:
        """See `Book`."""
        self._db.execute(_FENCED)


@functools.cache
def _put_many(count: int) -> str:
    """Return the statement that puts some rows at once: each statement costs the same again."""
    row = f"({', '.join('?' for _ in COLUMNS)})"
    places = {name: f"new.column{place}" for place, name in enumerate(COLUMNS, start=1)}
    facts = ", ".join(f"{name} = {places[name]}" for name in COLUMNS[: -len(IDENTITY)])
    whose = " AND ".join(f"entries.{name} = {places[name]}" for name in IDENTITY)
    return (
        f"UPDATE entries SET {facts} "  # noqa: S608  # constants
        f"FROM (VALUES {', '.join([row] * count)}) AS new WHERE {whose} AND {_UNCHANGED}"
    )
