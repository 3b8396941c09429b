"""`Wrapped`: a text in a table whose Chinese breaks where Chinese may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.text import Text

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.help import wrapped

__all__ = ["Wrapped"]

_LEAST: Final = 8
"""Columns of a text, at least."""


@final
class Wrapped:
    """A text whose lines end where Chinese ones may; rich breaks at blanks alone, and cuts off."""

    def __init__(self, text: str) -> None:
        self._text = printable(text)

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(min(_LEAST, options.max_width), cell_len(self._text))

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        for line in wrapped(self._text, options.max_width):
            yield Text(line, overflow="fold")
