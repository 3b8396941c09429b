"""Programs of `tests/support` that are killed and frozen, each in a process of its own.

A process imports once what they need; its forks are the programs. Each has a parent that waits for
it and tells what becomes of it, since it is no child of the tests.
"""

import asyncio
import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Self, final

TESTS = Path(__file__).parents[1]
FORK = """
import gc, json, os, runpy, signal, socket, sys
import support.batches
from alipay_mini_audit import AuditClient, SqliteJournal

def tell_of(child, status):
    os.write(status, b"%d\\n" % child)
    while True:
        _, found = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(found):
            break
        os.write(status, b"stopped\\n")
    os.write(status, b"%d\\n" % os.waitstatus_to_exitcode(found))

gc.collect()
gc.freeze()  # what nobody looks at is not copied
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the parents of the programs are not waited for
orders = socket.socket(fileno=0)
while True:
    order, (output, status), *_ = socket.recv_fds(orders, 65536, 2)
    if not order:
        break
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if child := os.fork():
            os.close(output)
            tell_of(child, status)
            os._exit(0)
        os.close(status)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.close(output)
        module, *sys.argv[1:] = json.loads(order)
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        sys.exit()
    os.close(output)
    os.close(status)
"""


@final
class Program:
    """A program that runs, or has ended; read its output, or it may wait for that.

    Attributes:
        pid: of its process.
        stdout: what it prints.
        returncode: how it ended; `None` while nobody has waited for that.
    """

    def __init__(self, pid: int, stdout: asyncio.StreamReader, news: asyncio.StreamReader) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._news = news
        self._left_alone = weakref.finalize(self, _kill, pid)  # by a test that failed

    @classmethod
    async def start(cls, module: str, *arguments: str) -> Self:
        """Run a module."""
        output, writing = os.pipe()
        status, telling = os.pipe()
        order = json.dumps([module, *arguments]).encode()
        socket.send_fds(_orders(), [order], [writing, telling])
        os.close(writing)
        os.close(telling)
        stdout, news = [await _reader(each) for each in (output, status)]
        return cls(int(await news.readline()), stdout, news)

    def send_signal(self, number: int) -> None:
        """Send it a signal; it may be over."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    async def stop(self) -> None:
        """Freeze it, and return once it is frozen."""
        self.send_signal(signal.SIGSTOP)
        assert await self._news.readline() == b"stopped\n"

    async def wait(self) -> int:
        """Return how it ended."""
        if self.returncode is None:
            self.returncode = int(await self._news.readline())
            self._left_alone.detach()
        return self.returncode

    async def rest(self) -> bytes:
        """Return what it has still to say until it ends."""
        said = await self.stdout.read()
        await self.wait()
        await self._news.read()  # a pipe is closed at its end
        return said


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    file = os.fdopen(descriptor, "rb", 0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, file)
    return reader


@functools.cache
def _orders() -> socket.socket:
    """Start what programs are forks of; it ends when nobody can order any more."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    path = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    server = subprocess.Popen(
        [sys.executable, "-c", FORK], stdin=theirs, env={**os.environ, "PYTHONPATH": path}
    )
    theirs.close()

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours
