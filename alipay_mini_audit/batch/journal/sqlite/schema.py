"""The tables of a journal, and the steps from older ones. No I/O here.

A step that was published is never changed: add another one behind it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ADDED", "APPLICATION_ID", "STEPS"]

APPLICATION_ID: Final = 0x414D4131  # AMA1
_FIRST: Final = (
    """
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        app_id TEXT, base_url TEXT,
        number INTEGER NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
        fenced INTEGER NOT NULL
    )
    """,
    "INSERT INTO journal VALUES (1, NULL, NULL, 0, '', 0, 0)",
    """
    CREATE TABLE entries (
        seq INTEGER PRIMARY KEY,
        key TEXT NOT NULL, app_version TEXT NOT NULL, bundle_id TEXT NOT NULL,
        mini_app TEXT NOT NULL, template TEXT NOT NULL,
        state TEXT NOT NULL, epoch INTEGER NOT NULL,
        stamp TEXT NOT NULL, digest TEXT NOT NULL,
        attempts INTEGER NOT NULL, tries INTEGER NOT NULL,
        sending_at REAL, doubt_since REAL, alive_until REAL, asked_at REAL, landed INTEGER,
        outcome TEXT, is_repeatable INTEGER NOT NULL, code TEXT NOT NULL,
        retry_at REAL NOT NULL, reason TEXT NOT NULL, reply TEXT,
        request_id TEXT NOT NULL, trace_id TEXT NOT NULL, quota_day TEXT NOT NULL,
        updated_at REAL NOT NULL, owner TEXT NOT NULL, run INTEGER NOT NULL,
        UNIQUE (key, app_version, bundle_id)
    )
    """,
    "CREATE INDEX entries_by_version ON entries (mini_app, app_version, bundle_id)",
    "CREATE INDEX entries_by_template ON entries (template)",
    "CREATE INDEX entries_by_state ON entries (state)",  # and seq, as every index
    "CREATE INDEX entries_by_reason ON entries (state, reason)",
    """
    CREATE TABLE stops (
        kind TEXT NOT NULL, value TEXT NOT NULL, action TEXT NOT NULL,
        PRIMARY KEY (kind, value, action)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE quota (
        day TEXT NOT NULL, template TEXT NOT NULL, used INTEGER NOT NULL,
        PRIMARY KEY (day, template)
    ) WITHOUT ROWID
    """,
)
_VERDICTS_AND_CALLERS: Final = (
    "ALTER TABLE entries ADD COLUMN accepted_at REAL",
    "ALTER TABLE entries ADD COLUMN audit_since REAL",
    "ALTER TABLE entries ADD COLUMN verdict TEXT",
    "ALTER TABLE entries ADD COLUMN verdict_at REAL",
    "ALTER TABLE entries ADD COLUMN caller TEXT",
    "CREATE INDEX entries_by_caller ON entries (caller, app_version, bundle_id)",
)
_FORMER_ROWS: Final = ("ALTER TABLE entries ADD COLUMN former TEXT",)
STEPS: Final = (_FIRST, _VERDICTS_AND_CALLERS, _FORMER_ROWS)
"""The statements that lead to version 1, from that to version 2, and so on."""
ADDED: Final = (
    ("accepted_at", "audit_since", "verdict", "verdict_at", "caller"),
    ("former",),
)
"""The columns of version 2, of version 3, and so on."""
