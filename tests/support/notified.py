"""A receiver of notifications on a real socket, and an outside judge of their signatures."""

import asyncio
import base64
import contextlib
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

import attrs

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"


def answer(body: bytes, *, status: bytes = b"200 OK") -> bytes:
    return ANSWER.replace(b"200 OK", status) % (len(body), body)


SUCCESS = answer(b"success")
FAIL = answer(b"fail")


@attrs.frozen
class Post:
    """A form as it came, decoded here."""

    head: bytes
    body: bytes

    @property
    def fields(self) -> dict[str, bytes]:
        pairs = [pair.split(b"=", 1) for pair in self.body.split(b"&")]
        decoded = [
            (unquote_to_bytes(name).decode("ascii"), unquote_to_bytes(value.replace(b"+", b" ")))
            for name, value in pairs
        ]
        assert len(dict(decoded)) == len(decoded)
        return dict(decoded)

    def text(self, name: str) -> str:
        return self.fields[name].decode(self.fields["charset"].decode("ascii"))

    def signed(self, *without: str) -> bytes:
        pairs = sorted(each for each in self.fields.items() if each[0] not in without)
        return b"&".join(name.encode("ascii") + b"=" + value for name, value in pairs)


Play = Callable[[Post, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@attrs.define
class Receiver:
    """What came, and what is answered: the same to each, or what `play` does."""

    url: str = ""
    posts: list[Post] = attrs.Factory(list)
    answer: bytes = SUCCESS
    play: Play | None = None
    arrived: asyncio.Event = attrs.Factory(asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            (length,) = (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            )
            post = Post(head, await reader.readexactly(length))
            self.posts.append(post)
            self.arrived.set()
            if self.play is not None:
                await self.play(post, reader, writer)
            else:
                writer.write(self.answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver, tasks = Receiver(), set[asyncio.Task[None]]()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await receiver.serve(reader, writer)

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/alipay?way=1"
    try:
        yield receiver
    finally:
        server.close()
        for task in [*tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def openssl_verifies(message: bytes, signature: bytes, public_key: str, folder: Path) -> bool:
    """Ask the `openssl` program; `signature` is base64."""
    key, signed = folder / "key.pem", folder / "signature.bin"
    key.write_text(public_key)
    signed.write_bytes(base64.b64decode(signature, validate=True))
    command = ["openssl", "dgst", "-sha256", "-verify", str(key), "-signature", str(signed)]
    done = subprocess.run(command, input=message, capture_output=True, timeout=20, check=False)
    return done.returncode == 0 and done.stdout == b"Verified OK\n"


def openssl_decrypts(text: bytes, key: str) -> bytes:
    """Decrypt what `openssl` reads as AES-128-CBC with an IV of zeros, in base64."""
    command = ["openssl", "enc", "-d", "-aes-128-cbc", "-A", "-base64", "-iv", "0" * 32, "-K"]
    return subprocess.run(
        [*command, base64.b64decode(key).hex()],
        input=text,
        capture_output=True,
        timeout=20,
        check=True,
    ).stdout
