"""Places on the wire: first come, first served; nobody waits behind one who does not send."""

import asyncio

import pytest

from alipay_mini_audit.errors import ConfigurationError, ConnectionFailed, Outcome
from alipay_mini_audit.transport.places import Places


async def hold(places: Places, until: asyncio.Event, seconds: float | None = None) -> None:
    async with places.place(seconds):
        await until.wait()


async def test_no_more_than_there_are_places() -> None:
    places, end = Places(2), asyncio.Event()
    holders = [asyncio.create_task(hold(places, end)) for _ in range(2)]
    await asyncio.sleep(0)
    third = asyncio.create_task(hold(places, end))
    await asyncio.sleep(0.01)
    holders[0].cancel()
    end.set()
    await asyncio.gather(*holders, third, return_exceptions=True)
    assert third.exception() is None


async def test_who_waits_too_long_is_told_for_what() -> None:
    places, end = Places(1), asyncio.Event()
    holder = asyncio.create_task(hold(places, end))
    await asyncio.sleep(0)
    with pytest.raises(ConnectionFailed, match=r"0\.05 s .*max_connections") as caught:
        await hold(places, end, 0.05)
    assert caught.value.outcome is Outcome.NOT_SENT
    end.set()
    await holder
    await asyncio.wait_for(hold(places, end, 0.05), 1)


async def test_a_place_that_was_left_is_others_until_it_is_taken_again() -> None:
    places, end = Places(1), asyncio.Event()
    async with places.place(None) as place:
        place.leave()
        other = asyncio.create_task(hold(places, end))
        await asyncio.sleep(0)
        taking = asyncio.create_task(place.take())
        await asyncio.sleep(0.01)
        assert not taking.done()
        end.set()
        await taking
        await other
    await asyncio.wait_for(hold(places, end, 0.05), 1)


async def test_who_finds_no_place_again_gives_none_back() -> None:
    places, end = Places(1), asyncio.Event()
    async with places.place(0.05) as place:
        place.leave()
        holder = asyncio.create_task(hold(places, end))
        await asyncio.sleep(0)
        with pytest.raises(ConnectionFailed):
            await place.take()
    with pytest.raises(ConnectionFailed):
        await hold(places, end, 0.01)
    end.set()
    await holder


async def test_closing_ends_the_waiting() -> None:
    places, end = Places(1), asyncio.Event()
    holder = asyncio.create_task(hold(places, end))
    await asyncio.sleep(0)
    waiters = [asyncio.create_task(hold(places, end, seconds)) for seconds in (None, 30.0)]
    await asyncio.sleep(0.01)
    places.close()
    for error in await asyncio.gather(*waiters, return_exceptions=True):
        assert isinstance(error, ConfigurationError)
        assert error.code == "closed"
    end.set()
    await holder
    with pytest.raises(ConfigurationError):
        await hold(places, end)
