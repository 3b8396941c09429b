"""A scripted server on a real socket: the outside world of the client's tests."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import attrs
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.reply_signer import signed_headers

from alipay_mini_audit import RetryPolicy

ONCE = RetryPolicy(attempts=1, resolve=False)
KEYS = Path(__file__).parents[1] / "vectors" / "keys"


@attrs.define
class Request:
    """A request as it came over the socket."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@attrs.define
class ScriptedServer:
    """What came, and what is answered to each request."""

    base_url: str = ""
    requests: list[Request] = attrs.Factory(list)
    connections: int = 0
    answer: Answer | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (request := await read_request(reader)) is not None:
                self.requests.append(request)
                assert self.answer is not None
                await self.answer(request, reader, writer)
                if writer.is_closing():
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def replies(self, raw: bytes) -> None:
        """Answer every request with these bytes; a whole `Reply` is signed anew for each."""

        async def answer(
            _: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            writer.write(raw.again() if isinstance(raw, Reply) else raw)
            await writer.drain()

        self.answer = answer


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    fields = (line.split(": ", 1) for line in lines if line)
    headers = {name.lower(): value for name, value in fields}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body)


class Reply(bytes):
    """A whole reply as it goes over the wire."""

    remake: Callable[[], "Reply"]

    def again(self) -> "Reply":
        """Return the same reply as the platform would send it now: other time, other nonce."""
        return self.remake()


def reply(
    body: bytes = b"{}",
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    sign_with: RSAPrivateKey | None = None,
    length: int | None = None,
) -> Reply:
    """Return a whole reply, signed if there is a key; `length` lies about that of the body."""
    given = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body) if length is None else length),
        "alipay-trace-id": "trace-1",
    }
    if sign_with is not None:
        given |= signed_headers(body, sign_with)
    given |= headers or {}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    made = Reply(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body)
    made.remake = lambda: reply(
        body, status=status, headers=headers, sign_with=sign_with, length=length
    )
    return made
