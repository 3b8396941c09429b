"""`Calls`: what each call does once its headers are in order."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final, cast, final
from urllib.parse import parse_qsl

import attrs
from aiohttp import web

from alipay_mini_audit.sandbox.business.answers import detail_of
from alipay_mini_audit.sandbox.business.arrivals import Arrival
from alipay_mini_audit.sandbox.business.builds import BUILT
from alipay_mini_audit.sandbox.business.categories import list_categories
from alipay_mini_audit.sandbox.business.desk import Desk
from alipay_mini_audit.sandbox.business.lists import list_versions
from alipay_mini_audit.sandbox.business.merchants import Merchants
from alipay_mini_audit.sandbox.business.moves import ABSENT, MoveName
from alipay_mini_audit.sandbox.business.parts import FILE_PARTS
from alipay_mini_audit.sandbox.business.releases import Releases
from alipay_mini_audit.sandbox.business.states import VersionState
from alipay_mini_audit.sandbox.business.submissions import Submission
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.faults.operations import Operation
from alipay_mini_audit.sandbox.protocol.bodies import parse_object, read_json
from alipay_mini_audit.sandbox.protocol.chunks import ChunkedBody
from alipay_mini_audit.sandbox.protocol.encryption import Cipher
from alipay_mini_audit.sandbox.protocol.judge import Caller, Judge
from alipay_mini_audit.sandbox.protocol.refusals import Refusal
from alipay_mini_audit.sandbox.protocol.uploads import Upload, read_upload
from alipay_mini_audit.sandbox.records import RequestRecord

__all__ = ["Calls", "ReceivedCall", "is_chunked"]

_Answer = dict[str, object]


@final
@attrs.frozen
class ReceivedCall:
    """A request whose headers are in order, its body unread."""

    operation: Operation
    request: web.BaseRequest
    headers: Mapping[str, str] = attrs.field(repr=False)
    caller: Caller
    cipher: Cipher | None
    clock: Callable[[], float]
    trace_id: str
    content: ChunkedBody | None
    record: RequestRecord


@final
class Calls:
    """Reads calls to their end, judges them, and does what they ask.

    Args:
        judge: verifies their signatures.
        versions: where each version stands.
        desk: judges what is to be submitted.
        merchants: whose tokens there are.
        speed_up: whether an apply that asks to be expedited is.

    Attributes:
        submissions: every accepted apply, oldest first.
        arrivals: every call that came whole and would move a version, in the order in which they
            were judged.
    """

    def __init__(
        self,
        judge: Judge,
        versions: Versions,
        *,
        desk: Desk,
        merchants: Merchants,
        speed_up: bool,
    ) -> None:
        self._judge = judge
        self._versions = versions
        self._desk = desk
        self._merchants = merchants
        self._speed_up = speed_up
        self._releases = Releases(versions)
        self.submissions: list[Submission] = []
        self.arrivals: list[Arrival] = []

    async def answer(self, call: ReceivedCall) -> _Answer:
        """Read a call, do what it asks, and return what is answered.

        Args:
            call: the call.

        Raises:
            Refusal: it is not in order; nothing has changed then.
            TooManyChunks: its body comes in more than are taken.
            RequestPayloadError: its body ended early.
            ConnectionError: the peer left.
        """
        return await self._DO.get(call.operation, Calls._move)(self, call)

    async def _apply(self, call: ReceivedCall) -> _Answer:
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
                self._owner(call),
                call.caller.app_auth_token,
                fields,
                upload.contents,
                call.clock(),
            )
        self.submissions.append(_submission(call, upload, state))
        if self._speed_up and fields.get("speed_up") != "false":
            return {"speed_up": "true", "speed_up_memo": "加速审核"}
        return {"speed_up": "false", "speed_up_memo": "未使用加速权益"}

    async def _cancel(self, call: ReceivedCall) -> _Answer:
        fields = await self._fields_of(call)
        with self._arriving("cancel", call, fields):
            self._versions.cancel(self._owner(call), fields)
        return {}

    async def _move(self, call: ReceivedCall) -> _Answer:
        name = cast("MoveName", call.operation)
        fields = await self._fields_of(call)
        with self._arriving(name, call, fields):
            self._releases.move(name, self._owner(call), fields, call.clock())
        return {}

    async def _detail(self, call: ReceivedCall) -> _Answer:
        state = self._versions.find(self._owner(call), await self._query_of(call))
        if state.standing(call.clock()) == ABSENT:
            raise Refusal("APP_VERSION_IS_BLANK", "There is no such version.")
        return detail_of(state)

    async def _list(self, call: ReceivedCall) -> _Answer:
        query = await self._query_of(call)
        return list_versions(self._versions, self._owner(call), query, call.clock())

    async def _build_status(self, call: ReceivedCall) -> _Answer:
        state = self._versions.find(self._owner(call), await self._query_of(call))
        if state.is_deleted:
            raise Refusal("BUILD_VERSION_NOT_EXISTED")
        return (state.build or BUILT).answer(call.clock())

    async def _categories(self, call: ReceivedCall) -> _Answer:
        return list_categories(await self._query_of(call))

    async def _token(self, call: ReceivedCall) -> _Answer:
        query = await self._query_of(call)
        call.record.note_token(query.get("app_auth_token"))
        return self._merchants.answer(query, call.clock())

    _DO: Final[Mapping[Operation, Callable[[Calls, ReceivedCall], Awaitable[_Answer]]]] = {
        "apply": _apply,
        "cancel": _cancel,
        "detail": _detail,
        "list": _list,
        "build_status": _build_status,
        "categories": _categories,
        "token": _token,
    }
    """What is not here moves a version, and answers nothing."""

    def _owner(self, call: ReceivedCall) -> str:
        token = call.caller.app_auth_token
        return call.caller.authorization.app_id if token is None else self._merchants.owner(token)

    async def _fields_of(self, call: ReceivedCall) -> dict[str, object]:
        body = await _json_of(call)
        self._verify(call, body)
        return _parse(call, body)

    async def _query_of(self, call: ReceivedCall) -> dict[str, str]:
        self._verify(call, await _json_of(call))
        query = dict(parse_qsl(call.request.raw_path.partition("?")[2], keep_blank_values=True))
        call.record.note_version(query)
        return query

    @contextlib.contextmanager
    def _arriving(
        self, operation: MoveName, call: ReceivedCall, fields: Mapping[str, object]
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

    def _verify(self, call: ReceivedCall, body: bytes) -> None:
        request, now = call.request, call.clock()
        self._judge.verify(call.caller, request.method, request.raw_path, body, now)
        if call.caller.app_auth_token is not None:
            self._merchants.check(call.caller.app_auth_token, call.operation, now)


def is_chunked(request: web.BaseRequest) -> bool:
    """Say whether a body comes in chunks instead of with a Content-Length.

    Args:
        request: the request.
    """
    return "chunked" in request.headers.get("Transfer-Encoding", "").lower()


async def _json_of(call: ReceivedCall) -> bytes:
    encrypted = call.cipher is not None
    return await read_json(call.request, encrypted=encrypted, content=call.content)


def _parse(call: ReceivedCall, body: bytes) -> dict[str, object]:
    fields = parse_object(body if call.cipher is None else call.cipher.decrypt(body))
    call.record.note_version(fields)
    return fields


def _submission(call: ReceivedCall, upload: Upload, state: VersionState) -> Submission:
    return Submission(
        app_id=call.caller.authorization.app_id,
        app_version=state.app_version,
        app_auth_token=call.caller.app_auth_token,
        fields=state.fields,
        parts=tuple(upload.parts),
        request_id=call.headers.get("alipay-request-id"),
        trace_id=call.trace_id,
        chunked=is_chunked(call.request),
        content_length=call.request.content_length,
    )
