"""`Exchange`: one request and its reply, with its limits of time and its end.

It ends in one of two ways. A whole reply to a whole request leaves the connection to others;
anything else resets it, so that nothing goes on behind the back of who gave it up.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn, final

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.errors import (
    AuditError,
    CallError,
    ConnectionFailed,
    Outcome,
    SendInterrupted,
)
from alipay_mini_audit.protocol import RawReply
from alipay_mini_audit.transport.connection import Connection, was_used
from alipay_mini_audit.transport.failures import (
    closed_under_call,
    failure_of,
    too_late,
    waited_too_long,
)
from alipay_mini_audit.transport.progress import Phase, Progress
from alipay_mini_audit.transport.watch import SendWatch

__all__ = ["Exchange"]

_SETTLE_SECONDS: Final = 1.0
_UNUSABLE_CONNECTIONS: Final = 2
_RETRIED_BY_AIOHTTP: Final = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)


class _Failed(Exception):
    """Carries an aiohttp failure past aiohttp, which would send a GET again, nonce and all."""


class _Unusable(Exception):
    """The connection is closed, or what came on it is not a reply to this request."""


@final
class Exchange:
    """Sends one request.

    Args:
        progress: is told how far the request comes.
        timeouts: seconds for each phase.
        deadline: when it must be over, in the time of the event loop; what it waits for a free
            connection of a lent session, and at its gate, is added to it.
    """

    def __init__(self, progress: Progress, timeouts: Timeouts, deadline: float) -> None:
        self._progress = progress
        self._timeouts = timeouts
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._scope = asyncio.timeout_at(deadline)
        self._is_running = False
        self._limit = (deadline, "total")
        self._connection: Connection | None = None
        self._behind_proxy = False
        self._is_unusable = False
        self._was_reused = False
        self._watch: SendWatch | None = None
        self._settled: asyncio.Event | None = None
        self._gone_at: float | None = None
        self._last_piece_at = -math.inf
        self.is_early = False
        """The reply ended before the peer's kernel had the whole request."""
        self.is_whole = False
        """A whole request was sent, and a whole reply has come."""
        self._failure: CallError | None = None
        self._is_closed = False
        self._is_over = False

    async def run(self, work: Awaitable[RawReply]) -> RawReply:
        """Wait for the reply, and reset the connection if it does not come whole.

        Args:
            work: sends the request by aiohttp and reads the reply.

        Raises:
            CallError: it did not come to a whole reply; `outcome` says what is known.
            ConfigurationError: the HTTP client cannot send this; nothing was sent.
        """
        task = asyncio.current_task()
        try:
            async with self._scope:
                self._is_running = True
                self._restrict("connect", self._loop.time() + self._timeouts.connect)
                return await work
        except asyncio.CancelledError as error:
            if task is not None and task.cancelling():
                raise
            raise self._explained(error)  # noqa: B904  # it has its cause
        except CallError:
            raise
        except Exception as error:  # noqa: BLE001  # a hook of a lent session may raise anything
            cause = error.__cause__ or error if isinstance(error, _Failed) else error
            raise self._explained(cause)  # noqa: B904  # it has its cause
        finally:
            self._is_running = False
            self._is_over = True
            self._end()
            await self._settle()

    async def send_once(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send the request on a connection on which nothing is left; aiohttp calls this."""
        self._behind_proxy = request.proxy is not None
        unexplained = 0
        while True:
            self._is_unusable = self._was_reused = False
            self._restrict("connect", self._loop.time() + self._timeouts.connect)
            try:
                response = await handler(request)
            except aiohttp.ClientError as error:
                if not self._is_unusable and not self._came_unasked(error):
                    if isinstance(error, _RETRIED_BY_AIOHTTP):
                        raise _Failed from error
                    raise
            else:
                if self._progress.first_byte_at is not None:
                    return response
                self._was_reused = was_used(response.connection)
                response.close()
            unexplained += not self._was_reused
            if unexplained > _UNUSABLE_CONNECTIONS:
                self._failure = ConnectionFailed(
                    "Each connection has something to read, or is closed, before anything is sent; "
                    "what came is no reply."
                )
                raise self._failure

    def _came_unasked(self, error: aiohttp.ClientError) -> bool:
        """Say whether an error is about what was on the connection before anything was sent."""
        return (
            self._progress.first_byte_at is None
            and not self._behind_proxy  # which may have refused the connection in this way
            and isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientResponseError))
        )

    async def write(
        self,
        write: Callable[[AbstractStreamWriter], Awaitable[None]],
        writer: AbstractStreamWriter,
    ) -> None:
        """Write the request under watch, once there is a connection; the bodies call this.

        Args:
            write: writes the body, and with it the head.
            writer: of aiohttp.
        """
        transport = writer.transport
        is_over = self._is_closed or self._is_over
        if is_over or transport is None or transport.is_closing():
            self._is_unusable = True
            raise _Unusable
        connection = Connection(transport)
        if not connection.is_clean:
            self._refuse(connection)
        self._connection = connection
        connection.take(self)
        self._restrict("total", math.inf)
        self._settled = asyncio.Event()
        self._watch = SendWatch(
            connection, writer, self._progress, on_stall=self._stalled, on_gone=self._gone
        )
        try:
            await write(writer)
            self._progress.sent()
            self._watch.sent()
        except _Unusable:
            self._watch.stop()
            raise
        except CallError as error:
            if self._progress.phase is Phase.CONNECTING:
                error.outcome = Outcome.NOT_SENT
            self._failure = error
            raise
        finally:
            self._settled.set()

    def leaving(self, count: int) -> None:
        """Note that `count` bytes of the body, which are written now, may arrive."""
        connection = self._connection
        if connection is None or connection.is_closing:
            return
        if self._progress.first_byte_at is None:
            if connection.has_input:  # it took time to read the first bytes of the body
                self._refuse(connection)
            connection.begin()
        self._progress.leaving(count, self._loop.time())

    def _refuse(self, connection: Connection) -> NoReturn:
        self._is_unusable = True
        self._was_reused = connection.is_reused
        self._connection = None
        connection.reset()
        raise _Unusable

    def piece_came(self) -> None:
        """Note that the head of the reply, or a piece of its body, is here."""
        self._progress.phase = Phase.READING
        self._last_piece_at = self._loop.time()
        self._restrict_reply()

    def reply_ended(self) -> None:
        """Note that the last byte of the reply is here; aiohttp calls this.

        It gives the connection to others at the same moment or just before, unless it is closed.
        """
        connection = self._connection
        if connection is None:
            return
        self.is_early = not (self._progress.is_handed_over and connection.has_sent_all)
        self.is_whole = self._progress.sent_whole and not self.is_early
        if self.is_whole:
            connection.give_back(self)
        else:
            self._reset()

    def queued(self) -> None:
        """Note that it waits for a connection of a lent session."""
        now = self._progress.waits_since = self._loop.time()
        queue = self._timeouts.queue
        self._restrict("queue", math.inf if queue is None else now + queue)

    def unqueued(self) -> None:
        """Note that it waits no longer."""
        if self._progress.waits_since is None:
            return
        now = self._go_on()
        self._restrict("connect", now + self._timeouts.connect)

    async def wait(self, gate: Awaitable[None]) -> None:
        """Wait at a gate, for as long as it takes: only a closing or a cancel ends that."""
        self._progress.waits_since = self._loop.time()
        self._restrict("total", math.inf)
        try:
            await gate
        finally:
            self._go_on()
            self._restrict("total", math.inf)

    def _go_on(self) -> float:
        """Let its time count again, and return it."""
        now = self._loop.time()
        waited = self._progress.waited(now) - self._progress.queued_seconds
        self._progress.waits_since = None
        self._progress.queued_seconds += waited
        self._deadline += waited
        return now

    def close(self) -> None:
        """Break it off, since the client is closed."""
        self._is_closed = True
        self._break_off()

    def _restrict(self, name: str, when: float) -> None:
        """Let the present phase end at a time, or the whole exchange at its deadline."""
        if self._is_closed or self._failure is not None:
            return  # it ends now
        limits = [(when, name)]
        if self._progress.waits_since is None:
            limits.append((self._deadline, "total"))
        self._limit = min(limits)
        self._expire_at(self._limit[0])

    def _restrict_reply(self) -> None:
        if self._gone_at is not None:
            since = max(self._gone_at, self._last_piece_at)
            self._restrict("reply", since + self._timeouts.reply)

    def _expire_at(self, when: float) -> None:
        if self._is_running and not self._scope.expired():
            self._scope.reschedule(None if when == math.inf else when)

    def _gone(self, when: float) -> None:
        self._gone_at = when
        self._restrict_reply()

    def _stalled(self) -> None:
        stall = self._progress.stall
        unsent = Outcome.NOT_SENT if self._progress.phase is Phase.CONNECTING else None
        reason = f"No byte of the request moved for {stall:g} s."
        self._give_up(SendInterrupted(reason, outcome=unsent))

    def _give_up(self, failure: CallError) -> None:
        self._failure = self._failure or failure
        self._break_off()

    def _break_off(self) -> None:
        self._reset()
        self._expire_at(self._loop.time())

    def _explained(self, error: BaseException) -> AuditError:
        explained = self._explain(error)
        if explained is not self._failure:  # that one has a cause of its own, or none
            explained.__cause__ = error
        return explained

    def _explain(self, error: BaseException) -> AuditError:
        phase = self._progress.phase
        if self._failure is not None:
            return self._failure
        if self._is_closed:
            return closed_under_call(phase)
        if not self._scope.expired():
            return failure_of(error, phase)
        setting = self._limit[1]
        if setting == "queue" and self._timeouts.queue is not None:
            return waited_too_long(
                self._timeouts.queue, "a free connection of the session that was lent"
            )
        if phase is Phase.WAITING and self._watch is not None and self._watch.sees_unsent:
            phase = Phase.SENDING
        return too_late(setting, phase)

    def _end(self) -> None:
        if self._watch is not None:
            self._watch.stop()
        if not self.is_whole:
            self._reset()

    def _reset(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None or not connection.belongs_to(self):
            return
        in_process = not self._progress.is_handed_over or connection.held() > 0
        connection.reset()
        self._progress.is_cut = in_process and not self._behind_proxy

    async def _settle(self) -> None:
        """Wait until the body is no longer written and its files are closed: at most a second."""
        if self._settled is not None and not self._settled.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SETTLE_SECONDS):
                    await self._settled.wait()
