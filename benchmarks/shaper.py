"""A line as slow as those that shops have, in front of a sink.

`python -m benchmarks.shaper ROUND_TRIP RATE HTTP_PORT HTTPS_PORT` forwards TCP, prints its ports as
the sink does, and ends with its input. All connections share `RATE` bytes a second in each
direction, in turns of a few packets, and what came through arrives half a `ROUND_TRIP` later. The
handshake of TCP alone is not delayed: the system answers it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from typing import Final

import attrs

__all__: list[str] = []

_WINDOW: Final = 64 * 1024
"""Bytes of a connection that the line holds, more or less."""
_PACKET: Final = 1400
"""Those of loopback have 64 KiB, and with them the sender's system takes megabytes at once."""
_TURN: Final = 8 * 1024


@attrs.define
class _Direction:
    """What all connections share one way.

    Attributes:
        rate: bytes a second.
        delay: seconds until what came through arrives.
    """

    rate: float
    delay: float
    _free_at: float = 0.0

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Forward one connection until its end, which comes as late as its bytes."""
        loop = asyncio.get_running_loop()
        while True:
            content = await source.read(_TURN)
            self._free_at = max(loop.time(), self._free_at) + len(content) / self.rate
            arrives = self._free_at + self.delay
            if not content:
                loop.call_at(arrives, target.close)
                return
            loop.call_at(arrives, target.write, content)
            await asyncio.sleep(self._free_at - loop.time())


@attrs.frozen
class _Line:
    up: _Direction
    down: _Direction

    async def listen(self, port: int) -> int:
        """Listen in front of a port; return the port to connect to."""

        async def connected(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
            far, there = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):  # or the line ends
                await asyncio.gather(self.up.carry(near, there), self.down.carry(far, back))

        door = socket.create_server(("127.0.0.1", 0), backlog=256)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW // 2)  # Linux doubles it
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _PACKET)
        await asyncio.start_server(connected, sock=door, limit=_TURN)
        port_here: int = door.getsockname()[1]
        return port_here


async def _serve(round_trip: float, rate: float, http: int, https: int) -> None:
    line = _Line(_Direction(rate, round_trip / 2), _Direction(rate, round_trip / 2))
    print(json.dumps({"http": await line.listen(http), "https": await line.listen(https)}))
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
