"""A TCP relay between a client and the sandbox that throttles, cuts, delays, repeats and lies.

It tells no lie that a client cannot find out: an unsigned refusal of what was accepted, or a signed
answer that the client has never seen, would deceive anybody.
"""

import asyncio
import contextlib
import random
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Self

import attrs
from support.judge_link import Gone, Head, Link, Upstream
from support.judge_story import Treatment
from yarl import URL

from alipay_mini_audit.sandbox import IncomingCall, SandboxGateway

_RECEIVED = 64 * 1024
_UNSURE = 0.01
"""Seconds after a stain in which a client may have begun a request without having seen it."""
_PAGES = ((502, "Bad Gateway"), (503, "Service Unavailable"), (504, "Gateway Time-out"))
_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_JUNK = b"\x16\x03\x01\x00\x05hello"
_LINGER = 0.3


@attrs.define(eq=False)
class Relay:
    """Passes the requests of one client on to a gateway, each as `treat` says.

    Attributes:
        gateway: the platform.
        treat: says how a request is treated, by its head.
        dice: for what belongs to no request.
        accidents: part of the connections that end, or freeze, before a request is read.
        base_url: for the client.
        links: the connections that are open here.
        late: requests that arrived although their client had left.
    """

    gateway: SandboxGateway
    treat: Callable[[Head], Treatment]
    dice: random.Random
    accidents: float = 0.03
    base_url: str = ""
    links: set[Link] = attrs.field(factory=set)
    late: int = 0
    _answers: dict[str, bytes] = attrs.field(factory=dict)
    _seen: deque[bytes] = attrs.field(factory=lambda: deque(maxlen=50))
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)  # noqa: FBT003  # so it is called
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=16_384)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for link in tuple(self.links):
            link.end("reset")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until_quiet(self) -> None:
        """Wait until all that clients sent, and may still arrive, has arrived."""
        while any(not link.is_gone() for link in self.links):  # noqa: ASYNC110  # as in `stay`
            await asyncio.sleep(0.02)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def tell(self, trace_id: str | None) -> None:
        """Note that the client has read the answer of this id, so that it can be played again."""
        if trace_id is not None and (answer := self._answers.pop(trace_id, None)) is not None:
            self._seen.append(answer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.links.add(link)
        try:
            if not await self._has_accident(link):
                while await self._exchange(link):
                    pass
        except (Gone, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            link.end("close")
            self.links.discard(link)
            self._tasks.discard(task)

    async def _has_accident(self, link: Link) -> bool:
        if self.dice.random() >= self.accidents:
            return False
        if self.dice.random() < 0.5:
            link.end("reset")
        else:
            link.writer.transport.pause_reading()
            await link.stay()
        return True

    async def _exchange(self, link: Link) -> bool:
        """Treat one request; say whether the connection may be used again."""
        head = Head(await link.reader.readuntil(b"\r\n\r\n"))
        treatment = self.treat(head)
        if link.stained_at is not None:
            # Who sends on a stained connection believes the stain: the request goes on its way, so
            # that this is found out, unless it may have been under way already.
            if asyncio.get_running_loop().time() - link.stained_at < _UNSURE:
                return False
            treatment = attrs.evolve(treatment, early=b"")
        await link.write(treatment.early)
        if treatment.up in ("reset", "close", "freeze") and treatment.after_bytes <= head.length:
            await self._cut(link, head, treatment)
            return False
        if treatment.up == "half-close":
            link.writer.write_eof()
        body = link.body(head.length, treatment.rate)
        if treatment.up in ("hold", "swallow"):
            kept = [piece async for piece in body]
            await link.pause(treatment.delay)
            body = _again(kept)
        if treatment.up == "swallow":
            await self._lose(link, treatment)
            return False
        return await self._pass_on(link, head, body, treatment)

    async def _cut(self, link: Link, head: Head, treatment: Treatment) -> None:
        async for _ in link.body(min(treatment.after_bytes, head.length), None):
            pass
        if treatment.up == "freeze":
            link.writer.transport.pause_reading()
            await link.stay()
        link.end(treatment.up)

    async def _lose(self, link: Link, treatment: Treatment) -> None:
        if treatment.ending == "hang":
            await link.stay()
        link.end(treatment.ending)

    async def _pass_on(
        self, link: Link, head: Head, body: AsyncIterator[bytes], treatment: Treatment
    ) -> bool:
        if treatment.down == "replay" and self._seen and treatment.delay:
            async for _ in body:  # the platform never gets it
                pass
            await link.write(self.dice.choice(self._seen)[len(_begun(treatment)) :])
            return True
        self._prepare_fault(head, treatment)
        request = [head.raw]
        answer, is_whole, is_sent = await self._ask(link, body, request)
        if treatment.up == "half-close":
            return False
        if not is_whole:
            await link.write(answer[len(_begun(treatment)) :])
            link.end("reset" if not answer else "close")
            return False
        if not is_sent:
            await link.write(answer[len(_begun(treatment)) :])
            if not link.writer.transport.is_closing():
                link.writer.write_eof()
            await link.pause(_LINGER)
            return False
        return await self._give_back(link, answer, b"".join(request), treatment)

    def _prepare_fault(self, head: Head, treatment: Treatment) -> None:
        request_id = head.headers.get("alipay-request-id")

        def is_meant(call: IncomingCall) -> bool:
            return call.headers.get("alipay-request-id") == request_id

        if treatment.fault is not None:
            self.gateway.faults.add(treatment.fault, when=is_meant)

    async def _ask(
        self, link: Link, body: AsyncIterator[bytes], request: list[bytes]
    ) -> tuple[bytes, bool, bool]:
        """Send a request on.

        Returns:
            The answer, whether all of it came, and whether all of the request was sent.
        """
        async with self._upstream() as upstream:
            sending = asyncio.create_task(_send(upstream, body, request))
            waiting = asyncio.create_task(upstream.answer())
            try:
                await asyncio.wait({sending, waiting}, return_when=asyncio.FIRST_COMPLETED)
                is_sent = sending.done() and sending.exception() is None
                if sending.done() and isinstance(sending.exception(), Gone):
                    raise Gone
                while not waiting.done():
                    link.check()
                    await asyncio.wait({waiting}, timeout=0.02)
                answer, is_whole = waiting.result()
                self.late += is_whole and link.is_gone()
                return answer, is_whole, is_sent
            finally:
                for task in (sending, waiting):
                    task.cancel()
                await asyncio.gather(sending, waiting, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def _upstream(self) -> AsyncIterator[Upstream]:
        url = URL(self.gateway.base_url)
        upstream = Upstream(*await asyncio.open_connection(url.host, url.port, limit=65_536))
        try:
            yield upstream
        finally:
            upstream.drop()

    async def _give_back(
        self, link: Link, answer: bytes, request: bytes, treatment: Treatment
    ) -> bool:
        begun = len(_begun(treatment))
        await link.pause(treatment.delay)
        down = treatment.down
        if down == "lose":
            await self._lose(link, treatment)
            return False
        if down == "truncate":
            await link.write(answer[begun : max(begun, int(len(answer) * treatment.size))])
            await self._lose(link, treatment)
            return False
        if down in ("page", "replay", "bad-chunk", "garbage", "unreadable"):
            await link.write(self._lie(answer, down)[begun:])
            if down == "bad-chunk":
                await link.pause(0.03)
                await link.write(b"zz\r\nnot a chunk\r\n")
                await link.stay()
            return down in ("page", "replay", "unreadable")
        if down == "dribble":
            for start in range(begun, len(answer), 1 + len(answer) // 8):
                await link.write(answer[max(begun, start) : start + 1 + len(answer) // 8])
                await link.pause(0.02)
        else:
            await link.write(answer[begun:])
        headers = Head(answer).headers
        if "alipay-signature" in headers:
            self._answers[headers["alipay-trace-id"]] = answer
        await self._afterwards(link, answer, request, treatment)
        return down != "bye"

    def _lie(self, answer: bytes, down: str) -> bytes:
        if down == "replay" and self._seen:
            return self.dice.choice(self._seen)
        if down == "unreadable":
            return self._sign_anew(answer)
        if down == "garbage":
            return b"HTTP/1.1 \xff\xfe" + bytes(range(200))
        if down == "bad-chunk":
            head, _, body = answer.partition(b"\r\n\r\n")
            lines = [line for line in head.split(b"\r\n") if b"content-length" not in line.lower()]
            chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"
            return b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", b""]) + chunk
        status, title = self.dice.choice(_PAGES)
        page = f"<html><title>{status} {title}</title></html>"
        return (
            f"HTTP/1.1 {status} {title}\r\nContent-Type: text/html\r\n"
            f"Content-Length: {len(page)}\r\n\r\n{page}"
        ).encode()

    def _sign_anew(self, answer: bytes) -> bytes:
        """Return a success of the platform's with a body that says nothing; else what it said."""
        headers = Head(answer).headers
        if "alipay-signature" not in headers:
            return answer
        body = self.dice.choice((b"", b"{", b"[]", b'{"code":"SYSTEM_ERROR","message":"x"}'))
        signer = self.gateway._keyring.identity().signer
        timestamp, nonce = headers["alipay-timestamp"], f"{self.dice.getrandbits(128):032x}"
        headers |= {
            "alipay-nonce": nonce,
            "alipay-signature": signer.sign(f"{timestamp}\n{nonce}\n".encode() + body + b"\n"),
            "content-length": str(len(body)),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + body

    async def _afterwards(
        self, link: Link, answer: bytes, request: bytes, treatment: Treatment
    ) -> None:
        down = treatment.down
        if down == "duplicate":
            async with self._upstream() as upstream:
                upstream.writer.write(request)
                with contextlib.suppress(TimeoutError):
                    answer, _ = await asyncio.wait_for(upstream.answer(), 1)
        stains = {
            "duplicate": answer,
            "stray-copy": answer,
            "stray-junk": _JUNK,
            "stray-408": _TIMEOUT,
        }
        if down in stains:
            await link.pause(treatment.size * 0.05)
            link.stain(stains[down])
        elif down == "bye":
            await link.pause(treatment.size * 0.05)
            link.end("reset" if treatment.ending == "reset" else "close")


def _begun(treatment: Treatment) -> bytes:
    """The part of a final answer that was sent early."""
    return b"" if b"Continue" in treatment.early else treatment.early


async def _again(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _send(upstream: Upstream, body: AsyncIterator[bytes], request: list[bytes]) -> None:
    upstream.writer.write(request[0])
    async for piece in body:
        request.append(piece)
        upstream.writer.write(piece)
        await upstream.writer.drain()
