"""Journals to test."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from alipay_mini_audit.batch.journal import MemoryJournal, SqliteJournal

AnyJournal = MemoryJournal | SqliteJournal
NOW = 1_800_000_000.0


def clock() -> float:
    return NOW


@pytest.fixture(params=["memory", "sqlite"])
def make_journal(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AnyJournal]:
    """Makes journals that are not open; a test that asks for this runs once with each kind."""
    if request.param == "memory":
        return lambda: MemoryJournal(clock=clock)
    return lambda: SqliteJournal(tmp_path / "night.journal", clock=clock)


@pytest.fixture
async def journal(make_journal: Callable[[], AnyJournal]) -> AsyncIterator[AnyJournal]:
    """An open journal."""
    async with make_journal() as journal:
        yield journal
