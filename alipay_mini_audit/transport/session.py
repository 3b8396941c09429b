"""The aiohttp session.

Sends a signed request, returns the raw reply, and says how far a failure came.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Final, final

import aiohttp
from yarl import URL

from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.errors import (
    ConfigurationError,
    MalformedReply,
    Outcome,
    SendInterrupted,
)
from alipay_mini_audit.files.resources import UploadResources
from alipay_mini_audit.problems import told
from alipay_mini_audit.protocol import RawReply, Request, is_refusal_status
from alipay_mini_audit.transport import lent_pool
from alipay_mini_audit.transport.bodies import EmptyBody, JsonBody, UploadBody
from alipay_mini_audit.transport.exchange import Exchange
from alipay_mini_audit.transport.failures import closed_client
from alipay_mini_audit.transport.headers import OwnHeaders, framing_of
from alipay_mini_audit.transport.places import Place, Places
from alipay_mini_audit.transport.progress import Progress
from alipay_mini_audit.transport.proxy import proxy_of

__all__ = ["Transport"]

REPLY_LIMIT: Final = 1024 * 1024
_CLOSE_SECONDS: Final = 0.4
_OTHER_LOOP: Final = (
    ("it was used in another event loop.", "Make one in each loop."),
    ("已在另一个事件循环中使用过。", "请在每个事件循环中各建一个。"),
)
_SESSION_CLOSED: Final = (
    ("the session that was lent to the client is closed.", "Close it after the client."),
    ("借给客户端的会话已关闭。", "请在关闭客户端之后再关闭会话。"),
)
_NO_LIMITS: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)
"""aiohttp's own start too early: while it waits for its pool, while the kernel still sends."""


@final
class Transport:
    """One aiohttp session for all calls of a client and its views.

    Args:
        config: settings.
        resources: what the calls of the client share.
        session: a session of the caller's, which is used and never closed; `None` makes one when
            needed.
    """

    def __init__(
        self,
        config: ClientConfig,
        resources: UploadResources,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self._config = config
        self._resources = resources
        self._borrowed = session is not None
        self._session = session
        self._loop: asyncio.AbstractEventLoop | None = None
        self._places = Places(lent_pool.room_in(session, config.max_connections))
        self._calls = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._exchanges: set[Exchange] = set()
        self._nothing_under_way = asyncio.Event()
        self._nothing_under_way.set()
        self._origin = config.base_url.rstrip("/")
        self._proxy, self._proxy_headers = proxy_of(config)
        # Without a tunnel the proxy reads the request itself.
        self._own_headers = (self._proxy_headers or {}) if config.is_plain else {}
        self._is_closing = False
        self._closed = False

    async def drain(self, seconds: float) -> None:
        """Refuse new calls from now on, and wait for those under way.

        Args:
            seconds: how long at most.
        """
        self._is_closing = True
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._idle.wait()

    async def aclose(self) -> None:
        """Break off what is under way, and close the session unless it is borrowed.

        It takes less than a second, whatever the peers do. May be called again.
        """
        self._is_closing = self._closed = True
        self._places.close()
        for exchange in tuple(self._exchanges):
            exchange.close()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._nothing_under_way.wait()
        finally:
            if self._session is not None and not self._borrowed:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_CLOSE_SECONDS):
                        await self._session.close()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a call of the caller's for the length of the block.

        Raises:
            ConfigurationError: the client is closed, or about to be.
        """
        if self._is_closing:
            raise closed_client()
        self._calls += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()

    def place(self, seconds: float | None) -> AbstractAsyncContextManager[Place]:
        """Wait for a place among the calls on the wire; see `Places.place`."""
        return self._places.place(seconds)

    async def send(
        self,
        request: Request,
        signature: bytes,
        timeouts: Timeouts,
        deadline: float,
        progress: Progress,
    ) -> RawReply:
        """Send one attempt and read its reply. The call has its `place` already.

        Args:
            request: what to send.
            signature: the raw signature of its `string_to_sign`.
            timeouts: seconds for each phase.
            deadline: when the whole call must be over, in the time of the event loop.
            progress: a new one, which is told how far the request comes.

        Raises:
            CallError: it did not come to a whole reply; `outcome` says what is known.
            ConfigurationError: the client is closed, or belongs to another event loop, or cannot
                send this; nothing was sent.
        """
        session = self._open_session()
        exchange = Exchange(progress, timeouts, deadline)
        self._exchanges.add(exchange)
        self._nothing_under_way.clear()
        hooks = lent_pool.watched(session, exchange) if self._borrowed else contextlib.nullcontext()
        try:
            with hooks:
                return await exchange.run(
                    self._exchange(session, request, signature, exchange, progress)
                )
        finally:
            self._exchanges.discard(exchange)
            if not self._exchanges:
                self._nothing_under_way.set()

    async def _exchange(
        self,
        session: aiohttp.ClientSession,
        request: Request,
        signature: bytes,
        exchange: Exchange,
        progress: Progress,
    ) -> RawReply:
        body = self._body(request, exchange, progress)
        method = request.call.operation.method
        framing = framing_of(method, None if isinstance(body, EmptyBody) else body)
        headers = request.headers(signature) | framing | self._own_headers
        response = await session.request(
            method,
            URL(self._origin + request.call.target, encoded=True),
            headers=headers,
            data=body,
            timeout=_NO_LIMITS,
            allow_redirects=False,
            raise_for_status=False,
            proxy=self._proxy,
            proxy_headers=self._proxy_headers,
            ssl=self._config.ssl,
            middlewares=(OwnHeaders(headers), exchange.send_once),
        )
        try:
            exchange.piece_came()
            response.content.on_eof(exchange.reply_ended)
            answered = {name.lower(): value for name, value in response.headers.items()}
            raw = RawReply(response.status, answered, await _read(response, exchange))
        except BaseException:
            response.close()
            raise
        if exchange.is_whole:
            response.release()
        else:
            # Answered before the end of the body: the rest of it would be read as a request.
            response.close()
        if raw.is_success and exchange.is_early:
            raise SendInterrupted(
                "The peer answered with success before it had the whole request; "
                "that answer is about something else."
            )
        return raw

    def _body(
        self, request: Request, exchange: Exchange, progress: Progress
    ) -> EmptyBody | JsonBody | UploadBody:
        if request.call.operation.is_upload:
            return UploadBody(request, progress, exchange, self._resources)
        if request.body:
            return JsonBody(request, progress, exchange)
        return EmptyBody(exchange)

    def check(self) -> None:
        """Return if the client may be used here.

        Raises:
            ConfigurationError: the client is closed, or belongs to another event loop.
        """
        loop = asyncio.get_running_loop()
        if self._closed:
            raise closed_client()
        if self._loop not in (None, loop):
            problem = told("client", "other_event_loop", *_OTHER_LOOP)
            raise ConfigurationError.from_problem(problem)
        self._loop = loop

    def _open_session(self) -> aiohttp.ClientSession:
        self.check()
        if self._session is None:
            # The limit is `_places`: waiting there is not connecting.
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar()
            )
        elif self._session.closed:
            raise ConfigurationError.from_problem(told("session", "closed", *_SESSION_CLOSED))
        return self._session


async def _read(response: aiohttp.ClientResponse, exchange: Exchange) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        exchange.piece_came()
        body += piece
        if len(body) > REPLY_LIMIT:
            refused = is_refusal_status(response.status)
            raise MalformedReply(
                f"The reply is longer than {REPLY_LIMIT} bytes; no API answers like this.",
                outcome=Outcome.REFUSED if refused else Outcome.UNKNOWN,
                advice="Check base_url, and what stands between you and Alipay.",
                http_status=response.status,
            )
    return bytes(body)
