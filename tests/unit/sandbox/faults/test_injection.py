"""What a fault makes of an answer; what it makes of a connection is shown on real sockets."""

import asyncio
import base64
import time

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import RawTestServer

from alipay_mini_audit.sandbox import Fault
from alipay_mini_audit.sandbox.faults.injection import play
from alipay_mini_audit.sandbox.server import Peer

SIGNATURE = bytes(range(64))


async def answer_after(fault: Fault) -> tuple[int, dict[str, str], bytes, bool]:
    """Let a request meet a fault; return the answer, and whether the request was judged."""
    judged = False

    async def respond() -> web.Response:
        nonlocal judged
        judged = True
        headers = {"alipay-signature": base64.b64encode(SIGNATURE).decode()}
        return web.Response(body=b'{"speed_up":"true"}', headers=headers)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        peer = Peer(None, loop.create_future(), loop.create_future())
        return await play(fault, request, peer, respond)

    async with (
        RawTestServer(handle) as server,
        ClientSession() as session,
        session.post(server.make_url("/"), data=b"x" * 100) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.read(), judged


async def test_an_unsigned_answer_is_the_real_one_without_its_signature() -> None:
    status, headers, body, judged = await answer_after(Fault.UNSIGNED)
    assert (status, body, judged) == (200, b'{"speed_up":"true"}', True)
    assert "alipay-signature" not in headers


async def test_a_wrong_signature_differs_by_one_bit() -> None:
    _, headers, _, _ = await answer_after(Fault.WRONGLY_SIGNED)
    wrong = base64.b64decode(headers["alipay-signature"])
    assert wrong == SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1])


async def test_a_slow_answer_is_the_real_one() -> None:
    started = time.monotonic()
    _, headers, body, judged = await answer_after(Fault.slow_answer(0.1))
    assert time.monotonic() - started >= 0.1
    assert (body, judged) == (b'{"speed_up":"true"}', True)
    assert headers["alipay-signature"] == base64.b64encode(SIGNATURE).decode()


@pytest.mark.parametrize(
    ("fault", "status", "start", "is_judged"),
    [
        (Fault.HTML_413, 413, b"<html>", False),
        (Fault.BAD_GATEWAY, 502, b"<html>", False),
        (Fault.INTERNAL_ERROR, 500, b'{"code":"SYSTEM_ERROR"', False),
        (Fault.INTERNAL_ERROR_AFTER_ACCEPTING, 500, b'{"code":"SYSTEM_ERROR"', True),
        (Fault.throttled(), 429, b'{"code":"app-call-limited"', False),
    ],
    ids=str,
)
async def test_another_answer_replaces_the_real_one(
    fault: Fault, status: int, start: bytes, *, is_judged: bool
) -> None:
    got, headers, body, judged = await answer_after(fault)
    assert (got, judged) == (status, is_judged)
    assert body.startswith(start)
    assert "alipay-signature" not in headers


async def test_a_throttled_call_may_be_told_when_to_come_again() -> None:
    _, headers, _, _ = await answer_after(Fault.throttled("Wed, 21 Oct 2026 07:28:00 GMT"))
    assert headers["Retry-After"] == "Wed, 21 Oct 2026 07:28:00 GMT"
    _, headers, _, _ = await answer_after(Fault.throttled())
    assert "Retry-After" not in headers
