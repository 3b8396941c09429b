"""`batch run` as a program of its own, which does not outlive whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import sysconfig
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, final

import attrs

from alipay_mini_audit.cli.exits import CommandFailed, ExitStatus
from alipay_mini_audit.cli.language import said

__all__ = ["Ended", "end_of", "running", "summary_of"]

_ROOT: Final = str(Path(__file__).parents[4])
"""Where this package is imported from; the program runs in another folder."""


@contextlib.asynccontextmanager
async def running(
    arguments: Sequence[str], folder: Path, language: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command line, until it ends or the block does.

    Args:
        arguments: of the command line.
        folder: in which it runs.
        language: that it speaks.

    Raises:
        OSError: it cannot be started.
    """
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "alipay_mini_audit", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=_environment(language),
        start_new_session=True,  # Ctrl-C is for this process, which ends that one
    )
    try:
        yield program
    finally:
        if program.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                program.kill()
        await program.communicate()


def _environment(language: str) -> dict[str, str]:
    """Return this one, without settings that would lead to another platform than the sandbox."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALIPAY_")}
    kept["ALIPAY_MINI_AUDIT_LANG"] = language
    if _ROOT not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (_ROOT, kept.get("PYTHONPATH"))))
    return kept


@final
@attrs.frozen
class Ended:
    """A program that has ended.

    Attributes:
        status: its exit status; negative if a signal ended it.
        out: what it has printed on stdout.
        err: what it has printed on stderr.
    """

    status: int | None
    out: bytes = attrs.field(repr=False)
    err: bytes = attrs.field(repr=False)


async def end_of(program: asyncio.subprocess.Process) -> Ended:
    """Wait for a program, and return how it ended."""
    out, err = await program.communicate()
    return Ended(program.returncode, out, err)


def summary_of(night: Ended, language: str) -> Mapping[str, Any]:
    """Return what a night says of the whole.

    Args:
        night: `batch run --json`.
        language: of the error.

    Raises:
        CommandFailed: it could not do its work, or was killed.
    """
    if night.status not in (ExitStatus.DONE, ExitStatus.UNFINISHED):
        lines = night.err.decode(errors="replace").splitlines() or [""]
        english = f"The demo failed. `batch run` ended with status {night.status}. {lines[-1]}"
        chinese = f"演示失败。`batch run` 的退出状态为 {night.status}。{lines[-1]}"
        raise CommandFailed(said(english.rstrip(), chinese, language))
    last: Mapping[str, Any] = json.loads(night.out.splitlines()[-1])["summary"]
    return last
