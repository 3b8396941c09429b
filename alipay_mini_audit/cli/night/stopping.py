"""`until_stopped_twice`: the first signal lets what is under way end, the second one does not."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from typing import TypeVar

from alipay_mini_audit.cli.exits import Stopped, stopping_signals

__all__ = ["until_stopped_twice"]

_Result = TypeVar("_Result")


async def until_stopped_twice(
    work: Callable[[asyncio.Event], Coroutine[object, object, _Result]],
    on_stop: Callable[[], None],
) -> _Result:
    """Do the work; ask it to end at the first Ctrl-C, SIGTERM or SIGHUP, cancel it at the second.

    A third one acts as it would without this. A SIGHUP that is ignored, as under `nohup`, stays so.

    Args:
        work: takes what is set at the first signal.
        on_stop: is called at the first signal.

    Raises:
        Stopped: a signal came, and the work has ended.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    task = asyncio.ensure_future(work(stop))
    came: list[signal.Signals] = []
    heeded = stopping_signals()

    def heed(number: signal.Signals) -> None:
        """Ask the work to end, or cancel it."""
        came.append(number)
        if len(came) == 1:
            stop.set()
            on_stop()
            return
        forget()
        task.cancel()

    def forget() -> None:
        """Give the signals back to Python."""
        with contextlib.suppress(NotImplementedError):
            for number in heeded:
                loop.remove_signal_handler(number)

    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt
        for number in heeded:
            loop.add_signal_handler(number, heed, number)
    try:
        result = await task
    except asyncio.CancelledError:
        if came:
            raise Stopped(came[-1]) from None
        raise
    except OSError:
        # A terminal that goes away fails a write, and the loop has yet to see its signal.
        await asyncio.sleep(0.01)
        if came:
            raise Stopped(came[0]) from None
        raise
    finally:
        forget()
    if came:
        raise Stopped(came[0])
    return result
