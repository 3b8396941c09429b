"""`Service`: one request in, one answer out."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import uuid
from collections.abc import Callable
from typing import Final, final

from aiohttp import web

from alipay_mini_audit.sandbox.business.desk import Desk
from alipay_mini_audit.sandbox.business.merchants import Merchants
from alipay_mini_audit.sandbox.business.quotas import CallRate
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.calls import Calls, ReceivedCall, is_chunked
from alipay_mini_audit.sandbox.clock import ShiftedClock
from alipay_mini_audit.sandbox.faults.faults import Action, Fault, Faults, IncomingCall
from alipay_mini_audit.sandbox.faults.injection import play
from alipay_mini_audit.sandbox.pki.keyring import Keyring
from alipay_mini_audit.sandbox.pki.x509 import root_serial_number, serial_number
from alipay_mini_audit.sandbox.protocol.bodies import drain, go_on
from alipay_mini_audit.sandbox.protocol.chunks import ChunkedBody, TooManyChunks
from alipay_mini_audit.sandbox.protocol.encryption import Cipher, choose_cipher
from alipay_mini_audit.sandbox.protocol.judge import Judge
from alipay_mini_audit.sandbox.protocol.refusals import Refusal
from alipay_mini_audit.sandbox.protocol.replies import error_reply, page_reply, signed_reply
from alipay_mini_audit.sandbox.records import RequestRecord
from alipay_mini_audit.sandbox.routes import ROUTES
from alipay_mini_audit.sandbox.server import Peer

__all__ = ["Service"]

_MOST_CHUNKS: Final = 100


@final
class Service:
    """Answers requests for one app. To make it parses keys: use a worker thread.

    Args:
        keyring: keys and certificates, the AES key of encrypted calls among them.
        versions: where each version stands.
        desk: judges what is to be submitted.
        merchants: whose tokens there are.
        rate: how often the app may call; `None` for as often as it likes.
        clock: the platform's clock.
        faults: what goes wrong on purpose.
        speed_up: whether an apply that asks to be expedited is.
        on_request: is told of each request once it has ended, in the event loop; must be quick, and
            must not raise.

    Attributes:
        submissions: every accepted apply, oldest first.
        arrivals: every call that came whole and would move a version, in the order in which they
            were judged.
        calls: how many requests have come.

    Raises:
        ConfigurationError: a key is unusable.
    """

    def __init__(
        self,
        keyring: Keyring,
        versions: Versions,
        *,
        desk: Desk,
        merchants: Merchants,
        rate: CallRate | None,
        clock: ShiftedClock,
        faults: Faults,
        speed_up: bool,
        on_request: Callable[[RequestRecord], None],
    ) -> None:
        material = keyring.material
        self._judge = judge = Judge(
            app_id=material.app_id,
            public_key=material.app_public_key,
            app_cert_sn=serial_number(material.app_certificate),
            alipay_root_cert_sn=root_serial_number(material.root_certificate),
        )
        self._keyring = keyring
        self._desk = desk
        self._rate = rate
        self._clock = clock
        self._faults = faults
        self._cipher = None if keyring.encrypt_key is None else Cipher(keyring.encrypt_key)
        self._on_request = on_request
        self._calls = Calls(judge, versions, desk=desk, merchants=merchants, speed_up=speed_up)
        self.submissions = self._calls.submissions
        self.arrivals = self._calls.arrivals
        self.calls = 0

    def check_fault(self, fault: Fault) -> None:
        """Check that a fault can strike.

        Args:
            fault: what is to go wrong.

        Raises:
            ConfigurationError: it needs a new certificate, and the root's private key is missing.
        """
        if fault.action is Action.CERTIFICATE:
            self._keyring.material.root_key()

    def clear_faults(self) -> None:
        """Forget the faults to come, and undo the changes of certificate that faults have made."""
        self._faults.clear()
        self._keyring.restore()

    def start_over(self) -> None:
        """Forget every version, and what mini-programs have brought and used."""
        self._desk.start_over()

    async def handle(self, request: web.BaseRequest, peer: Peer) -> web.StreamResponse:
        """Read a request to its end, judge it, and answer, unless it meets a fault.

        Args:
            request: the request, its body unread.
            peer: the other end.
        """
        self.calls += 1
        route = ROUTES.get(_path(request))
        call = IncomingCall(
            number=self.calls,
            operation=None if route is None else route.operation,
            method=request.method,
            target=request.raw_path,
            headers=_headers(request),
        )
        record = RequestRecord.begin(call, self._clock.clock(), self._clock())
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            reply = await self._meet(request, peer, call, record)
            if reply.prepared or not peer.lost.done():
                record.status = reply.status
            record.trace_id = reply.headers.get("alipay-trace-id", record.trace_id)
            return reply
        finally:
            record.seconds = loop.time() - began
            self._on_request(record)

    async def _meet(
        self, request: web.BaseRequest, peer: Peer, call: IncomingCall, record: RequestRecord
    ) -> web.StreamResponse:
        fault = self._faults.take(call)
        if fault is not None:
            record.fault = fault.name
            if fault.action is Action.CERTIFICATE:
                await self._keyring.change_certificate(passing=True)
                fault = None
        if fault is None:
            return await self._respond(request, self._clock, record)
        if fault.action is Action.SKEW:
            seconds = fault.seconds
            return await self._respond(request, lambda: self._clock() + seconds, record)
        respond = functools.partial(self._respond, request, self._clock, record)
        reply = await play(fault, request, peer, respond)
        if fault.reply is not None:
            record.code = fault.reply.code
        return reply

    async def _respond(
        self, request: web.BaseRequest, clock: Callable[[], float], record: RequestRecord
    ) -> web.Response:
        trace_id = record.trace_id = uuid.uuid4().hex
        content = self._counted(request)
        try:
            return await self._answer(request, content, clock, trace_id, record)
        except Refusal as refusal:
            record.code = refusal.code
            # The platform's front end takes the whole body before anybody judges it.
            try:
                await drain(content or request.content)
            except TooManyChunks:
                return await _refuse_chunks(request)
            except (web.RequestPayloadError, ConnectionError):
                pass
            return error_reply(refusal, trace_id, clock())
        except TooManyChunks:
            return await _refuse_chunks(request)
        except (web.RequestPayloadError, ConnectionError):
            early = Refusal("invalid-request-data", "The body ended early.")
            record.code = early.code
            return error_reply(early, trace_id, clock())

    async def _answer(
        self,
        request: web.BaseRequest,
        content: ChunkedBody | None,
        clock: Callable[[], float],
        trace_id: str,
        record: RequestRecord,
    ) -> web.Response:
        await go_on(request)
        route = ROUTES.get(_path(request))
        if route is None:
            raise Refusal("invalid-method")
        if request.method != route.method:
            raise Refusal("invalid-http-method", f"This API is called with {route.method}.")
        headers = _headers(request)
        caller = self._judge.identify(headers, clock())
        if self._rate is not None:
            self._rate.take(self._clock())
        cipher = choose_cipher(headers.get("alipay-encrypt-type"), self._cipher)
        call = ReceivedCall(
            route.operation, request, headers, caller, cipher, clock, trace_id, content, record
        )
        body = await self._calls.answer(call)
        return await signed_reply(
            body,
            self._keyring.identity().signer,
            cipher=cipher,
            by_certificate=caller.by_certificate,
            trace_id=trace_id,
            now=clock(),
        )

    def _counted(self, request: web.BaseRequest) -> ChunkedBody | None:
        """Return the body if its chunks are to be counted."""
        if not self._desk.is_strict or not is_chunked(request):
            return None
        return ChunkedBody(request.content, _MOST_CHUNKS)


async def _refuse_chunks(request: web.BaseRequest) -> web.Response:
    with contextlib.suppress(web.RequestPayloadError, ConnectionError):
        await drain(request.content)
    return page_reply(413)


def _path(request: web.BaseRequest) -> str:
    return request.raw_path.partition("?")[0]


def _headers(request: web.BaseRequest) -> dict[str, str]:
    names = {name.lower() for name in request.headers}
    return {name: ", ".join(request.headers.getall(name)) for name in names}
