"""`EntryGate`: an entry is `sending` in the journal before a byte of it leaves, and still its own.

A process that was frozen finds on waking that another one has taken over: nothing more of it leaves
then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from alipay_mini_audit.batch.budget import Bandwidth
from alipay_mini_audit.batch.journal.changes import LEASE_SECONDS
from alipay_mini_audit.batch.journal.row import Place, Row, Turn
from alipay_mini_audit.batch.journal.store import JournalRun
from alipay_mini_audit.batch.quota import day_in_beijing
from alipay_mini_audit.concurrency import finish
from alipay_mini_audit.errors import AuditError, SendInterrupted
from alipay_mini_audit.files import PassingHashes

__all__ = ["EntryGate", "Withheld"]


class Withheld(AuditError):
    """An entry may not be sent now.

    Attributes:
        place: why.
    """

    def __init__(self, place: Place) -> None:
        super().__init__("The journal lets this entry not go.")
        self.place = place


@final
class EntryGate:
    """Asks the journal for one attempt of one entry.

    One piece that passed it before a freeze still leaves on waking, `ClientConfig.chunk_size` at
    the most, 768 KiB by default.

    Args:
        journal: of the run.
        row: the entry.
        stamp: of what is sent.
        anew: it is another than what was accepted, refused or in doubt before.
        doubt_since: see `JournalRun.begin`.
        on_begin: called before the journal is asked: from then on, let it end.
        quota: how many entries of its template may go on a day; `None` counts none.
        bandwidth: bounds the line; `None` leaves it free.
        hashes: of what is sent; `None` takes none.
        on_sent: is called once all of it was handed over.
        now: returns the time in seconds since 1970.
        clock: returns a time that never jumps, in seconds.
    """

    def __init__(
        self,
        journal: JournalRun,
        row: Row,
        *,
        stamp: str,
        anew: bool,
        doubt_since: float | None = None,
        on_begin: Callable[[], None],
        quota: int | None,
        bandwidth: Bandwidth | None,
        hashes: PassingHashes | None,
        on_sent: Callable[[], None],
        now: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self.row = row
        self.has_begun = False
        """The journal says that it is being sent, so its outcome has to be settled."""
        self.may_have_left = False
        """From now on something of it may leave."""
        self._journal = journal
        self._stamp = stamp
        self._anew = anew
        self._doubt_since = doubt_since
        self._on_begin = on_begin
        self._quota = quota
        self._bandwidth = bandwidth
        self._hashes = hashes
        self.sent = on_sent
        self.on_read = None if hashes is None else hashes.read
        self._now = now
        self._clock = clock
        self._asked = 0.0

    @property
    def most_bytes(self) -> int | None:
        """See `PieceGate`."""
        return None if self._bandwidth is None else self._bandwidth.most_bytes

    async def before_request(self, request_id: str) -> None:
        """Write down that it is being sent; if cancelled meanwhile, know whether it says so.

        Raises:
            Withheld: something is against it.
            BatchError: it could not be written down.
        """
        del request_id
        self._on_begin()
        await finish(self._begin())
        self.may_have_left = True

    def begin(self) -> None:
        """See `PieceGate`."""
        if self._hashes is not None:
            self._hashes.begin()

    @property
    def is_open(self) -> bool:
        """See `PieceGate`."""
        return self._bandwidth is None and self._is_fresh()

    async def before_piece(self, count: int) -> None:
        """Wait for the line, and see that the entry is still this run's.

        Raises:
            SendInterrupted: it is not.
            BatchError: the journal cannot be asked.
        """
        if self._bandwidth is not None:
            await self._bandwidth.take(count)
        while not self._is_fresh():
            asked = self._clock()
            alive_until = self._now() + LEASE_SECONDS
            if not await self._journal.extend(
                self.row.identity, self.row.epoch, alive_until=alive_until
            ):
                raise SendInterrupted("Another process has taken this entry over.")
            self._asked = asked

    def _is_fresh(self) -> bool:
        return self._clock() - self._asked <= LEASE_SECONDS

    async def _begin(self) -> None:
        asked, now = self._clock(), self._now()
        quota = None if self._quota is None else (day_in_beijing(now), self._quota)
        place = await self._journal.begin(
            self.row.identity,
            self.row.epoch,
            at=now,
            stamp=self._stamp,
            quota=quota,
            anew=self._anew,
            doubt_since=self._doubt_since,
        )
        self.row = place.row
        self._asked = asked
        if place.turn is not Turn.GO:
            raise Withheld(place)
        self.has_begun = True
