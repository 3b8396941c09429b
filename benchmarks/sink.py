"""A server that costs as little as possible.

It counts bodies, throws them away, and gives a reply that was signed beforehand. `python -m
benchmarks.sink FOLDER` serves HTTP and TLS on two free ports, prints them, and ends with its input.
`GET /tally` tells how long the bodies were that came since the last tally.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import attrs

from benchmarks.material import REPLY, REPLY_V2, TLS_CERTIFICATE, TLS_KEY

__all__ = ["Sink", "Tally", "running_sink", "serving"]

_BUFFER_BYTES: Final = 1024 * 1024


@attrs.frozen
class Tally:
    """What the sink has received since the last tally.

    Attributes:
        lengths: how many bodies there were of each length in bytes.
        cpu: CPU seconds that it took.
        seconds: how long it was.
    """

    lengths: dict[int, int]
    cpu: float
    seconds: float


@attrs.frozen
class Sink:
    """A sink that runs.

    Attributes:
        http: its address without TLS.
        https: its address with TLS.
    """

    http: str
    https: str

    def tally(self) -> Tally:
        """Ask what came since the last time."""
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({})
        )  # whatever the environment says
        with opener.open(f"{self.http}/tally") as reply:
            told = json.load(reply)
        lengths = {int(length): count for length, count in told.pop("lengths").items()}
        return Tally(lengths=lengths, **told)


@contextlib.contextmanager
def running_sink(folder: Path) -> Iterator[Sink]:
    """Run a sink."""
    with serving("benchmarks.sink", str(folder)) as sink:
        yield sink


@contextlib.contextmanager
def serving(module: str, *arguments: str) -> Iterator[Sink]:
    """Run what prints its ports and ends with its input, in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603  # ours
        try:
            assert process.stdout is not None  # noqa: S101  # narrows the type
            ports = json.loads(process.stdout.readline())
            yield Sink(f"http://127.0.0.1:{ports['http']}", f"https://127.0.0.1:{ports['https']}")
        finally:
            assert process.stdin is not None  # noqa: S101  # narrows the type
            process.stdin.close()


@attrs.define
class _Books:
    """The replies, and what was counted."""

    reply: bytes
    reply_v2: bytes
    lengths: Counter[int] = attrs.field(factory=Counter)
    cpu: float = attrs.field(factory=time.process_time)
    since: float = attrs.field(factory=time.perf_counter)

    def tally(self) -> bytes:
        cpu = time.process_time()
        now = time.perf_counter()
        told = {"lengths": self.lengths, "cpu": cpu - self.cpu, "seconds": now - self.since}
        body = json.dumps(told).encode()
        self.lengths = Counter()
        self.cpu = cpu
        self.since = now
        head = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


# Every connection reads into it; what was read is dealt with before the next one reads. A view,
# since asyncio slices it to read several TLS records, and a slice of a bytearray would be a copy.
_shared = memoryview(bytearray(_BUFFER_BYTES))


class _Connection(asyncio.BufferedProtocol):
    """Reads requests, one after another; bodies have a length or come in chunks."""

    def __init__(self, books: _Books) -> None:
        self._books = books
        self._text = bytearray()
        self._skip = 0
        self._length = 0
        self._target = b""
        self._stage = self._read_head

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # asyncio's
        return _shared

    def buffer_updated(self, nbytes: int) -> None:
        if nbytes < self._skip:
            self._skip -= nbytes
            return
        self._text += _shared[self._skip : nbytes]
        self._skip = 0
        while not self._skip and self._stage():
            pass

    def _pass_over(self, count: int) -> None:
        here = min(count, len(self._text))
        del self._text[:here]
        self._skip = count - here

    def _read_head(self) -> bool:
        end = self._text.find(b"\r\n\r\n")
        if end < 0:
            return False
        first, *lines = bytes(self._text[:end]).split(b"\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(b":") for line in lines)
        }
        self._target = first.split(b" ")[1]
        self._length = int(headers.get(b"content-length", b"0"))
        chunked = headers.get(b"transfer-encoding", b"").lower() == b"chunked"
        self._stage = self._read_chunk if chunked else self._answer
        self._pass_over(end + 4 + self._length)
        return True

    def _read_chunk(self) -> bool:
        end = self._text.find(b"\r\n")
        if end < 0:
            return False
        size = int(bytes(self._text[:end]).partition(b";")[0], 16)
        self._length += size
        if not size:
            self._stage = self._answer
        self._pass_over(end + 2 + size + 2)
        return True

    def _answer(self) -> bool:
        self._stage = self._read_head
        if self._target == b"/tally":
            self._transport.write(self._books.tally())
            return True
        self._books.lengths[self._length] += 1
        self._transport.write(
            self._books.reply_v2 if b"gateway.do" in self._target else self._books.reply
        )
        return True


async def _serve(folder: Path) -> None:
    books = _Books((folder / REPLY).read_bytes(), (folder / REPLY_V2).read_bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / TLS_CERTIFICATE, folder / TLS_KEY)
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(lambda: _Connection(books), "127.0.0.1", 0, backlog=256)
    tls = await loop.create_server(
        lambda: _Connection(books), "127.0.0.1", 0, backlog=256, ssl=context
    )
    ports = {"http": plain.sockets[0].getsockname()[1], "https": tls.sockets[0].getsockname()[1]}
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
