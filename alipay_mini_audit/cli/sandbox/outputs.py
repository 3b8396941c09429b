"""`LineOutput`: lines written by a thread of its own, so that no disk or pipe stops the gateway."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import queue
import select
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, final

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import reason_of, said

__all__ = ["LineOutput", "log_file", "terminal"]

_WAITING: Final = 10_000
"""Lines that may wait to be written, about 5 MB of a log."""
_PATIENCE: Final = 1.0
"""Seconds that a terminal or pipe has for the last lines; nobody may be reading there."""


_LOG_PATIENCE: Final = 30.0
"""Seconds that a log has for its last lines; it may be on a network that is gone."""


@final
class LineOutput:
    """Where lines go. They leave in their order, each at once; nothing is kept in a buffer.

    Args:
        descriptor: an open file, pipe or terminal; stays open.
        name: what it is called in errors.
        is_lossy: whether lines are left out, and their number is told, while the other end does not
            take them; otherwise it fails once too many lines wait.
        language: "zh" or "en"; `None` takes what the environment says.

    Attributes:
        failure: why it has stopped writing; `None` if it has not.
    """

    def __init__(
        self, descriptor: int, name: str, *, is_lossy: bool, language: str | None = None
    ) -> None:
        self.failure: OSError | None = None
        self._descriptor = descriptor
        self._name = name
        self._is_lossy = is_lossy
        self._language = language
        self._left_out = 0
        self._lines: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        self._on_failure: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"lines of {name}", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Hand over a line, for one thread only.

        Args:
            line: without its end; what is not UTF-8 is replaced.
        """
        encoded = f"{line}\n".encode(errors="replace")
        if not self._is_lossy:
            try:
                self._lines.put_nowait(encoded)
            except queue.Full:  # to wait would stop the gateway, and whoever wants to stop it
                reason = said("it takes lines too slowly", "写入速度跟不上", self._language)
                self._fail(OSError(errno.EAGAIN, reason, self._name))
            return
        try:
            if self._left_out:
                told = said("(lines left out: {})", "（省略了 {} 行）", self._language)
                self._lines.put_nowait(f"{told.format(self._left_out)}\n".encode())
                self._left_out = 0
            self._lines.put_nowait(encoded)
        except queue.Full:
            self._left_out += 1

    def on_failure(self, call: Callable[[], None]) -> None:
        """Have something called when writing fails, in the thread of the output; or now.

        Args:
            call: what to call once.
        """
        with self._lock:
            if self.failure is None:
                self._on_failure.append(call)
                return
        call()

    def close(self, seconds: float | None = None) -> None:
        """Write what was handed over, and end the thread.

        Args:
            seconds: how long to wait for it; `None` without an end.
        """
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=seconds)
            self._thread.join(seconds)

    @property
    def is_closed(self) -> bool:
        """Whether the thread has ended, and so all lines were written or given up."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            if self.failure is None:  # afterwards lines are taken all the same
                try:
                    _write_whole(self._descriptor, line)
                except OSError as error:
                    self._fail(OSError(error.errno, error.strerror, self._name))

    def _fail(self, failure: OSError) -> None:
        with self._lock:
            self.failure = self.failure or failure
            calls, self._on_failure = self._on_failure, []
        for call in calls:
            call()


@contextlib.contextmanager
def log_file(path: Path | None, language: str | None = None) -> Iterator[LineOutput | None]:
    """Append to a file, until the end of the block, where all lines are in it.

    Args:
        path: the file, which is made if there is none; `None` for no log.
        language: "zh" or "en"; `None` takes what the environment says.

    Yields:
        Where the lines go; `None` for no log.

    Raises:
        CommandFailed: it cannot be opened.
        OSError: not all lines could be written.
    """
    if path is None:
        yield None
        return
    with _opened(path, language) as file:
        output = LineOutput(file.fileno(), str(path), is_lossy=False, language=language)
        try:
            yield output
        finally:
            output.close(_LOG_PATIENCE)
    if output.failure is None and not output.is_closed:
        reason = said("it did not take all lines in time", "未能及时写完所有行", language)
        raise OSError(errno.EAGAIN, reason, str(path))
    if output.failure is not None:
        raise output.failure


@contextlib.contextmanager
def terminal(language: str | None = None) -> Iterator[LineOutput | None]:
    """Write to stdout, until the end of the block, as far as somebody reads there.

    Args:
        language: "zh" or "en"; `None` takes what the environment says.

    Yields:
        Where the lines go; `None` if stdout is not a file.
    """
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # replaced by an object, or closed
        yield None
        return
    output = LineOutput(descriptor, "stdout", is_lossy=True, language=language)
    try:
        yield output
    finally:
        output.close(_PATIENCE)


def _opened(path: Path, language: str | None) -> io.FileIO:
    try:
        return path.open("ab", buffering=0)
    except OSError as error:
        reason = reason_of(error, language)
        english = f"--log: cannot open {path}: {reason}."
        chinese = f"--log: 无法打开 {path}：{reason}。"
        raise CommandFailed(said(english, chinese, language)) from error


def _write_whole(descriptor: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # another program has made the terminal it shares non-blocking
            select.select([], [descriptor], [])
