"""`until_stopped_twice`: the first signal lets what is under way end, the second one does not."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator
from typing import Final, TypeVar

from alipay_mini_audit.cli.exits import Stopped, stopping_signals

__all__ = ["until_stopped_twice"]

_STEPS: Final = 2
_Result = TypeVar("_Result")


async def until_stopped_twice(
    work: Callable[[asyncio.Event], Coroutine[object, object, _Result]],
    on_stop: Callable[[signal.Signals], None],
) -> _Result:
    """Do the work; ask it to end at the first Ctrl-C, SIGTERM or SIGHUP, cancel it at the second.

    A third one acts as it would without this. A SIGHUP that is ignored, as under `nohup`, stays so.

    Args:
        work: takes what is set at the first signal.
        on_stop: is called with the first signal.

    Raises:
        Stopped: a signal came, and the work has ended.
    """
    stop = asyncio.Event()
    task = asyncio.ensure_future(work(stop))
    came: list[signal.Signals] = []

    def heed(number: signal.Signals) -> None:
        """Ask the work to end, or cancel it."""
        came.append(number)
        if len(came) == 1:
            stop.set()
            on_stop(number)
        else:
            task.cancel()

    try:
        with _heeded(heed):
            result = await task
            await asyncio.sleep(0)  # a signal that the loop has yet to see
    except (asyncio.CancelledError, OSError):  # a terminal that is gone fails a write, too
        if not came:
            raise
        raise Stopped(came[-1]) from None
    if came:
        raise Stopped(came[0])
    return result


@contextlib.contextmanager
def _heeded(heed: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Have signals heeded; the third one acts as ever."""
    loop = asyncio.get_running_loop()
    numbers = stopping_signals()
    left = _STEPS

    def take(number: signal.Signals) -> None:
        """Heed a signal, and give all back to Python after the last step."""
        nonlocal left
        left -= 1
        if not left:
            forget()
        heed(number)

    def forget() -> None:
        """Give the signals back to Python."""
        for number in numbers:
            loop.remove_signal_handler(number)

    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt
        for number in numbers:
            loop.add_signal_handler(number, take, number)
    try:
        yield
    finally:
        with contextlib.suppress(NotImplementedError):
            forget()
