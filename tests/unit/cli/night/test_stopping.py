import asyncio
import os
import signal

import pytest

from alipay_mini_audit.cli.exits import Stopped
from alipay_mini_audit.cli.night.stopping import until_stopped_twice

told: list[signal.Signals] = []


async def test_work_that_nobody_stops_ends_as_it_does() -> None:
    async def work(stop: asyncio.Event) -> int:
        assert not stop.is_set()
        return 7

    before = signal.getsignal(signal.SIGTERM)
    assert await until_stopped_twice(work, told.append) == 7
    assert signal.getsignal(signal.SIGTERM) is before


async def test_the_first_signal_asks_and_the_second_one_cancels() -> None:
    came: list[signal.Signals] = []
    seen = []

    async def work(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        await stop.wait()
        seen.append("asked")
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async with asyncio.timeout(5):
        with pytest.raises(Stopped) as caught:
            await until_stopped_twice(work, came.append)
    assert (came, seen) == ([signal.SIGHUP], ["asked", "cancelled"])
    assert caught.value.status == 128 + signal.SIGTERM


async def test_work_that_ends_when_it_is_asked_to_was_stopped_all_the_same() -> None:
    async def work(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await stop.wait()

    async with asyncio.timeout(5):
        with pytest.raises(Stopped) as caught:
            await until_stopped_twice(work, told.append)
    assert caught.value.status == 130


async def test_a_terminal_that_is_gone_hides_no_signal_but_an_error_is_told() -> None:
    async def lose_terminal(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        await stop.wait()
        raise OSError(5, "Input/output error")

    async def fail(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        await stop.wait()
        raise ValueError("a bug")

    async with asyncio.timeout(5):
        with pytest.raises(Stopped):
            await until_stopped_twice(lose_terminal, told.append)
        with pytest.raises(ValueError, match="a bug"):
            await until_stopped_twice(fail, told.append)
