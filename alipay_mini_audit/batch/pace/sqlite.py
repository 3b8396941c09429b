"""`SqlitePaceBook`: one pace for all processes of a machine that name the same file."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Final, final

import attrs

from alipay_mini_audit.batch.pace import book
from alipay_mini_audit.batch.pace.book import Reservation
from alipay_mini_audit.batch.pace.controller import PaceState
from alipay_mini_audit.batch.pace.sqlite_thread import SqliteThread
from alipay_mini_audit.errors import BatchError

__all__ = ["SqlitePaceBook"]

_APPLICATION_ID: Final = 0x414D4150
"""By which the file is known as one of these, to `file` too: "AMAP"."""
_VERSION: Final = 1
_OWNER: Final = "CREATE TABLE IF NOT EXISTS owner (app_id TEXT PRIMARY KEY) WITHOUT ROWID"
_PACE: Final = (
    "CREATE TABLE IF NOT EXISTS pace (key TEXT PRIMARY KEY, seen_at REAL, free_at REAL NOT NULL,"
    " hold_until REAL NOT NULL, peak REAL, growth REAL NOT NULL, accepted TEXT NOT NULL)"
    " WITHOUT ROWID"
)
_READ: Final = "SELECT seen_at, free_at, hold_until, peak, growth, accepted FROM pace WHERE key = ?"
_READ_LIMITS: Final = (
    "SELECT key, seen_at, free_at, hold_until, peak, growth, accepted FROM pace"
    " WHERE peak IS NOT NULL"
)
_WRITE: Final = (
    "INSERT INTO pace VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
    " seen_at = excluded.seen_at, free_at = excluded.free_at, hold_until = excluded.hold_until,"
    " peak = excluded.peak, growth = excluded.growth, accepted = excluded.accepted"
)
_FORGET: Final = "DELETE FROM pace WHERE key <> ? AND seen_at < ?"
_REMEMBERED_FOR: Final = 86_400.0
"""Seconds for which a narrower limit is kept after the last call under it."""


@final
class SqlitePaceBook:
    """A small database beside the journal; processes that name the same file keep one pace.

    Nothing is opened before the first use. A power loss may cost the last second of what was
    learnt, and harms nothing else. The file belongs on a local disk.

    Args:
        path: the file; it is made if it is not there.
        app_id: whose pace it is; a file of another application is refused.
    """

    def __init__(self, path: str | os.PathLike[str], app_id: str) -> None:
        self._path = os.fspath(path)
        self._app_id = app_id
        self._thread = SqliteThread(self._path, self._prepare)

    async def limits(self, now: float) -> Mapping[str, float]:
        """See `PaceBook`."""
        return await self._thread.run(lambda connection: self._limits(connection, now))

    async def reserve(
        self, calls: Sequence[Collection[str]], *, now: float, ceiling: float | None
    ) -> Reservation:
        """See `PaceBook`."""

        def work(connection: sqlite3.Connection) -> Reservation:
            """Do so in the thread."""
            states = self._load(connection, {key for keys in calls for key in keys})
            given = book.reserve(states, calls, now, ceiling)
            _save(connection, states)
            return given

        return await self._thread.run(work)

    async def accepted(self, counts: Mapping[str, Mapping[int, int]], *, now: float) -> None:
        """See `PaceBook`."""

        def work(connection: sqlite3.Connection) -> None:
            """Do so in the thread."""
            states = self._load(connection, counts)
            book.accept(states, counts, now)
            _save(connection, states)

        await self._thread.run(work)

    async def throttled(
        self, keys: Collection[str], *, now: float, retry_after: float | None
    ) -> Mapping[str, float]:
        """See `PaceBook`."""

        def work(connection: sqlite3.Connection) -> Mapping[str, float]:
            """Do so in the thread."""
            states = self._load(connection, keys)
            book.throttle(states, keys, now, retry_after)
            _save(connection, states)
            return self._limits(connection, now)

        return await self._thread.run(work)

    @property
    def is_closed(self) -> bool:
        """Whether nothing of it may be used any more."""
        return self._thread.is_closed

    async def aclose(self) -> None:
        """Write what is queued, close the file, and end the thread; may be called again.

        Raises:
            BatchError: the disk does not answer.
        """
        await self._thread.aclose()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        is_new = _number(connection, "SELECT count(*) FROM sqlite_schema") == 0
        application_id = _number(connection, "PRAGMA application_id")
        if application_id != _APPLICATION_ID and not (is_new and application_id == 0):
            raise self._error("is the database of another program. Name another file")
        if _number(connection, "PRAGMA user_version") > _VERSION:
            raise self._error("was written by a newer version of this package. Update it")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_OWNER)
        connection.execute(_PACE)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        if not connection.execute("SELECT count(*) FROM owner").fetchone()[0]:
            connection.execute("INSERT INTO owner VALUES (?)", (self._app_id,))
        (owner,) = connection.execute("SELECT app_id FROM owner").fetchone()
        connection.execute("COMMIT")
        if owner != self._app_id:
            raise self._error(f"holds the pace of the application {owner}. Name another file")

    def _limits(self, connection: sqlite3.Connection, now: float) -> Mapping[str, float]:
        connection.execute(_FORGET, (book.APP, now - _REMEMBERED_FOR))
        rows = connection.execute(_READ_LIMITS)
        return book.limits_of({key: self._state(*row) for key, *row in rows}, now)

    def _load(self, connection: sqlite3.Connection, keys: Collection[str]) -> dict[str, PaceState]:
        found = {key: connection.execute(_READ, (key,)).fetchone() for key in keys}
        return {key: self._state(*row) for key, row in found.items() if row is not None}

    def _state(
        self,
        seen_at: float | None,
        free_at: float,
        hold_until: float,
        peak: float | None,
        growth: float,
        accepted: str,
    ) -> PaceState:
        try:
            return PaceState(
                seen_at=None if seen_at is None else float(seen_at),
                free_at=float(free_at),
                hold_until=float(hold_until),
                peak=None if peak is None else float(peak),
                growth=float(growth),
                accepted=tuple((int(slot), int(count)) for slot, count in json.loads(accepted)),
            )
        except (TypeError, ValueError):
            raise self._error(
                "is damaged. Remove it; only what was learnt of the pace is lost"
            ) from None

    def _error(self, problem: str) -> BatchError:
        return BatchError(f"The file {self._path} {problem}.", code="pace_unusable")


def _save(connection: sqlite3.Connection, states: Mapping[str, PaceState]) -> None:
    connection.executemany(
        _WRITE,
        (
            (key, *attrs.astuple(state, recurse=False)[:-1], json.dumps(state.accepted))
            for key, state in states.items()
        ),
    )


def _number(connection: sqlite3.Connection, question: str) -> int:
    (number,) = connection.execute(question).fetchone()
    return int(number)
