"""Nights in several processes, and what they submit."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
from support.batches import submissions

from alipay_mini_audit import BatchEntry, BatchPolicy, SqliteJournal, Submission
from alipay_mini_audit.batch import Binding
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.night.processes import submit_by_processes
from alipay_mini_audit.cli.night.share import Share

TESTS = Path(__file__).parents[1]
KEYS = TESTS / "vectors" / "keys"
APP_ID = "9021000000000001"


async def _nothing() -> None:
    pass


@attrs.frozen
class Some:
    """So many submissions, wherever they are read."""

    count: int

    async def __aiter__(self) -> AsyncIterator[Submission]:
        """Yield them."""
        for submission in submissions(self.count, desc="A version of a night in many processes."):
            yield submission


@attrs.frozen
class ProcessNight:
    """A night of two processes.

    Attributes:
        base_url: of the gateway.
        folder: for the journal and the credentials.
        count: how many entries it has.
    """

    base_url: str
    folder: Path
    count: int

    @property
    def journal(self) -> Path:
        """Its file."""
        return self.folder / "night.journal"

    @asynccontextmanager
    async def entries(
        self, stop: asyncio.Event | None = None
    ) -> AsyncIterator[AsyncGenerator[BatchEntry, None]]:
        """Begin it; leaving the block ends it."""
        credentials = self.folder / "alipay.toml"
        credentials.write_text(
            f"app_id = '{APP_ID}'\nprivate_key_file = '{KEYS / 'app.pkcs8.pem'}'\n"
            f"alipay_public_key_file = '{KEYS / 'alipay.public.pem'}'\n"
            "[timeouts]\nreply = 2\n"
        )
        connection = Connection(credentials=credentials, base_url=self.base_url)
        policy = BatchPolicy(concurrency=4, unknown_window=1.0, attempts=10)
        shares = [
            Share(
                source=Some(self.count),
                number=number,
                of=2,
                connection=connection,
                journal=self.journal,
                policy=policy,
            )
            for number in range(2)
        ]
        async with SqliteJournal(self.journal) as journal:
            found = submit_by_processes(
                journal,
                Binding(app_id=APP_ID, base_url=self.base_url),
                shares,
                stop=stop or asyncio.Event(),
                on_event=lambda _: None,
                on_owned=_nothing,
            )
            try:
                yield found
            finally:
                await found.aclose()

    async def run(self, stop: asyncio.Event | None = None) -> list[BatchEntry]:
        """Run it to its end."""
        async with self.entries(stop) as entries:
            return [entry async for entry in entries]


def children_of(pid: int) -> set[int]:
    """Return the processes that a process has started and that run."""
    found = (task / "children" for task in Path(f"/proc/{pid}/task").iterdir())
    pids = {int(each) for file in found for each in file.read_text().split()}
    return {each for each in pids if is_running(each)}


def is_running(pid: int) -> bool:
    """Say whether there is such a process, and it has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
