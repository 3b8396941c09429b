"""How a fault strikes a request; what each one means stands in `faults`."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import StreamReader, web

from alipay_mini_audit.sandbox.faults.faults import Action, Answer, Fault, Stage
from alipay_mini_audit.sandbox.protocol.bodies import drain, go_on
from alipay_mini_audit.sandbox.protocol.refusals import Refusal
from alipay_mini_audit.sandbox.protocol.replies import error_reply, page_reply
from alipay_mini_audit.sandbox.server import Peer

__all__ = ["play"]

_SIGNATURE: Final = "alipay-signature"
_ALTERING: Final = (Action.CUT, Action.DELAY, Action.UNSIGNED, Action.WRONGLY_SIGNED)
_LINGER: Final = 0.5
"""Seconds that a peer has to read an early answer: a reset would take it from the peer's buffer."""


async def play(
    fault: Fault,
    request: web.BaseRequest,
    peer: Peer,
    respond: Callable[[], Awaitable[web.Response]],
) -> web.StreamResponse:
    """Let a request meet its fault.

    Args:
        fault: what goes wrong.
        request: the request, its body unread.
        peer: the other end.
        respond: reads and judges the request, and makes the answer.

    Returns:
        What is still to be sent; it goes nowhere if the connection is closed.
    """
    try:
        return await _play(fault, request, peer, respond)
    except (web.RequestPayloadError, ConnectionError):
        return web.Response()


async def _play(
    fault: Fault,
    request: web.BaseRequest,
    peer: Peer,
    respond: Callable[[], Awaitable[web.Response]],
) -> web.StreamResponse:
    reply = None
    if fault.stage is Stage.JUDGED:
        reply = await respond()
    elif fault.stage is not Stage.HEAD:
        await go_on(request)
        await _read(request.content, fault)
    if fault.reply is not None:
        canned = _canned(fault.reply)
        if fault.stage is Stage.HEAD:
            await _answer_early(canned, request, peer)
        return canned
    if reply is not None and fault.action in _ALTERING:
        return await _alter(fault, request, peer, reply)
    await _break(fault, peer)
    return web.Response()


async def _read(content: StreamReader, fault: Fault) -> None:
    if fault.stage is Stage.READ:
        await drain(content)
    left = fault.after_bytes
    while left > 0 and (piece := await content.read(left)):
        left -= len(piece)


def _canned(answer: Answer) -> web.Response:
    if answer.code is None:
        return page_reply(answer.status)
    reply = error_reply(Refusal(answer.code, http_status=answer.status), uuid.uuid4().hex)
    if answer.retry_after is not None:
        reply.headers["Retry-After"] = answer.retry_after
    return reply


async def _alter(
    fault: Fault, request: web.BaseRequest, peer: Peer, reply: web.Response
) -> web.StreamResponse:
    if fault.action is Action.CUT:
        return await _cut(request, peer, reply)
    if fault.action is Action.DELAY:
        await peer.wait(fault.seconds)
        return reply
    signature = reply.headers.pop(_SIGNATURE, None)
    if signature is not None and fault.action is Action.WRONGLY_SIGNED:
        wrong = bytearray(base64.b64decode(signature))
        wrong[-1] ^= 1
        reply.headers[_SIGNATURE] = base64.b64encode(wrong).decode("ascii")
    return reply


async def _cut(request: web.BaseRequest, peer: Peer, reply: web.Response) -> web.StreamResponse:
    content = reply.body if isinstance(reply.body, bytes) else b""
    part = web.StreamResponse(status=reply.status, headers=reply.headers)
    part.content_length = len(content)
    await part.prepare(request)
    await part.write(content[: len(content) // 2])
    await peer.close()
    return part


async def _break(fault: Fault, peer: Peer) -> None:
    if fault.action is Action.RESET:
        await peer.reset()
    if fault.action is Action.HANG:
        await (peer.wait_unread() if fault.stage is Stage.HEAD else peer.wait())
    await peer.cut()


async def _answer_early(reply: web.Response, request: web.BaseRequest, peer: Peer) -> None:
    reply.force_close()
    await reply.prepare(request)
    await reply.write_eof()
    peer.end_sending()
    await peer.wait(_LINGER)
    await peer.cut()
