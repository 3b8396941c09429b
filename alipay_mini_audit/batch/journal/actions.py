"""What a run does with a journal; the same for each kind of it. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.book import Book, Pen
from alipay_mini_audit.batch.journal.changes import begun, judged, planned, settled, taken_over
from alipay_mini_audit.batch.journal.names import (
    UNSENT,
    has_made_key,
    is_named,
    is_replaceable,
    is_same_caller,
)
from alipay_mini_audit.batch.journal.row import (
    FINAL_STATES,
    Claim,
    Claimed,
    Conflict,
    HoldKind,
    Identity,
    Place,
    Row,
    Settlement,
    Turn,
)
from alipay_mini_audit.errors import BatchError
from alipay_mini_audit.models import Verdict

__all__ = ["begin", "claim", "extend", "find_current", "judge", "look", "settle", "superseded"]


def superseded() -> BatchError:
    """Return what a run is told that does not own the journal any more."""
    reason = "Another process has taken the journal over; this run ends."
    return BatchError(reason, code="batch_superseded")


def find_current(book: Book, run: int, identity: Identity, epoch: int) -> Row | None:
    """Return the row if the run owns the journal and the row has this epoch."""
    if book.number() != run:
        return None
    found = book.find(identity)
    return found[0] if found is not None and found[0].epoch == epoch else None


def claim(book: Book, run: int, claims: Sequence[Claim], pen: Pen) -> list[Claimed]:
    """Claim entries for a run.

    Raises:
        BatchError: another run owns the journal.
    """
    if book.number() != run:
        raise superseded()
    return [_claim(book, run, one, pen) for one in claims]


def _claim(book: Book, run: int, claim: Claim, pen: Pen) -> Claimed:
    found = book.find(claim.identity)
    if found is not None and found[1] == run:
        return Claimed(row=found[0], conflict=Conflict.SAME_KEY, other=claim.identity.key)
    other = book.other(claim)
    if other is not None and _goes_on(found, other, claim, run):
        book.rename(other[0].identity, claim.identity)
        found, other = book.find(claim.identity), book.other(claim)
    if found is not None and _is_of_another(found[0], claim):
        return Claimed(row=found[0], conflict=Conflict.OTHER_MINI_APP, other=found[0].mini_app)
    new = planned(claim, at=pen.clock(), owner=pen.owner)
    if other is not None and other[0].state not in UNSENT:
        conflict = Conflict.SAME_VERSION
        if found is None:  # so that whoever reads the journal finds it
            new = attrs.evolve(new, state=EntryState.INVALID, reason=conflict.value)
            book.add(new, run)
        return Claimed(
            row=found[0] if found else new, conflict=conflict, other=other[0].identity.key
        )
    stops = book.stops(new)
    if found is None:
        book.add(new, run)
        return Claimed(row=new, is_stopped=bool(stops))
    is_skipped = any(action == "skip" for action, _ in stops)
    at = pen.clock() if claim.at is None else claim.at
    row = taken_over(found[0], claim, is_skipped=is_skipped, at=at, owner=pen.owner)
    book.put(row, run)
    return Claimed(row=row, is_stopped=bool(stops))


def _goes_on(found: tuple[Row, int] | None, other: tuple[Row, int], claim: Claim, run: int) -> bool:
    """Say whether a row that another run has left goes on under the key of a claim.

    The keys of both are made of what the mini-program is called, and that has changed: a column
    `mini_app` was added, say, or taken away. It would go out once more under the other key.
    """
    row, its_run = other
    is_left = its_run != run and has_made_key(row) and has_made_key(claim)
    return is_left and (found is None or (is_replaceable(found[0]) and row.state not in UNSENT))


def _is_of_another(row: Row, claim: Claim) -> bool:
    """Say whether what was sent belongs to another mini-program, by what both were called."""
    if is_same_caller(row, claim):
        return False
    is_told = is_named(row.mini_app) and is_named(claim.mini_app)
    return bool(row.attempts) and is_told and row.mini_app != claim.mini_app


def look(book: Book, run: int, identity: Identity, epoch: int, *, anew: bool = False) -> Place:
    """Say what stops an entry now, see `JournalRun.look`."""
    row = find_current(book, run, identity, epoch)
    if row is None or (row.state in FINAL_STATES and not anew):
        found = book.find(identity)
        return Place(turn=Turn.SUPERSEDED, row=found[0] if found else Row(identity=identity))
    if stops := book.stops(row):
        return _stopped(row, stops)
    return Place(turn=Turn.GO, row=row)


def begin(
    book: Book,
    run: int,
    identity: Identity,
    epoch: int,
    *,
    at: float,
    stamp: str,
    quota: tuple[str, int] | None,
    anew: bool,
    doubt_since: float | None = None,
    pen: Pen,
) -> Place:
    """Mark an entry as being sent, see `JournalRun.begin`."""
    place = look(book, run, identity, epoch, anew=anew)
    if place.turn is not Turn.GO:
        return place
    row, day = place.row, None
    if quota is not None:
        day, limit = quota
        is_used = row.state.is_submitted  # by what was accepted
        if (is_used or row.quota_day != day) and not book.take_place(day, row.template, limit):
            return Place(turn=Turn.NO_QUOTA, row=row)
    if anew:
        row = attrs.evolve(row, doubt_since=doubt_since)  # its own is of what it was before
    row = begun(row, began=at, stamp=stamp, quota_day=day, at=pen.clock(), owner=pen.owner)
    book.put(row, run)
    return Place(turn=Turn.GO, row=row)


def _stopped(row: Row, stops: Sequence[tuple[str, HoldKind]]) -> Place:
    if any(action == "skip" for action, _ in stops):
        return Place(turn=Turn.SKIPPED, row=row)
    return Place(turn=Turn.HELD, row=row, held_by=stops[0][1])


def extend(
    book: Book, run: int, identity: Identity, epoch: int, *, alive_until: float, pen: Pen
) -> bool:
    """Note that an attempt is under way for longer; `False` if its epoch is over."""
    row = find_current(book, run, identity, epoch)
    if row is None:
        return False
    changed = attrs.evolve(row, alive_until=alive_until, updated_at=pen.clock(), owner=pen.owner)
    book.put(changed, run)
    return True


def settle(
    book: Book, run: int, identity: Identity, epoch: int, what: Settlement, pen: Pen
) -> Row | None:
    """Write down what was learnt; `None`, and it is counted, if the epoch is over."""
    row = find_current(book, run, identity, epoch)
    if row is None:
        book.count_fenced()
        return None
    if what.returns_quota and row.quota_day:
        book.return_place(row.quota_day, row.template)
    row = settled(row, what, at=pen.clock(), owner=pen.owner)
    book.put(row, run)
    return row


def judge(
    book: Book,
    run: int,
    identity: Identity,
    epoch: int,
    *,
    since: float | None,
    verdict: Verdict | None,
    pen: Pen,
) -> Row | None:
    """Write down what the platform said of an audit, see `JournalRun.judge`."""
    row = find_current(book, run, identity, epoch)
    if row is None:
        book.count_fenced()
        return None
    if not row.state.is_submitted or row.verdict is not None:
        return None
    row = judged(row, since, verdict, at=pen.clock(), owner=pen.owner)
    book.put(row, run)
    return row
