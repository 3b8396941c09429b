"""Output that nobody reads, as after `| head -1`: the program ends, and says nothing of it."""

import os

import pytest
from support.certificates import VECTORS
from support.forked_programs import ForkedPrograms


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--versions", "1", "--size-kb", "1"],
        ["demo", "--versions", "1", "--size-kb", "1", "--json"],
        ["doctor", "--prefix", "NONE_"],
        ["cert-sn", str(VECTORS / "certificates" / "root.crt")],
        ["sandbox", "--port", "0"],
        ["docs"],
        ["doctor", "--prefix", "NONE_", "--json"],
        ["detail", "--help"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_nobody_reads_the_output(programs: ForkedPrograms, arguments: list[str]) -> None:
    done = programs.run(*arguments, environment=dict(os.environ), unread="stdout")
    assert (done.status, done.stderr) == (141, "")


@pytest.mark.parametrize(
    "arguments", [["doctor", "--prefix", "NONE_"], ["demo", "--versions", "x"]]
)
def test_nobody_reads_the_errors(programs: ForkedPrograms, arguments: list[str]) -> None:
    done = programs.run(*arguments, environment=dict(os.environ), unread="stderr")
    assert done.status == 141
