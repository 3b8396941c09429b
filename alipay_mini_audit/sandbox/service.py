"""`Service`: one request in, one answer out."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, final
from urllib.parse import parse_qsl

import attrs
from aiohttp import HttpVersion11, web
from Crypto.PublicKey import RSA

from alipay_mini_audit.sandbox.certificates import root_serial_number, serial_number
from alipay_mini_audit.sandbox.judge import Caller, Judge
from alipay_mini_audit.sandbox.material import Material
from alipay_mini_audit.sandbox.received import (
    Submission,
    Upload,
    drain,
    parse_object,
    read_json,
    read_upload,
)
from alipay_mini_audit.sandbox.refusal import Refusal
from alipay_mini_audit.sandbox.replies import ReplySigner, error_reply, signed_reply
from alipay_mini_audit.sandbox.versions import Versions, VersionState

__all__ = ["Service"]

_AUDIT: Final = "/v3/alipay/open/mini/version"


@final
@attrs.frozen
class _Call:
    """A request whose headers are in order."""

    request: web.BaseRequest
    headers: Mapping[str, str] = attrs.field(repr=False)
    caller: Caller
    trace_id: str


@final
class Service:
    """Answers requests for one app. Building it parses keys: use a worker thread.

    Args:
        material: keys and certificates.
        versions: where each version stands.
        clock: the platform's clock, seconds since 1970.
        speed_up: whether an apply that asks to be expedited is.

    Attributes:
        submissions: every accepted apply, oldest first.
    """

    def __init__(self, material: Material, versions: Versions, *, clock: Callable[[], float], speed_up: bool) -> None:
        self._judge = Judge(
            app_id=material.app_id,
            public_key=material.app_public_key,
            app_cert_sn=serial_number(material.app_certificate),
            alipay_root_cert_sn=root_serial_number(material.root_certificate),
        )
        key = RSA.import_key(material.alipay_private_key)
        self._signer = ReplySigner(key, serial_number(material.alipay_certificate))
        self._versions = versions
        self._clock = clock
        self._speed_up = speed_up
        self._routes: dict[str, tuple[str, Callable[[_Call], Awaitable[dict[str, object]]]]] = {
            f"{_AUDIT}/audit/apply": ("POST", self._apply),
            f"{_AUDIT}/audit/cancel": ("POST", self._cancel),
            f"{_AUDIT}/detail/query": ("GET", self._detail),
        }
        self.submissions: list[Submission] = []

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Read a request to its end, judge it, and answer.

        Args:
            request: the request, its body unread.
        """
        trace_id = uuid.uuid4().hex
        try:
            return await self._answer(request, trace_id)
        except Refusal as refusal:
            # The platform's front end takes the whole body before anybody judges it.
            with contextlib.suppress(web.RequestPayloadError, ConnectionError):
                await drain(request.content)
            return error_reply(refusal, trace_id)
        except (web.RequestPayloadError, ConnectionError):
            return error_reply(Refusal("invalid-request-data", "The body ended early."), trace_id)

    async def _answer(self, request: web.BaseRequest, trace_id: str) -> web.StreamResponse:
        await _continue(request)
        route = self._routes.get(request.raw_path.partition("?")[0])
        if route is None:
            raise Refusal("invalid-method")
        method, operation = route
        if request.method != method:
            raise Refusal("invalid-http-method", f"This API is called with {method}.")
        headers = _headers(request)
        call = _Call(request, headers, self._judge.identify(headers, self._clock()), trace_id)
        body = await operation(call)
        certified = call.caller.by_certificate
        return await signed_reply(body, self._signer, by_certificate=certified, trace_id=trace_id, now=self._clock())

    async def _apply(self, call: _Call) -> dict[str, object]:
        upload = await read_upload(call.request)
        self._verify(call, upload.data or b"")
        if upload.problem is not None:
            raise upload.problem
        fields = parse_object(upload.data or b"")
        state = self._versions.apply(call.caller.owner, fields, self._clock())
        self.submissions.append(_submission(call, upload, state))
        if self._speed_up and fields.get("speed_up") != "false":
            return {"speed_up": "true", "speed_up_memo": "加速审核"}
        return {"speed_up": "false", "speed_up_memo": "未使用加速权益"}

    async def _cancel(self, call: _Call) -> dict[str, object]:
        body = await read_json(call.request)
        self._verify(call, body)
        self._versions.cancel(call.caller.owner, parse_object(body))
        return {}

    async def _detail(self, call: _Call) -> dict[str, object]:
        self._verify(call, await read_json(call.request))
        query = dict(parse_qsl(call.request.raw_path.partition("?")[2], keep_blank_values=True))
        return self._versions.find(call.caller.owner, query).answer()

    def _verify(self, call: _Call, body: bytes) -> None:
        request = call.request
        self._judge.verify(call.caller, request.method, request.raw_path, body, self._clock())


async def _continue(request: web.BaseRequest) -> None:
    if request.version >= HttpVersion11 and request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # it counts as no answer


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
        chunked="chunked" in call.headers.get("transfer-encoding", "").lower(),
        content_length=call.request.content_length,
    )
