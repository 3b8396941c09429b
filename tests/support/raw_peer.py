"""A peer of blocking sockets in threads of its own: it takes no part in the client's event loop."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Self

from support.scripted_server import ONCE

from alipay_mini_audit import AuditClient, ClientConfig, Credentials, Preflight, Timeouts

Serve = Callable[[socket.socket], None]
TLS = tuple[ssl.SSLContext, ssl.SSLContext]
"""Contexts of the server and of the client."""


class RawPeer:
    """Serves each connection by a function, in a thread.

    Args:
        serve: what is done with a connection; what it raises ends it.
        tls: contexts; `None` is plain.
        receive_buffer: how much the kernel takes that `serve` has not read, in bytes.
    """

    def __init__(
        self, serve: Serve, tls: TLS | None = None, *, receive_buffer: int = 32_768
    ) -> None:
        self._serve = serve
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.errors: list[BaseException] = []
        scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
        self.base_url = f"{scheme}://{host}:{self._listening.getsockname()[1]}"
        self.client_context: ssl.SSLContext | bool = tls[1] if tls else True

    @property
    def connections(self) -> int:
        return len(self._threads) - 1

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def wait_for_errors(self, count: int) -> None:
        """Wait, for ten seconds at most, until so many connections have ended in an error."""
        until = time.monotonic() + 10
        while len(self.errors) < count and time.monotonic() < until:
            time.sleep(0.01)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._open.append(connection)
                self._start(lambda taken=connection: self._run(taken))

    def _run(self, connection: socket.socket) -> None:
        try:
            with (
                self._tls[0].wrap_socket(connection, server_side=True)
                if self._tls
                else connection as served
            ):
                self._serve(served)
        except OSError as error:
            self.errors.append(error)


def read_head(connection: socket.socket) -> tuple[bytes, int, bytes]:
    """Read the head of a request.

    Returns:
        The head, the length of the body that it announces, and what came of the body with it.
    """
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            raise ConnectionError("no request")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    length = int((head.lower() + b"\r\n").partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
    return head, length, rest


def read_request(connection: socket.socket) -> bytes:
    """Read a whole request and return its body."""
    _, length, body = read_head(connection)
    while len(body) < length:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError("cut")
        body += piece
    return body


def client_of(
    peer: RawPeer, credentials: Credentials, *, max_connections: int = 32, **timeouts: float
) -> AuditClient:
    """Return a client of a peer, that makes one attempt and takes recorded replies."""
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=peer.base_url,
        check_freshness=False,
        ssl=peer.client_context,
        retry=ONCE,
        max_connections=max_connections,
        timeouts=Timeouts(**{"total": 20, **timeouts}),
    )
    return AuditClient(credentials, config)
