"""What can be read of a journal on disk; each statement uses an index."""

from __future__ import annotations

import sqlite3
from typing import Final, final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Group, HoldKind, Row, Summary
from alipay_mini_audit.batch.journal.sqlite.rows import COLUMNS, from_columns

__all__ = [
    "PAGE_ROWS",
    "STATEMENTS",
    "Owner",
    "Stop",
    "TemplateCount",
    "count_stopped",
    "first_deferral",
    "read_owner",
    "read_page",
    "read_stopped",
    "read_stops",
    "read_summary",
    "read_templates",
    "sent_since",
]

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
_OWNER: Final = "SELECT app_id, base_url, host, pid, number FROM journal WHERE id = 1"
_SUBMITTED: Final = ", ".join(f"'{state}'" for state in EntryState if state.is_submitted)
_SENT_SINCE: Final = (
    "SELECT count(*), min(sending_at) FROM entries "  # noqa: S608  # constants
    f"WHERE state IN ({_SUBMITTED}, 'refused') AND sending_at >= ?"
)
_FIRST_DEFERRAL: Final = "SELECT min(retry_at) FROM entries WHERE state = 'deferred'"
_STOPPED: Final = "SELECT DISTINCT value FROM stops WHERE kind = ?"
_MAY_GO: Final = "('planned', 'sending', 'unknown', 'deferred', 'held', 'skipped')"
_STOPS: Final = {
    kind: (
        "SELECT action, value, (SELECT count(*) FROM entries "  # noqa: S608  # constants
        f"WHERE {kind.value} = value AND +state IN {_MAY_GO}) "
        f"FROM stops WHERE kind = '{kind.value}' ORDER BY value, action"
    )
    for kind in HoldKind
}
_IS_STOPPED: Final = " OR ".join(
    f"EXISTS (SELECT 1 FROM stops WHERE kind = '{kind}' AND value = {kind})"  # noqa: S608
    for kind in HoldKind
)
_COUNT_STOPPED: Final = (
    "SELECT count(*) FROM entries "  # noqa: S608  # constants
    f"WHERE state IN ('planned', 'unknown') AND ({_IS_STOPPED})"
)
_TEMPLATES: Final = (
    "SELECT template, sum(state IN ('planned', 'sending', 'unknown', 'deferred')), "  # noqa: S608
    f"sum(state IN ({_SUBMITTED}, 'sending', 'unknown') AND sending_at >= ?), "
    "coalesce((SELECT used FROM quota WHERE day = ? AND quota.template = entries.template), 0) "
    "FROM entries WHERE template > '' GROUP BY template"
)
STATEMENTS: Final = (
    *(_PAGE, _PAGE_OF_STATE, _GROUPS, _KEYS, _FENCED),
    *(_OWNER, _SENT_SINCE, _FIRST_DEFERRAL, _STOPPED, _TEMPLATES),
    *(*_STOPS.values(), _COUNT_STOPPED),
)
"""All of them, so that a test sees what they search."""


@final
@attrs.frozen(kw_only=True)
class Owner:
    """Who ran the journal last, and perhaps still does.

    Attributes:
        app_id: whose entries they are; `None` before the first run.
        base_url: where they are sent; `None` before the first run.
        host: of the last run; empty before the first.
        pid: of the last run; 0 before the first.
        runs: how many there were.
    """

    app_id: str | None
    base_url: str | None
    host: str
    pid: int
    runs: int


@final
@attrs.frozen(kw_only=True)
class Stop:
    """What an operator has put on hold or skipped.

    Attributes:
        action: `"hold"` or `"skip"`.
        kind: what `value` is.
        value: a key, a mini-program or a template.
        entries: how many entries it is about that may be sent otherwise.
    """

    action: str
    kind: HoldKind
    value: str
    entries: int


@final
@attrs.frozen(kw_only=True)
class TemplateCount:
    """The entries of a template.

    Attributes:
        template: which.
        waiting: how many may still be sent.
        used: how many places of the day's quota they have used.
    """

    template: str
    waiting: int
    used: int


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


def read_owner(db: sqlite3.Connection) -> Owner:
    """Return who ran the journal last."""
    app_id, base_url, host, pid, number = db.execute(_OWNER).fetchone()
    return Owner(app_id=app_id, base_url=base_url, host=host, pid=pid, runs=number)


def sent_since(db: sqlite3.Connection, moment: float) -> tuple[int, float | None]:
    """Count the entries that were answered, and last sent since a moment in seconds since 1970.

    Returns:
        How many, and when the first of them was sent; `None` if there is none.
    """
    count, first = db.execute(_SENT_SINCE, (moment,)).fetchone()
    return count, first


def first_deferral(db: sqlite3.Connection) -> float | None:
    """Return when the first deferred entry may be sent, in seconds since 1970; `None` for none."""
    moment: float | None = db.execute(_FIRST_DEFERRAL).fetchone()[0]
    return moment


def read_stopped(db: sqlite3.Connection) -> dict[HoldKind, frozenset[str]]:
    """Return which keys, mini-programs and templates are on hold or skipped."""
    return {
        kind: frozenset(value for (value,) in db.execute(_STOPPED, (kind.value,)))
        for kind in HoldKind
    }


def read_stops(db: sqlite3.Connection) -> list[Stop]:
    """Return what is on hold or skipped: keys, then mini-programs, then templates."""
    return [
        Stop(action=action, kind=kind, value=value, entries=count)
        for kind in HoldKind
        for action, value, count in db.execute(_STOPS[kind]).fetchall()
    ]


def count_stopped(db: sqlite3.Connection) -> int:
    """Count the entries that a run would begin with, were they not on hold or skipped."""
    count: int = db.execute(_COUNT_STOPPED).fetchone()[0]
    return count


def read_templates(db: sqlite3.Connection, day: str, begin: float) -> list[TemplateCount]:
    """Return the templates of all entries, by name.

    A run without a quota counts no places, so that the entries themselves are counted too.

    Args:
        db: a connection.
        day: in Beijing, as `2026-03-04`.
        begin: when it began, in seconds since 1970.
    """
    return [
        TemplateCount(template=template, waiting=waiting, used=max(sent or 0, counted))
        for template, waiting, sent, counted in db.execute(_TEMPLATES, (begin, day))
    ]
