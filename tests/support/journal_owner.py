"""A process that runs a journal, submits one entry, and waits for a line before it settles it.

    PYTHONPATH=tests python -m support.journal_owner JOURNAL

It prints `sending`, then one object of JSON: what became of what it wrote afterwards.
"""

import asyncio
import json
import sys

from support.journal_scene import BINDING

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal import SqliteJournal
from alipay_mini_audit.batch.journal.row import Claim, Identity, Settlement

ONE = Identity("one", "1")
TWO = Identity("two", "1")


async def own(path: str) -> None:
    """Run the journal."""
    async with SqliteJournal(path) as journal, journal.run(BINDING) as run:
        await run.claim([Claim(identity=ONE, mini_app="m"), Claim(identity=TWO, mini_app="n")])
        place = await run.begin(ONE, 0, at=0.0, stamp="old", quota=None)
        sys.stdout.write("sending\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        settled = await run.settle(ONE, place.row.epoch, Settlement(state=EntryState.REFUSED))
        begun = await run.begin(TWO, 0, at=0.0, stamp="old", quota=None)
        extended = await run.extend(ONE, place.row.epoch, alive_until=1e10)
        facts = {"settled": settled is not None, "begun": begun.turn.name, "extended": extended}
        sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    asyncio.run(own(sys.argv[1]))
