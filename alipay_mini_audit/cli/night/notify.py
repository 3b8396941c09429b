"""`NotifyCommand`: a program of the operator's that is started at the end of a night."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from asyncio.subprocess import Process
from pathlib import PurePath
from typing import BinaryIO, Final, final

import attrs

from alipay_mini_audit.cli.language import reason_of, said
from alipay_mini_audit.cli.night.facts import NightFacts
from alipay_mini_audit.concurrency import finish
from alipay_mini_audit.problems import printable

__all__ = ["NotifyCommand"]

_LIMIT: Final = 30.0
"""Seconds."""
_GRACE: Final = 2.0
"""Seconds between SIGTERM and SIGKILL."""
_STDERR: Final = 2


@final
@attrs.frozen(kw_only=True)
class NotifyCommand:
    """A program that is told in its environment, and in JSON on its stdin.

    What it prints goes to stderr, as with the hooks of git: stdout is for what the command prints
    itself. It has a session of its own, so that Ctrl-C does not reach it.

    Attributes:
        words: the program and its arguments; they may hold secrets.
        limit: seconds that it has; SIGTERM then ends its process group, SIGKILL what is left of it
            two seconds later.
    """

    words: tuple[str, ...] = attrs.field(repr=False)
    limit: float = _LIMIT

    @property
    def name(self) -> str:
        """What warnings call it."""
        return f"--notify {printable(PurePath(self.words[0]).name)}"

    async def run(self, night: NightFacts, language: str) -> str | None:
        """Start the program, and wait for it.

        Args:
            night: what it is told.
            language: "zh" or "en".

        Returns:
            What went wrong, a sentence; `None` if its exit status was 0.
        """
        try:
            process = await self._start(night, language)
        except OSError as error:
            reason = reason_of(error, language)
            return said(f"it did not start: {reason}.", f"无法启动：{reason}。", language)
        # Without pipes of ours: with them, some Pythons wait for whoever inherits them.
        try:
            async with asyncio.timeout(self.limit):
                status = await process.wait()
        except TimeoutError:
            await _end(process)
            return said(
                f"it was ended, since it took more than {self.limit:g} seconds.",
                f"运行超过 {self.limit:g} 秒，已被终止。",
                language,
            )
        except asyncio.CancelledError:
            await _end(process)
            raise
        return _ended_badly(status, language) if status else None

    async def _start(self, night: NightFacts, language: str) -> Process:
        """Start the program; when cancelled, end what it has started by then."""
        with _as_file(night.as_json()) as facts:
            starting = asyncio.ensure_future(
                asyncio.create_subprocess_exec(
                    *self.words,
                    stdin=facts,
                    stdout=_STDERR,
                    env=os.environ | night.as_variables(language),
                    start_new_session=True,
                )
            )
            try:
                return await finish(starting)
            except asyncio.CancelledError:
                if starting.done() and not starting.cancelled() and not starting.exception():
                    await _end(starting.result())
                raise


def _as_file(text: str) -> BinaryIO:
    """Return an open file that holds a text, and needs no disk if that can be helped."""
    file: BinaryIO
    try:
        file = os.fdopen(os.memfd_create("night"), "w+b")
    except (AttributeError, OSError):  # not Linux, or one that forbids it
        file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(text.encode())
    file.seek(0)
    return file


def _ended_badly(status: int, language: str) -> str:
    if status > 0:
        return said(f"its exit status is {status}.", f"退出状态为 {status}。", language)
    names = {each.value: each.name for each in signal.Signals}
    name = names.get(-status, str(-status))
    return said(f"{name} ended it.", f"被信号 {name} 终止。", language)


async def _end(process: Process) -> None:
    """End a program and what it has started."""
    try:
        _signal(process, "SIGTERM")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await process.wait()
    finally:
        _signal(process, "SIGKILL")
    with contextlib.suppress(TimeoutError):  # what waits for a disk may outlive even this
        async with asyncio.timeout(_GRACE):
            await process.wait()


def _signal(process: Process, name: str) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.Signals[name])
