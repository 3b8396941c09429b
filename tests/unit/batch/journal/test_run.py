from collections.abc import Callable
from typing import TypeVar

import pytest

from alipay_mini_audit.batch.journal.book import Book, Pen
from alipay_mini_audit.batch.journal.memory import MemoryBook
from alipay_mini_audit.batch.journal.row import Claim, Identity
from alipay_mini_audit.batch.journal.run import Run, Stops
from alipay_mini_audit.errors import BatchError

T = TypeVar("T")
PEN = Pen("o", lambda: 1.0)


class Desk:
    """Carries actions out at once, and counts them."""

    def __init__(self) -> None:
        self.book = MemoryBook()
        self.count = 0

    async def transact(self, action: Callable[[Book], T], *, may_wait: bool = False) -> T:
        del may_wait
        self.count += 1
        return action(self.book)


async def test_many_claims_are_one_transaction() -> None:
    desk = Desk()
    run = Run(desk.transact, desk.book.begin_run(), PEN)
    claims = [Claim(identity=Identity(f"{n}", "1"), mini_app=f"{n}") for n in range(1000)]
    assert len(await run.claim(claims)) == 1000
    assert desk.count == 1


async def test_a_run_that_has_ended_carries_nothing_out() -> None:
    desk = Desk()
    run = Run(desk.transact, desk.book.begin_run(), PEN)
    run.end()
    with pytest.raises(BatchError):
        await run.claim([])
    assert desk.count == 0


async def test_what_is_named_wrongly_is_not_carried_out() -> None:
    desk = Desk()
    with pytest.raises(TypeError):
        await Stops(desk.transact, PEN).hold()
    assert desk.count == 0
