"""For how long a notification is remembered."""

import datetime

from alipay_mini_audit.notifications import MemorySeen, SeenStore

BEGIN = datetime.datetime(2026, 3, 4, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime.datetime:
        return self.now


async def test_what_was_added_is_known() -> None:
    seen = MemorySeen()
    assert isinstance(seen, SeenStore)
    assert not await seen.has("n-1")
    await seen.add("n-1")
    assert await seen.has("n-1")
    assert not await seen.has("n-2")


async def test_it_is_forgotten_after_26_hours() -> None:
    clock = Clock()
    seen = MemorySeen(clock=clock)
    await seen.add("n-1")
    clock.now += 26 * HOUR
    await seen.add("n-2")
    assert await seen.has("n-1")
    clock.now += datetime.timedelta(seconds=1)
    assert not await seen.has("n-1")
    assert await seen.has("n-2")
    assert len(seen) == 1


async def test_it_has_a_limit_and_the_oldest_goes_first() -> None:
    seen = MemorySeen(limit=2)
    for notify_id in ("n-1", "n-2", "n-1", "n-3"):
        await seen.add(notify_id)
    assert [await seen.has(f"n-{number}") for number in (1, 2, 3)] == [True, False, True]
    assert len(seen) == 2


async def test_a_clock_that_is_set_back_forgets_nothing() -> None:
    clock = Clock()
    seen = MemorySeen(clock=clock)
    await seen.add("n-1")
    clock.now -= 48 * HOUR
    await seen.add("n-2")
    assert await seen.has("n-1")
    assert await seen.has("n-2")
