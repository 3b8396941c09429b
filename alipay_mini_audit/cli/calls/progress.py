"""A bar over the bytes of an upload, on stderr, if that is a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, final

from alipay_mini_audit.cli.language import said
from alipay_mini_audit.events import (
    AttemptStarted,
    BytesSent,
    Event,
    Observer,
    RequestSent,
    RetryScheduled,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["upload_bar"]

_ROOM: Final = len("^C") + 1
"""Columns at the end of the line: if what a key prints went to the next one, the bar would stay."""


@contextlib.contextmanager
def upload_bar(language: str, total: int, *, shown: bool) -> Iterator[tuple[Observer, ...]]:
    """Show how much of an upload has left, until it ends.

    Args:
        language: "zh" or "en".
        total: bytes of all files; what is sent turns out to be a little more.
        shown: `False` shows nothing at all.

    Yields:
        Observers for the client; none if nothing is shown.
    """
    from rich.console import Console

    console = Console(stderr=True)
    console.width -= _ROOM
    if not shown or not console.is_terminal:
        yield ()
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        DownloadColumn(binary_units=True),
        console=console,
        transient=True,
        expand=True,
    )
    task = progress.add_task(said("Preparing", "准备中", language), total=total)
    progress.start()
    try:
        yield (_Bar(progress, task, language),)
    finally:
        with contextlib.suppress(OSError):  # a terminal that is gone must not hide why work ended
            progress.stop()


@final
class _Bar:
    def __init__(self, progress: Progress, task: TaskID, language: str) -> None:
        self._progress = progress
        self._task = task
        self._language = language

    def on_event(self, event: Event) -> None:
        """Show what an event says."""
        if event.resolves is not None:
            asking = said("Asking whether it arrived", "正在查询是否已到达", self._language)
            self._progress.update(self._task, description=asking)
            return
        match event:
            case AttemptStarted(attempt=1):
                self._progress.update(
                    self._task, description=said("Sending", "上传中", self._language)
                )
            case AttemptStarted(attempt=number):
                again = said(
                    f"Sending, attempt {number}", f"上传中（第 {number} 次）", self._language
                )
                self._progress.reset(self._task, description=again)
            case BytesSent(sent=sent, total=total):
                self._progress.update(self._task, completed=sent, total=total)
            case RequestSent():
                waiting = said("Waiting for the answer", "等待应答", self._language)
                whole = self._progress.tasks[0].total
                self._progress.update(self._task, description=waiting, completed=whole)
            case RetryScheduled(delay=delay):
                later = said(f"Again in {delay:.0f} s", f"{delay:.0f} 秒后重试", self._language)
                self._progress.update(self._task, description=later)
