"""Runs of the command line, each in a process of its own that need not import it again.

A process imports the command line once for each environment, since help is written then and
streams choose their encoding earlier still; its forks are the programs.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, Self

TESTS = Path(__file__).parents[1]
FORK = """
import gc, json, os, sys
import alipay_mini_audit.cli.app
from support.sandbox_material import sandbox_material
from alipay_mini_audit.__main__ import main
from alipay_mini_audit.sandbox import Material
sandbox_material()  # new keys take half a second
Material.generate = sandbox_material
gc.collect()
gc.freeze()  # what nobody looks at is not copied
for line in sys.stdin:
    arguments, variables, outputs = json.loads(line)
    child = os.fork()
    if child == 0:
        for number, path in enumerate(outputs, 1):
            if path is None:
                reading, output = os.pipe()
                os.close(reading)
            else:
                output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, number)
            os.close(output)
        os.environ.update(variables)
        sys.argv = ["alipay-mini-audit", *arguments]
        main()
        os._exit(99)  # never: the command line ends the program
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Ended(NamedTuple):
    """What a program said until it ended; nothing where nobody read."""

    status: int
    stdout: str
    stderr: str


class ForkedPrograms:
    """Runs programs; a context manager that ends what they are forks of.

    Args:
        folder: for what they print.
    """

    def __init__(self, folder: Path) -> None:
        self._outputs = (folder / "stdout", folder / "stderr")
        self._running = contextlib.ExitStack()
        self._parents: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def run(
        self,
        *arguments: str,
        environment: dict[str, str],
        unread: str = "",
        **variables: str,
    ) -> Ended:
        """Run the command line.

        Args:
            arguments: of the command line.
            environment: all variables that there are while the command line is imported.
            unread: "stdout" or "stderr" is a pipe whose reader has left.
            variables: further ones that only this run has.
        """
        outputs = [None if each.name == unread else str(each) for each in self._outputs]
        parent = self._parent(environment)
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(json.dumps([arguments, variables, outputs]) + "\n")
        parent.stdin.flush()
        status = parent.stdout.readline()  # ended by the limit of the test
        assert status, parent.communicate()
        said = ["" if each is None else Path(each).read_bytes().decode() for each in outputs]
        return Ended(int(status), *said)

    def _parent(self, environment: dict[str, str]) -> "subprocess.Popen[str]":
        # pytest tells each test's name in a variable.
        kept = {name: value for name, value in environment.items() if "PYTEST_" not in name}
        key = json.dumps(kept, sort_keys=True)
        if key not in self._parents:
            self._parents[key] = self._running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-W", "error", "-c", FORK],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,  # no file: a stream remembers whether it can seek
                    cwd=TESTS,
                    env=kept,
                    text=True,
                )
            )
        return self._parents[key]
