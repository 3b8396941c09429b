"""What a book does to the limits of a call, and the one in memory."""

import pytest

from alipay_mini_audit.batch.pace.book import AHEAD, APP, MemoryPaceBook
from alipay_mini_audit.batch.pace.controller import slot_of

NOW = 1_800_000_000.0
CALL = (APP,)
OF_SHOP = (APP, "merchant:1")


async def test_an_empty_book_knows_no_limit() -> None:
    book = MemoryPaceBook()
    assert await book.limits(NOW) == {}
    given = await book.reserve([CALL] * 5, now=NOW, ceiling=None)
    assert given.moments == (NOW,) * 5


async def test_only_near_moments_are_given_and_at_least_one() -> None:
    book = MemoryPaceBook()
    given = await book.reserve([CALL] * 50, now=NOW, ceiling=100.0)
    expected = [NOW + number / 100 for number in range(len(given.moments))]
    assert given.moments == pytest.approx(expected, abs=1e-5)
    assert given.moments[-1] <= NOW + AHEAD + 0.001
    assert len(given.moments) >= 10
    assert given.free_at == pytest.approx(given.moments[-1] + 0.01)
    slow = await MemoryPaceBook().reserve([CALL] * 50, now=NOW, ceiling=0.5)
    assert slow.moments == (NOW,)
    assert slow.free_at == NOW + 2


async def test_a_call_has_the_latest_of_its_keys_moments() -> None:
    book = MemoryPaceBook()
    await book.accepted({APP: {slot_of(NOW): 40}}, now=NOW)
    await book.throttled(OF_SHOP, now=NOW, retry_after=None)
    assert set(await book.limits(NOW)) == set(OF_SHOP)
    first = await book.reserve([OF_SHOP, CALL, OF_SHOP], now=NOW, ceiling=None)
    assert first.moments[0] == NOW
    assert first.moments[1] == pytest.approx(NOW + 1 / 36)
    assert first.moments[2] == pytest.approx(NOW + 2), "the shop is at the floor"


async def test_the_limits_say_until_when_no_call_may_start() -> None:
    book = MemoryPaceBook()
    limits = await book.throttled(CALL, now=NOW, retry_after=7.0)
    assert limits == await book.limits(NOW + 1) == {APP: NOW + 7}
    assert await book.limits(NOW - 3600) == {APP: NOW - 3600 + 7}, "the clock was put back"


async def test_a_ceiling_is_the_applications_and_no_merchants() -> None:
    book = MemoryPaceBook()
    given = await book.reserve([OF_SHOP, (APP, "merchant:2")], now=NOW, ceiling=20.0)
    assert given.moments == (NOW, NOW + 0.05)
    assert await book.limits(NOW) == {}


async def test_closing_harms_nobody_who_shares_it() -> None:
    book = MemoryPaceBook()
    await book.aclose()
    assert await book.limits(NOW) == {}
