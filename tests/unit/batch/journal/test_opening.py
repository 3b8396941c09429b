from collections.abc import Callable

import pytest

from alipay_mini_audit.batch.journal import MemoryJournal, SqliteJournal
from alipay_mini_audit.errors import ConfigurationError

AnyJournal = MemoryJournal | SqliteJournal


async def test_a_journal_is_opened_once_at_a_time(
    make_journal: Callable[[], AnyJournal],
) -> None:
    journal = make_journal()
    for _ in range(2):
        async with journal:
            with pytest.raises(ConfigurationError) as caught:
                async with journal:
                    pass
            assert caught.value.code == "open_already"
            has_file = isinstance(journal, SqliteJournal)
            assert ("of the same file" in caught.value.advice) is has_file
            assert (await journal.summary()).total == 0, "the outer block is still open"
