"""How a command ends early: one clear line on stderr and an exit status, never a traceback."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine, Iterator
from typing import Final, TypeVar

import typer

from alipay_mini_audit.errors import AuditError

__all__ = ["CommandFailed", "Stopped", "failures_in_one_line", "one_line", "until_stopped"]

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM)

_Result = TypeVar("_Result")


class CommandFailed(Exception):
    """A command cannot go on; its text is what the user reads."""


class Stopped(Exception):
    """Ctrl-C or SIGTERM came, and the work has been cleaned up.

    Attributes:
        status: the exit status that a shell expects, e.g. 130 for Ctrl-C.
    """

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.status = 128 + number


async def until_stopped(work: Coroutine[object, object, _Result]) -> _Result:
    """Do the work; cancel it once at the first Ctrl-C or SIGTERM. The second one acts as ever.

    Args:
        work: what to do.

    Raises:
        Stopped: it was cancelled so.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    came: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        forget()
        came.append(number)
        task.cancel()

    def forget() -> None:
        with contextlib.suppress(NotImplementedError):
            for number in _STOPPING:
                loop.remove_signal_handler(number)

    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt
        for number in _STOPPING:
            loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if came:
            raise Stopped(came[0]) from None
        raise
    finally:
        forget()


@contextlib.contextmanager
def failures_in_one_line() -> Iterator[None]:
    """Turn whatever a command raises on purpose into a line on stderr and an exit status."""
    try:
        yield
    except Stopped as stopped:
        raise typer.Exit(stopped.status) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (AuditError, CommandFailed) as error:
        typer.echo(one_line(error), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(one_line(error), err=True)
        raise typer.Exit(1) from None


def one_line(error: Exception) -> str:
    """Return the text of an error on a single line."""
    return "; ".join(str(error).splitlines()) or type(error).__name__
