"""File systems that are mounted for a test, and are gone after it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount something on a folder; skips the test where that is not permitted.

    Args:
        folder: where.
        options: of mount(8), without the folder; an empty file system in memory by default.
    """
    command = ["mount", *(options or ("-t", "tmpfs", "none")), str(folder)]
    if (
        not sys.platform.startswith("linux")
        or not shutil.which("mount")
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        unmount(folder)


def unmount(folder: Path) -> None:
    """Unmount what is on a folder, even if something of it is still open."""
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607


@contextmanager
def fuse_mounted(folder: Path) -> Iterator[None]:
    """Mount `support.fuse_daemon` on a folder; skips the test where that is not permitted."""
    command = [sys.executable, "-m", "support.fuse_daemon", str(folder)]
    root = Path(__file__).parents[1]
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdout=pipe, stderr=null, cwd=root) as daemon:
        assert daemon.stdout
        if not daemon.stdout.readline():
            pytest.skip("no FUSE here")
        try:
            yield
        finally:
            unmount(folder)
            daemon.kill()
