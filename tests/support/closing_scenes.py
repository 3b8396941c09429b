"""What a client may be doing when it is closed: one scene for each kind of wait.

Every scene waits for ever, or for much longer than a close may take.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from unittest import mock

import aiohttp
import attrs
from aiohttp.abc import AbstractResolver
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support import certificates
from support.judge_link import Head, Link
from support.sandbox_material import KEYS

from alipay_mini_audit import (
    AuditClient,
    ClientConfig,
    Credentials,
    Preflight,
    RetryPolicy,
    Signer,
    Timeouts,
)

LONG = 30.0
LIMITS = Timeouts(connect=LONG, sign=LONG, stall=LONG, reply=LONG, total=3 * LONG)
PATIENT = RetryPolicy(attempts=5, initial_delay=LONG, max_delay=LONG)
_PNG = b"\x89PNG\r\n\x1a\n"
_THROTTLED = (
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 30\r\n"
    b'Content-Length: 41\r\n\r\n{"code":"app-call-limited","message":"x"}'
)


@attrs.define(eq=False)
class Peer:
    """A server that treats every connection in the same way.

    Attributes:
        treat: gets each connection.
        links: those that the client has not ended.
    """

    treat: Callable[[Link], Any]
    links: set[Link] = attrs.field(factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(reader, writer)
        self.links.add(link)
        try:
            await self.treat(link)
            await link.stay()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.links.discard(link)
            link.end("reset")


async def freeze(link: Link) -> None:
    """Read nothing."""
    link.writer.transport.pause_reading()


async def freeze_later(link: Link) -> None:
    """Read a part of the body, and then nothing."""
    await link.reader.readexactly(50_000)
    link.writer.transport.pause_reading()


async def be_silent(link: Link) -> None:
    """Read everything, answer nothing."""
    await read_request(link)


async def answer_half(link: Link) -> None:
    """Answer with half a reply."""
    await read_request(link)
    await link.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")


async def throttle(link: Link) -> None:
    """Have the client wait before it tries again."""
    await read_request(link)
    await link.write(_THROTTLED)


async def lose(link: Link) -> None:
    """Lose the reply to what changes something, and answer no question."""
    if (await read_request(link)).raw.startswith(b"POST"):
        link.end("close")


async def read_request(link: Link) -> Head:
    """Read a whole request; return its head."""
    head = Head(await link.reader.readuntil(b"\r\n\r\n"))
    await link.reader.readexactly(head.length)
    return head


@attrs.define
class SlowSigner:
    """A key service that does not answer."""

    async def sign(self, message: bytes) -> bytes:
        await asyncio.sleep(LONG)
        return message


@attrs.define
class SlowSource:
    """A file of the user's that gives no bytes."""

    filename = "logo.png"
    size = 100_000

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["SlowSource"]:
        yield self

    async def read(self, size: int, /) -> bytes:
        await asyncio.sleep(LONG)
        return bytes(size)


class SlowResolver(AbstractResolver):
    """A name service that does not answer."""

    async def resolve(self, *_: Any, **__: Any) -> list[Any]:
        await asyncio.sleep(LONG)
        return []

    async def close(self) -> None:
        """There is nothing to close."""


@attrs.frozen(kw_only=True)
class Scene:
    """What a client is doing, and with whom.

    Attributes:
        name: of the scene.
        treat: what its peer does.
        is_tls: whether the peer speaks TLS.
        has_handshake: whether it finishes the handshake.
        size: bytes of the file of an apply; 0 sends none.
        source: is sent in its place.
        host: that the client looks up; `None` is the peer's address.
        lends: whether the session is the user's.
        signer: signs; `None` takes a key.
        places: connections that the client may have.
    """

    name: str
    treat: Callable[[Link], Any] = be_silent
    is_tls: bool = False
    has_handshake: bool = True
    size: int = 0
    source: SlowSource | None = None
    host: str | None = None
    lends: bool = False
    signer: Signer | None = None
    places: int = 8

    def attachments(self) -> dict[str, Any] | None:
        """Return the files of an apply."""
        if self.source is not None:
            return {"app_logo": self.source}
        return {"app_logo": _PNG + bytes(self.size)} if self.size else None

    @contextlib.asynccontextmanager
    async def play(self, folder: Path) -> AsyncIterator[tuple[AuditClient, Peer]]:
        """Start the peer and make the client.

        Args:
            folder: where the certificate of the peer is.
        """
        peer = Peer(self.treat)
        speaks = server_context(folder) if self.is_tls and self.has_handshake else None
        async with contextlib.AsyncExitStack() as stack:
            server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=speaks)
            stack.callback(server.close)
            port = server.sockets[0].getsockname()[1]
            scheme = "https" if self.is_tls or self.host else "http"
            config = ClientConfig(
                preflight=Preflight.OFF,
                base_url=f"{scheme}://{self.host or '127.0.0.1'}:{port}",
                timeouts=LIMITS,
                retry=PATIENT,
                max_connections=self.places,
                ssl=False,
            )
            if self.host is not None and not self.lends:
                stack.enter_context(blocked_look_up(self.host))
            session = None
            if self.lends:
                resolver = SlowResolver() if self.host else None
                connector = aiohttp.TCPConnector(resolver=resolver, limit=4)
                session = aiohttp.ClientSession(connector=connector)
                stack.push_async_callback(session.close)
            yield AuditClient(credentials(self.signer), config, session=session), peer


SCENES = (
    Scene(name="upload to a frozen peer", treat=freeze, size=8_000_000),
    Scene(name="upload to a peer that stops reading", treat=freeze_later, size=8_000_000),
    Scene(name="small request to a frozen peer", treat=freeze),
    Scene(name="wait for a reply", size=20_000),
    Scene(name="wait for the rest of a reply", treat=answer_half),
    Scene(name="wait before another attempt", treat=throttle),
    Scene(name="question", treat=lose),
    Scene(name="host look-up", host="platform.test"),
    Scene(name="host look-up on a lent session", host="platform.test", lends=True),
    Scene(name="upload on a lent session", treat=freeze, size=4_000_000, lends=True),
    Scene(name="TLS handshake", is_tls=True, has_handshake=False, treat=freeze),
    Scene(name="upload over TLS", is_tls=True, treat=freeze_later, size=8_000_000),
    Scene(name="wait for a reply over TLS", is_tls=True),
    Scene(name="signing", signer=SlowSigner()),
    Scene(name="wait for a place", places=1),
    Scene(name="source that gives nothing", source=SlowSource()),
)


def credentials(signer: Signer | None) -> Credentials:
    """Return credentials of the vectors' app."""
    key = KEYS / "app.pkcs8.pem" if signer is None else signer
    return Credentials.from_keys("2021000000000001", key, KEYS / "alipay.public.pem")


def server_context(folder: Path) -> ssl.SSLContext:
    """Return the TLS side of a peer; its certificate is made at the first call."""
    chain = folder / "peer.pem"
    if not chain.exists():
        private = certificates.key("ca").private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        chain.write_bytes(private + certificates.pem(certificates.root()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


@contextlib.contextmanager
def blocked_look_up(host: str) -> Any:
    """Let no look-up of a host end before this does, as a name server that is down."""
    over, look_up = threading.Event(), socket.getaddrinfo

    def wait(name: Any, *args: Any, **options: Any) -> Any:
        if name in (host, host.encode()):
            over.wait(LONG)
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return look_up(name, *args, **options)

    with mock.patch("socket.getaddrinfo", wait):
        try:
            yield
        finally:
            over.set()
