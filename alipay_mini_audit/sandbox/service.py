"""`Service`: one request in, one answer out."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final, Literal, final
from urllib.parse import parse_qsl

import attrs
from aiohttp import web

from alipay_mini_audit.sandbox.business.arrivals import Arrival
from alipay_mini_audit.sandbox.business.desk import Desk
from alipay_mini_audit.sandbox.business.parts import FILE_PARTS
from alipay_mini_audit.sandbox.business.quotas import CallRate
from alipay_mini_audit.sandbox.business.submissions import Submission
from alipay_mini_audit.sandbox.business.versions import Versions, VersionState
from alipay_mini_audit.sandbox.clock import ShiftedClock
from alipay_mini_audit.sandbox.faults.faults import Action, Fault, Faults, IncomingCall, Operation
from alipay_mini_audit.sandbox.faults.injection import play
from alipay_mini_audit.sandbox.pki.keyring import Keyring
from alipay_mini_audit.sandbox.pki.x509 import root_serial_number, serial_number
from alipay_mini_audit.sandbox.protocol.bodies import drain, go_on, parse_object, read_json
from alipay_mini_audit.sandbox.protocol.chunks import ChunkedBody, TooManyChunks
from alipay_mini_audit.sandbox.protocol.encryption import Cipher, choose_cipher
from alipay_mini_audit.sandbox.protocol.judge import Caller, Judge
from alipay_mini_audit.sandbox.protocol.refusals import Refusal
from alipay_mini_audit.sandbox.protocol.replies import error_reply, page_reply, signed_reply
from alipay_mini_audit.sandbox.protocol.uploads import Upload, read_upload
from alipay_mini_audit.sandbox.records import RequestRecord
from alipay_mini_audit.sandbox.server import Peer

__all__ = ["Service"]

_MOST_CHUNKS: Final = 100
_VERSION: Final = "/v3/alipay/open/mini/version"
_ROUTES: Final[Mapping[str, tuple[str, Operation]]] = {
    f"{_VERSION}/audit/apply": ("POST", "apply"),
    f"{_VERSION}/audit/cancel": ("POST", "cancel"),
    f"{_VERSION}/detail/query": ("GET", "detail"),
}


@final
@attrs.frozen
class _Call:
    """A request whose headers are in order."""

    request: web.BaseRequest
    headers: Mapping[str, str] = attrs.field(repr=False)
    caller: Caller
    cipher: Cipher | None
    clock: Callable[[], float]
    trace_id: str
    content: ChunkedBody | None
    record: RequestRecord


@final
class Service:
    """Answers requests for one app. To make it parses keys: use a worker thread.

    Args:
        keyring: keys and certificates, the AES key of encrypted calls among them.
        versions: where each version stands.
        desk: judges what is to be submitted.
        rate: how often the app may call; `None` for as often as it likes.
        clock: the platform's clock.
        faults: what goes wrong on purpose.
        speed_up: whether an apply that asks to be expedited is.
        on_request: is told of each request once it has ended, in the event loop; must be quick, and
            must not raise.

    Attributes:
        submissions: every accepted apply, oldest first.
        arrivals: every apply and cancel that came whole, in the order in which they were judged.
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
        rate: CallRate | None,
        clock: ShiftedClock,
        faults: Faults,
        speed_up: bool,
        on_request: Callable[[RequestRecord], None],
    ) -> None:
        material = keyring.material
        self._judge = Judge(
            app_id=material.app_id,
            public_key=material.app_public_key,
            app_cert_sn=serial_number(material.app_certificate),
            alipay_root_cert_sn=root_serial_number(material.root_certificate),
        )
        self._keyring = keyring
        self._versions = versions
        self._desk = desk
        self._rate = rate
        self._clock = clock
        self._faults = faults
        self._cipher = None if keyring.encrypt_key is None else Cipher(keyring.encrypt_key)
        self._speed_up = speed_up
        self._on_request = on_request
        self._operations: dict[Operation, Callable[[_Call], Awaitable[dict[str, object]]]] = {
            "apply": self._apply,
            "cancel": self._cancel,
            "detail": self._detail,
        }
        self.submissions: list[Submission] = []
        self.arrivals: list[Arrival] = []
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
        call = IncomingCall(
            number=self.calls,
            operation=_ROUTES.get(_path(request), (None, None))[1],
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
        method, operation = _ROUTES.get(_path(request), (None, None))
        if operation is None:
            raise Refusal("invalid-method")
        if request.method != method:
            raise Refusal("invalid-http-method", f"This API is called with {method}.")
        headers = _headers(request)
        caller = self._judge.identify(headers, clock())
        if self._rate is not None:
            self._rate.take(self._clock())
        cipher = choose_cipher(headers.get("alipay-encrypt-type"), self._cipher)
        body = await self._operations[operation](
            _Call(request, headers, caller, cipher, clock, trace_id, content, record)
        )
        return await signed_reply(
            body,
            self._keyring.identity().signer,
            cipher=cipher,
            by_certificate=caller.by_certificate,
            trace_id=trace_id,
            now=clock(),
        )

    async def _apply(self, call: _Call) -> dict[str, object]:
        upload = await read_upload(
            call.request, FILE_PARTS, encrypted=call.cipher is not None, content=call.content
        )
        call.record.parts = tuple(upload.parts)
        self._verify(call, upload.data or b"")
        if upload.problem is not None:
            raise upload.problem
        fields = _parse(call, upload.data or b"")
        with self._arriving("apply", call, fields):
            state = self._desk.apply(
                call.caller.owner,
                call.caller.app_auth_token,
                fields,
                upload.contents,
                call.clock(),
            )
        self.submissions.append(_submission(call, upload, state))
        if self._speed_up and fields.get("speed_up") != "false":
            return {"speed_up": "true", "speed_up_memo": "加速审核"}
        return {"speed_up": "false", "speed_up_memo": "未使用加速权益"}

    async def _cancel(self, call: _Call) -> dict[str, object]:
        body = await _json_of(call)
        self._verify(call, body)
        fields = _parse(call, body)
        with self._arriving("cancel", call, fields):
            self._versions.cancel(call.caller.owner, fields)
        return {}

    async def _detail(self, call: _Call) -> dict[str, object]:
        self._verify(call, await _json_of(call))
        query = dict(parse_qsl(call.request.raw_path.partition("?")[2], keep_blank_values=True))
        call.record.note_version(query)
        return self._versions.find(call.caller.owner, query).answer()

    @contextlib.contextmanager
    def _arriving(
        self, operation: Literal["apply", "cancel"], call: _Call, fields: Mapping[str, object]
    ) -> Iterator[None]:
        arrival = Arrival(
            operation=operation,
            app_auth_token=call.caller.app_auth_token,
            fields=fields,
            request_id=call.headers.get("alipay-request-id"),
            trace_id=call.trace_id,
            judged_at=call.clock(),
        )
        try:
            yield
        except Refusal as refusal:
            self.arrivals.append(attrs.evolve(arrival, code=refusal.code))
            raise
        self.arrivals.append(arrival)

    def _counted(self, request: web.BaseRequest) -> ChunkedBody | None:
        """Return the body if its chunks are to be counted."""
        if not self._desk.is_strict or not _is_chunked(request):
            return None
        return ChunkedBody(request.content, _MOST_CHUNKS)

    def _verify(self, call: _Call, body: bytes) -> None:
        request = call.request
        self._judge.verify(call.caller, request.method, request.raw_path, body, call.clock())


async def _json_of(call: _Call) -> bytes:
    encrypted = call.cipher is not None
    return await read_json(call.request, encrypted=encrypted, content=call.content)


async def _refuse_chunks(request: web.BaseRequest) -> web.Response:
    with contextlib.suppress(web.RequestPayloadError, ConnectionError):
        await drain(request.content)
    return page_reply(413)


def _is_chunked(request: web.BaseRequest) -> bool:
    return "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def _parse(call: _Call, body: bytes) -> dict[str, object]:
    fields = parse_object(body if call.cipher is None else call.cipher.decrypt(body))
    call.record.note_version(fields)
    return fields


def _path(request: web.BaseRequest) -> str:
    return request.raw_path.partition("?")[0]


def _headers(request: web.BaseRequest) -> dict[str, str]:
    names = {name.lower() for name in request.headers}
    return {name: ", ".join(request.headers.getall(name)) for name in names}


def _submission(call: _Call, upload: Upload, state: VersionState) -> Submission:
    return Submission(
        app_id=call.caller.authorization.app_id,
        app_version=state.app_version,
        app_auth_token=call.caller.app_auth_token,
        fields=state.fields,
        parts=tuple(upload.parts),
        request_id=call.headers.get("alipay-request-id"),
        trace_id=call.trace_id,
        chunked=_is_chunked(call.request),
        content_length=call.request.content_length,
    )
