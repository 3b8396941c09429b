"""Every fault on a real socket: what the peer sees, and what the platform has accepted."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import AsyncIterator

import pytest
from support.raw_client import (
    RawClient,
    alipay_key,
    arrival,
    read_answer,
    requests_under_way,
    until_idle,
)
from yarl import URL

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import Fault, IncomingCall, Material, SandboxGateway

LARGE = 20_000_000
"""More than the buffers of a socket hold."""


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, strict=False) as gateway:
        yield gateway
        started = time.monotonic()
    assert time.monotonic() - started < 2


@pytest.fixture
def raw(gateway: SandboxGateway) -> RawClient:
    return RawClient(gateway)


@pytest.mark.parametrize("size", [0, 100_000], ids=["small", "large"])
@pytest.mark.parametrize(
    ("fault", "accepted"),
    [
        (Fault.RESET, 0),
        (Fault.CLOSE_BEFORE_READING, 0),
        (Fault.close_in_body(after_bytes=100), 0),
        (Fault.CLOSE_AFTER_BODY, 0),
        (Fault.CLOSE_AFTER_ACCEPTING, 1),
    ],
    ids=str,
)
async def test_the_connection_ends_without_an_answer(
    raw: RawClient, gateway: SandboxGateway, fault: Fault, accepted: int, size: int
) -> None:
    gateway.faults.add(fault)
    try:
        assert await raw.send(raw.apply(size=size)) is None
        reset = False
    except ConnectionResetError:
        reset = True
    assert reset or fault != Fault.RESET
    assert not reset or fault.name not in ("CLOSE_AFTER_BODY", "CLOSE_AFTER_ACCEPTING")
    await until_idle(gateway)
    assert gateway.accepted("1") == accepted == len(gateway.submissions)
    assert gateway.status("1") == ("AUDITING" if accepted else "INIT")
    answer = await raw.ask(raw.apply("2", size=size))
    assert answer.status == 200
    assert gateway.calls == 2


async def test_a_body_is_read_as_far_as_told(raw: RawClient, gateway: SandboxGateway) -> None:
    arrived = arrival(gateway)
    gateway.faults.add(Fault.close_in_body(after_bytes=200_000))
    request = raw.apply(size=300_000)
    head = request.index(b"\r\n\r\n") + 4
    async with raw.connect() as (reader, writer):
        writer.write(request[: head + 199_999])
        await arrived.wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), 0.1)
        writer.write(request[head + 199_999 : head + 200_000])
        assert await reader.read() == b""


async def test_a_peer_may_leave_before_its_fault_strikes(
    raw: RawClient, gateway: SandboxGateway, caplog: pytest.LogCaptureFixture
) -> None:
    arrived = arrival(gateway)
    gateway.faults.add(Fault.HANG)
    async with raw.connect() as (_, writer):
        writer.write(raw.apply(size=1000)[:-500])
        await arrived.wait()
    await until_idle(gateway)
    assert not [record for record in caplog.records if record.name == "aiohttp.server"]


@pytest.mark.parametrize(
    ("fault", "accepted"), [(Fault.HANG, 0), (Fault.HANG_AFTER_ACCEPTING, 1)], ids=str
)
async def test_a_hanging_request_ends_when_the_peer_leaves(
    raw: RawClient, gateway: SandboxGateway, fault: Fault, accepted: int
) -> None:
    gateway.faults.add(fault)
    async with raw.connect() as (reader, writer):
        writer.write(raw.apply(size=500_000))
        await writer.drain()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), 0.2)
        assert requests_under_way(gateway) == 1
        assert gateway.accepted("1") == accepted
    await until_idle(gateway)
    assert gateway.accepted("1") == accepted


@pytest.mark.parametrize("size", [0, 100_000, LARGE])
@pytest.mark.parametrize(
    "fault",
    [Fault.HANG, Fault.HANG_AFTER_ACCEPTING, Fault.STALL_READING, Fault.slow_answer(60)],
    ids=str,
)
async def test_closing_the_gateway_ends_all_waits_at_once(
    material: Material, fault: Fault, size: int
) -> None:
    before = asyncio.all_tasks()
    async with SandboxGateway(material=material, strict=False) as gateway:
        raw = RawClient(gateway)
        arrived = arrival(gateway)
        gateway.faults.add(fault)
        sending = asyncio.create_task(raw.send(raw.apply(size=size)))
        await arrived.wait()
        await asyncio.sleep(0.1)  # into the wait; without it the test holds too
        started = time.monotonic()
    assert time.monotonic() - started < 5
    await asyncio.wait({sending})
    assert asyncio.all_tasks() == before
    answer = None if sending.exception() else sending.result()
    assert answer is None or (fault.name, answer.status) == ("slow_answer", 200)


async def test_a_stalled_body_is_not_read_until_the_peer_resets(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    gateway.faults.add(Fault.STALL_READING)
    async with raw.connect() as (_, writer):
        writer.write(raw.apply(size=LARGE))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 0.3)
        assert requests_under_way(gateway) == 1
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await until_idle(gateway)
    assert gateway.accepted("1") == 0


@pytest.mark.parametrize("size", [0, 100_000])
async def test_a_stall_of_what_fits_the_buffers_ends_when_the_peer_leaves(
    raw: RawClient, gateway: SandboxGateway, size: int
) -> None:
    gateway.faults.add(Fault.STALL_READING)
    async with raw.connect() as (reader, writer):
        writer.write(raw.apply(size=size))
        await writer.drain()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), 0.1)
    await until_idle(gateway)


async def test_a_slow_answer_comes_late_and_is_accepted(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    gateway.faults.add(Fault.slow_answer(0.2))
    started = time.monotonic()
    answer = await raw.send(raw.apply())
    assert time.monotonic() - started >= 0.2
    assert answer is not None
    assert answer.is_signed_by(alipay_key(gateway.material))
    assert gateway.accepted("1") == 1
    arrived = arrival(gateway, 2)
    gateway.faults.add(Fault.slow_answer(60))
    async with raw.connect() as (_, writer):
        writer.write(raw.apply("2"))
        await arrived.wait()
    await until_idle(gateway)


async def test_an_answer_is_cut_in_its_middle(raw: RawClient, gateway: SandboxGateway) -> None:
    gateway.faults.add(Fault.CUT_ANSWER)
    answer = await raw.ask(raw.apply())
    assert answer.status == 200
    assert answer.headers["alipay-signature"]
    assert len(answer.body) == int(answer.headers["content-length"]) // 2 > 0
    assert gateway.accepted("1") == 1
    gateway.faults.add(Fault.CUT_ANSWER)
    refused = await raw.ask(raw.apply())
    assert refused.status == 400
    assert refused.is_cut


@pytest.mark.parametrize(
    ("fault", "signed"), [(Fault.UNSIGNED, False), (Fault.WRONGLY_SIGNED, True)], ids=str
)
async def test_an_answer_is_not_trustworthy(
    raw: RawClient,
    gateway: SandboxGateway,
    fault: Fault,
    *,
    signed: bool,
) -> None:
    gateway.faults.add(fault, times=2)
    answer = await raw.ask(raw.apply())
    assert (answer.status, answer.json["speed_up"]) == (200, "true")
    assert ("alipay-signature" in answer.headers) is signed
    assert not signed or not answer.is_signed_by(alipay_key(gateway.material))
    assert gateway.accepted("1") == 1
    refused = await raw.ask(raw.apply())
    assert refused.refusal == (400, "SUBMIT_REPEAT")


@pytest.mark.parametrize(
    ("fault", "status", "accepted"),
    [
        (Fault.HTML_413, 413, 0),
        (Fault.BAD_GATEWAY, 502, 0),
        (Fault.INTERNAL_ERROR, 500, 0),
        (Fault.INTERNAL_ERROR_AFTER_ACCEPTING, 500, 1),
        (Fault.throttled(retry_after=3), 429, 0),
        (Fault.throttled(), 429, 0),
    ],
)
async def test_another_answer_comes_in_place_of_the_real_one(
    raw: RawClient, gateway: SandboxGateway, fault: Fault, status: int, accepted: int
) -> None:
    gateway.faults.add(fault)
    async with raw.connect() as (reader, writer):
        writer.write(raw.apply(size=300_000, headers={"Expect": "100-continue"}))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        answer = await read_answer(reader)
        assert answer is not None
        assert answer.status == status
        assert "alipay-signature" not in answer.headers
        if fault.name in ("HTML_413", "BAD_GATEWAY"):
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert answer.body.startswith(b"<html>")
        else:
            code = "app-call-limited" if status == 429 else "SYSTEM_ERROR"
            assert answer.refusal == (status, code)
        assert answer.headers.get("retry-after") == ("3" if fault == Fault.throttled(3) else None)
        assert gateway.accepted("1") == accepted
        writer.write(raw.detail())  # the connection lives on
        detail = await read_answer(reader)
        assert detail is not None
        assert detail.json["status"] == ("AUDITING" if accepted else "INIT")


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault.EARLY_401, 401), (Fault.EARLY_413, 413), (Fault.EARLY_429, 429)],
    ids=str,
)
async def test_an_early_answer_ends_the_connection(
    raw: RawClient, gateway: SandboxGateway, fault: Fault, status: int
) -> None:
    gateway.faults.add(fault, times=2)
    async with raw.connect() as (reader, writer):
        writer.write(raw.apply(size=LARGE))
        answer = await read_answer(reader)
        assert answer is not None
        assert answer.status == status
        assert answer.headers["connection"] == "close"
        assert answer.headers["content-type"].startswith(
            "text/html" if status == 413 else "application/json"
        )
        assert await reader.read() == b""
        with pytest.raises(ConnectionError):  # half a second later
            await writer.drain()
    await until_idle(gateway)
    async with raw.connect() as (reader, writer):
        writer.write(raw.apply())
        small = await read_answer(reader)
        assert small is not None
        assert small.status == status
        writer.close()
    await until_idle(gateway)
    assert gateway.accepted("1") == 0


async def test_the_clock_of_one_judgement_is_off(raw: RawClient, gateway: SandboxGateway) -> None:
    for seconds, expected in ((601, "illegal-timestamp"), (-601, "illegal-timestamp"), (500, None)):
        gateway.faults.add(Fault.clock_skew(seconds))
        answer = await raw.ask(raw.detail())
        assert expected is None or answer.refusal == (400, expected)
    assert answer.is_signed_by(alipay_key(gateway.material))
    assert abs(int(answer.headers["alipay-timestamp"]) / 1000 - time.time() - 500) < 60


async def test_a_script_by_number_operation_and_predicate(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    seen: list[IncomingCall] = []

    def note(call: IncomingCall) -> bool:
        seen.append(call)
        return False

    gateway.faults.add(Fault.HANG, when=note)
    gateway.faults.add(Fault.INTERNAL_ERROR, operation="detail", times=None)
    gateway.faults.add(Fault.BAD_GATEWAY, call=3)
    cancel = json.dumps({"app_version": "1"})
    requests = [
        raw.apply(),
        raw.detail(),
        raw.cancel(cancel),
        raw.request("PUT", "/", "", b""),
    ]
    answers = [await raw.ask(request) for request in requests]
    assert [answer.status for answer in answers] == [200, 500, 502, 404]
    assert [(call.number, call.operation) for call in seen] == [
        (1, "apply"),
        (2, "detail"),
        (3, "cancel"),
        (4, None),
    ]
    assert (seen[3].method, seen[3].target) == ("PUT", "/")
    assert seen[0].headers["host"] == "sandbox"
    assert gateway.status("1") == "AUDITING"


async def test_offline_refuses_connections_and_comes_back(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    url = gateway.base_url
    async with raw.connect() as (idle, writer):
        writer.write(raw.detail())
        assert await read_answer(idle) is not None
        async with gateway.offline():
            assert gateway.base_url == url
            assert await idle.read() == b""
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", URL(url).port)
            async with gateway.offline():
                pass
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", URL(url).port)
        assert gateway.base_url == url
    answer = await raw.ask(raw.apply())
    assert answer.status == 200


async def test_an_answer_under_way_is_sent_and_ends_its_connection(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    arrived = arrival(gateway)
    gateway.faults.add(Fault.slow_answer(0.1))
    async with raw.connect() as (reader, writer):
        writer.write(raw.apply(size=50_000))
        await arrived.wait()
        async with gateway.offline():
            answer = await read_answer(reader)
            assert answer is not None
            assert (answer.status, answer.headers["connection"]) == (200, "close")
            assert await reader.read() == b""


async def test_offline_of_a_gateway_that_is_closed_or_closes(
    material: Material, gateway: SandboxGateway
) -> None:
    async with SandboxGateway(material=material).offline():
        pass
    async with gateway.offline():
        await gateway.aclose()
    with pytest.raises(ConfigurationError, match="not running"):
        _ = gateway.base_url
    await gateway.start()
    offline = gateway.offline()
    await offline.__aenter__()
    blocker = await asyncio.start_server(lambda *_: None, "127.0.0.1", URL(gateway.base_url).port)
    with pytest.raises(ConfigurationError, match="cannot listen"):
        await offline.__aexit__(None, None, None)
    blocker.close()


async def test_versions_are_counted_apart(raw: RawClient, gateway: SandboxGateway) -> None:
    other = json.dumps({"app_version": "1", "version_desc": "first", "bundle_id": "com.example"})
    assert gateway.calls == 0
    for request in (raw.apply(), raw.apply(data=other)):
        await raw.ask(request)
    assert gateway.accepted("1") == gateway.accepted("1", bundle_id="com.example") == 1
    assert gateway.accepted("1", app_auth_token="merchant") == gateway.accepted("2") == 0
    assert gateway.status("1", app_auth_token="merchant") == gateway.status("2") == "INIT"
    with pytest.raises(ConfigurationError):
        gateway.status(" ")
