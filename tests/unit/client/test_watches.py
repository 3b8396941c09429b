import asyncio

from alipay_mini_audit.batch.pace import MemoryPaceBook, Pace
from alipay_mini_audit.client.watches import Watches
from alipay_mini_audit.verdicts import Poller


async def test_closing_ends_what_is_there_and_what_comes() -> None:
    watches = Watches()
    first, gone, late = (Poller(Pace(MemoryPaceBook(), ceiling=None)) for _ in range(3))
    watches.add(first)
    watches.add(gone)
    watches.remove(gone)
    watches.close()
    watches.close()
    watches.add(late)
    await asyncio.sleep(0)
    assert (first.is_closed, gone.is_closed, late.is_closed) == (True, False, True)
