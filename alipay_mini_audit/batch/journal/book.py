"""`Book`: where rows are kept, as the actions on them need it. No I/O here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, final

import attrs

from alipay_mini_audit.batch.journal.row import Claim, HoldKind, Identity, Row

__all__ = ["Book", "Pen", "StopAction", "stops_on"]

StopAction = str
"""`"hold"` or `"skip"`, as it is written down."""


@final
@attrs.frozen
class Pen:
    """Who writes.

    Attributes:
        owner: host and process.
        clock: returns seconds since 1970.
    """

    owner: str
    clock: Callable[[], float]


class Book(Protocol):
    """Rows, what is on hold, quotas and the number of the run that owns them.

    Each action on it is a transaction: whoever implements it sees to that.
    """

    def number(self) -> int:
        """Return the number of the run that owns the journal; each run has a higher one."""
        ...

    def find(self, identity: Identity) -> tuple[Row, int] | None:
        """Return a row, and the number of the run that claimed it last."""
        ...

    def add(self, row: Row, run: int) -> None:
        """Keep a new row, which a run has claimed."""
        ...

    def put(self, row: Row, run: int) -> None:
        """Keep a row instead of the one with its identity."""
        ...

    def other(self, claim: Claim) -> tuple[Row, int] | None:
        """Return another row of the same version of the same mini-program, by name or by token.

        One that is neither invalid nor skipped, if there is one; else one whose key is made.
        """
        ...

    def rename(self, former: Identity, identity: Identity) -> None:
        """Give a row another identity, instead of the row that has it, if any.

        What stops its key stops the new one too.
        """
        ...

    def stops(self, row: Row) -> list[tuple[StopAction, HoldKind]]:
        """Return what stops a row, in the order of `HoldKind`."""
        ...

    def stop(self, action: StopAction, kind: HoldKind, value: str) -> None:
        """Hold or skip; once more changes nothing."""
        ...

    def release(self, kind: HoldKind, value: str, pen: Pen) -> None:
        """Take back what stops, and plan again what was refused."""
        ...

    def take_place(self, day: str, template: str, limit: int) -> bool:
        """Use a place of a quota, if there is one."""
        ...

    def return_place(self, day: str, template: str) -> None:
        """Give a place of a quota back."""
        ...

    def count_fenced(self) -> None:
        """Count a settlement that was refused."""
        ...


def stops_on(row: Row) -> dict[HoldKind, str]:
    """Return what has to be on hold for a row not to be sent."""
    return {
        HoldKind.KEY: row.identity.key,
        HoldKind.MINI_APP: row.mini_app,
        HoldKind.TEMPLATE: row.template,
    }
