"""Output that nobody reads, as after `| head -1`: the program ends, and says nothing of it."""

import os
import subprocess
import sys

import pytest
from support.certificates import VECTORS

COMMAND = [sys.executable, "-W", "error", "-m", "alipay_mini_audit"]


@pytest.fixture
def unread() -> int:
    """The end of a pipe that nobody will ever read; the test closes it."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--versions", "1", "--size-kb", "1"],
        ["demo", "--versions", "1", "--size-kb", "1", "--json"],
        ["doctor", "--prefix", "NONE_"],
        ["cert-sn", str(VECTORS / "certificates" / "root.crt")],
        ["sandbox", "--port", "0"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_nobody_reads_the_output(unread: int, arguments: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments],
        stdout=unread,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=50,
    )
    os.close(unread)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    "arguments", [["doctor", "--prefix", "NONE_"], ["demo", "--versions", "x"]]
)
def test_nobody_reads_the_errors(unread: int, arguments: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=unread,
        check=False,
        timeout=50,
    )
    os.close(unread)
    assert done.returncode == 141
