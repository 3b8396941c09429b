"""However long a night and however large its entries, it needs the same memory."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.forked_nights import Program
from support.scripted_server import reply

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory")
MIB = 2**20
LARGE = 48_000_000
IN_SOCKETS = 16 * MIB
"""More than the system keeps of an upload, which counts no more then: it was handed over."""


async def night(order: dict[str, Any]) -> dict[str, Any]:
    """Run a night in a process of its own, and return what it says."""
    program = await Program.start("support.memory_program", json.dumps(order))
    said: dict[str, Any] = json.loads(await program.rest())
    return said


class Sink:
    """Throws away what it is sent, and accepts it; knows how much came at once."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self.key = key
        self.base_url = ""
        self.most = 0
        self._under_way = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self._under_way += 1
                self.most = max(self.most, self._under_way)
                left = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                while left > IN_SOCKETS:
                    left -= len(await reader.read(min(left - IN_SOCKETS, MIB)))
                self._under_way -= 1
                while left:
                    left -= len(await reader.read(min(left, MIB)))
                writer.write(reply(b'{"speed_up":"true"}', sign_with=self.key))
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def sink(key: RSAPrivateKey) -> AsyncIterator[Sink]:
    made = Sink(key)
    async with await asyncio.start_server(made.serve, "127.0.0.1", 0, limit=MIB) as server:
        made.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made


@pytest.mark.parametrize(
    ("journal", "count"),
    [("", 4000), ("night.journal", 2500)],
    ids=["no journal", "SqliteJournal"],
)
async def test_a_long_night_needs_no_more_memory_than_a_short_one(
    tmp_path: Path, journal: str, count: int
) -> None:
    said = await night({"journal": journal and str(tmp_path / journal), "count": count})
    assert said["states"] == {"done": count, "invalid": 3}
    assert said["late"] - said["early"] < 1.5 * MIB


async def test_large_entries_are_never_in_memory_and_no_more_of_them_than_there_is_room_for(
    tmp_path: Path, alipay_key: RSAPrivateKey
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(1, 5):
        with (folder / f"{number}.png").open("wb") as file:
            file.truncate(LARGE)
    async with sink(alipay_key) as server:
        said = await night(
            {
                "base_url": server.base_url,
                "folder": str(folder),
                "journal": str(tmp_path / "night.journal"),
                "bytes_in_flight": 128 * MIB,
            }
        )
    assert said["states"] == {"done": 4}
    assert said["late"] - said["early"] < 32 * MIB
    assert server.most == 128 * MIB // LARGE
