"""The aiohttp session.

Sends a signed request, returns the raw reply, and says how far a failure came.
"""

from __future__ import annotations

import asyncio
from typing import Final, final

import aiohttp
from yarl import URL

from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.errors import ConfigurationError, MalformedReply, Outcome
from alipay_mini_audit.files.resources import UploadResources
from alipay_mini_audit.protocol import RawReply, Request
from alipay_mini_audit.transport.bodies import JsonBody, UploadBody
from alipay_mini_audit.transport.failures import failure_of, without_userinfo
from alipay_mini_audit.transport.headers import OwnHeaders, framing_of
from alipay_mini_audit.transport.progress import Phase, Progress
from alipay_mini_audit.transport.proxy import proxy_of

__all__ = ["Transport"]

REPLY_LIMIT: Final = 1024 * 1024
_READ_BYTES: Final = 64 * 1024


class _Failed(Exception):
    """Carries an aiohttp failure past aiohttp, which would send a GET again, nonce and all."""


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
        self._places = asyncio.Semaphore(config.max_connections)
        self._origin = config.base_url.rstrip("/")
        self._proxy, self._proxy_headers = proxy_of(config)
        # Without a tunnel the proxy reads the request itself.
        self._own_headers = (self._proxy_headers or {}) if config.is_plain else {}
        self._closed = False

    async def aclose(self) -> None:
        """Close the session, unless it is borrowed. May be called again."""
        self._closed = True
        if self._session is not None and not self._borrowed:
            await self._session.close()

    async def send(
        self,
        request: Request,
        signature: bytes,
        timeouts: Timeouts,
        deadline: float,
        progress: Progress,
    ) -> RawReply:
        """Send one attempt and read its reply.

        Args:
            request: what to send.
            signature: the raw signature of its `string_to_sign`.
            timeouts: seconds for each phase.
            deadline: when the whole call must be over, in the time of the event loop.
            progress: a new one, which is told how far the request comes.

        Raises:
            CallError: it did not come to a whole reply; `outcome` says what is known.
            ConfigurationError: the client is closed, or belongs to another event loop.
        """
        session = self._open_session()
        try:
            async with asyncio.timeout_at(deadline), self._places:
                return await self._exchange(session, request, signature, timeouts, progress)
        except _Failed as failed:
            error = failed.__cause__ or failed
            raise progress.failure or failure_of(error, progress.phase) from error
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            raise progress.failure or failure_of(error, progress.phase) from error
        except (ValueError, RuntimeError) as error:
            problem = f"it cannot send the request: {without_userinfo(str(error))}."
            raise ConfigurationError("session", problem, code="cannot_send") from error
        finally:
            await progress.settle()

    async def _exchange(
        self,
        session: aiohttp.ClientSession,
        request: Request,
        signature: bytes,
        timeouts: Timeouts,
        progress: Progress,
    ) -> RawReply:
        body = self._body(request, progress)
        method = request.call.operation.method
        headers = request.headers(signature) | framing_of(method, body) | self._own_headers
        if body is None:
            progress.sent()
        response = await session.request(
            method,
            URL(self._origin + request.call.target, encoded=True),
            headers=headers,
            data=body,
            timeout=aiohttp.ClientTimeout(
                total=None, connect=timeouts.connect, sock_read=timeouts.reply
            ),
            allow_redirects=False,
            raise_for_status=False,
            proxy=self._proxy,
            proxy_headers=self._proxy_headers,
            ssl=self._config.ssl,
            middlewares=(OwnHeaders(headers), _once),
        )
        try:
            progress.phase = Phase.READING
            answered = {name.lower(): value for name, value in response.headers.items()}
            raw = RawReply(response.status, answered, await _read(response))
        except BaseException:
            response.close()
            raise
        if progress.sent_whole:
            response.release()
        else:
            # Answered before the end of the body: the rest of it would be read as a request.
            response.close()
        return raw

    def _body(self, request: Request, progress: Progress) -> JsonBody | UploadBody | None:
        if request.call.operation.is_upload:
            return UploadBody(request, progress, self._resources)
        return JsonBody(request, progress) if request.body else None

    def check(self) -> None:
        """Return if the client may be used here.

        Raises:
            ConfigurationError: the client is closed, or belongs to another event loop.
        """
        loop = asyncio.get_running_loop()
        if self._closed:
            raise ConfigurationError("client", "it is closed.", "Make a new one.", code="closed")
        if self._loop not in (None, loop):
            problem = "it was used in another event loop."
            raise ConfigurationError(
                "client", problem, "Make one in each loop.", code="other_event_loop"
            )
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
            problem = "the session that was lent to the client is closed."
            raise ConfigurationError(
                "session", problem, "Close it after the client.", code="closed"
            )
        return self._session


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Failed from error


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_chunked(_READ_BYTES):
        body += piece
        if len(body) > REPLY_LIMIT:
            refused = 300 <= response.status < 500  # noqa: PLR2004  # HTTP's own numbers
            raise MalformedReply(
                f"The reply is longer than {REPLY_LIMIT} bytes; no API answers like this.",
                outcome=Outcome.REFUSED if refused else Outcome.UNKNOWN,
                advice="Check base_url, and what stands between you and Alipay.",
                http_status=response.status,
            )
    return bytes(body)
