"""Journals of nights that are over, without running them."""

import hashlib
import random
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from alipay_mini_audit import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.journal.sqlite.book import SqliteBook
from alipay_mini_audit.batch.journal.sqlite.file import open_journal

__all__ = ["BEGIN", "night", "write_journal"]

BEGIN = 1_795_701_600.0
"""2026-11-26 22:00 in Beijing."""
_INVALID = (
    *["LOGO_HEIGHT_NOT_EQUAL_WIDTH"] * 8,
    *["INVALID_VERSION_DESC_LENGTH"] * 3,
    "INVALID_VERSION_DESC_LENGTH, LOGO_HEIGHT_NOT_EQUAL_WIDTH",
    "file_not_found",
)
_REFUSED = (
    *["MINI_APP_VERSION_DESC_SENSITIVE"] * 4,
    *["SUBMIT_REPEAT"] * 2,
    "invalid-app-auth-token",
    "A_CODE_OF_TOMORROW",
)


def night(count: int, seed: int = 1) -> Iterable[Row]:
    """Yield what became of some entries: most are done, and each state is there."""
    chance = random.Random(seed)
    for number in range(1, count + 1):
        kind = chance.random()
        moment = BEGIN + 7 * 3600 * number / count + chance.random() * 20
        identity = Identity(f"shop-{number:05}", f"1.{chance.randrange(9)}.{chance.randrange(30)}")
        token = hashlib.sha256(f"{seed} {number}".encode()).hexdigest()
        facts = {
            "identity": identity,
            "mini_app": f"token:{token[:16]}",
            "template": f"20210041{number % 7:08}",
            "updated_at": moment + 1,
        }
        sent = facts | {
            "attempts": 1 + (kind > 0.8),
            "sending_at": moment,
            "trace_id": f"{chance.getrandbits(128):032x}",
            "request_id": f"{chance.getrandbits(128):032x}",
        }
        if kind < 0.9:
            yield Row(**sent, state=EntryState.DONE)
        elif kind < 0.95:
            yield Row(**facts, state=EntryState.INVALID, reason=chance.choice(_INVALID))
        elif kind < 0.98:
            code = chance.choice(_REFUSED)
            yield Row(**sent, state=EntryState.REFUSED, reason=code, code=code)
        elif kind < 0.985:
            yield Row(**sent, state=EntryState.UNKNOWN, reason="outcome unknown")
        elif kind < 0.99:
            reason = "quota of the template used up"
            yield Row(**facts, state=EntryState.DEFERRED, reason=reason)
        elif kind < 0.993:
            yield Row(**facts, state=EntryState.HELD, reason="mini-program on hold")
        elif kind < 0.995:
            yield Row(**facts, state=EntryState.SKIPPED, reason="skipped")
        elif kind < 0.997:
            yield Row(**sent, state=EntryState.SENDING)
        else:
            yield Row(**facts)


def write_journal(path: Path, rows: Iterable[Row]) -> Path:
    """Make a journal that holds these rows."""
    with closing(open_journal(path)) as file:
        file.db.execute("BEGIN")
        book = SqliteBook(file.db)
        for row in rows:
            book.add(row, 1)
        file.db.execute("COMMIT")
    return path
