"""`shown`: a running night on a terminal, in a log, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Final

from alipay_mini_audit.batch import BatchEntry
from alipay_mini_audit.cli.night.tally import Phase, Tally
from alipay_mini_audit.cli.night.view import ending_line, plain_line, problem_line, screen

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["shown"]

_REFRESH_SECONDS: Final = 0.25
_LINE_SECONDS: Final = 5.0


@contextlib.asynccontextmanager
async def shown(
    tally: Tally, language: str, *, is_quiet: bool
) -> AsyncIterator[Callable[[BatchEntry], None]]:
    """Show a night on stderr for the length of the block: a view on a terminal, otherwise lines.

    A terminal that is gone is no reason to stop: then nothing is shown any more.

    Args:
        tally: what is known.
        language: "zh" or "en".
        is_quiet: a program reads stdout, so that there are no lines either.

    Yields:
        What to call with each entry that is not done.
    """
    from rich.console import Console  # as long as the command itself

    console = Console(stderr=True)
    is_shared = is_quiet and sys.stdout.isatty()  # a view would stand among the lines of JSON
    if console.is_terminal and not is_shared:
        work = _live(tally, language, console)
    elif is_quiet:
        work = _nothing()
    else:
        work = _lines(tally, language)
    showing = asyncio.create_task(work)
    is_line = not console.is_terminal and not is_quiet
    try:
        yield lambda entry: _say(problem_line(entry, language)) if is_line else None
    finally:
        showing.cancel()
        await asyncio.wait({showing})


async def _live(tally: Tally, language: str, console: Console) -> None:
    from rich.live import Live

    def view() -> object:
        """Return what is known now."""
        return screen(tally, time.monotonic(), time.time(), console.width, language)

    live = Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop")
    with contextlib.suppress(OSError):
        try:
            live.start()
            while True:
                live.update(view(), refresh=True)  # type: ignore[arg-type]  # a Text
                await asyncio.sleep(_REFRESH_SECONDS)
        finally:
            live.stop()


async def _lines(tally: Tally, language: str) -> None:
    due = time.monotonic() + _LINE_SECONDS
    has_told = False
    while True:
        await asyncio.sleep(_REFRESH_SECONDS)
        now = time.monotonic()
        if tally.phase is Phase.ENDING and not has_told:
            has_told = True
            _say(ending_line(tally, language))
        elif now >= due:
            due = now + _LINE_SECONDS
            _say(plain_line(tally, now, time.time(), language))


async def _nothing() -> None:
    await asyncio.Event().wait()


def _say(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
