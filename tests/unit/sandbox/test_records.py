"""Records of requests to a gateway, as `on_request` gets them."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator

import pytest
from support.raw_client import DETAIL, RawClient, encode, until_idle

from alipay_mini_audit.sandbox import Fault, Material, RequestRecord, SandboxGateway

NOW = 1_704_038_400.25
TOKEN, PASSWORD, LICENCE = "c4TOKENn4ry", "c4PASSWORDn4ry", "c4LICENCEn4ry"


@pytest.fixture
def records() -> list[RequestRecord]:
    return []


@pytest.fixture
async def gateway(
    material: Material, records: list[RequestRecord]
) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(
        material=material, strict=False, clock=lambda: NOW, on_request=records.append
    ) as gateway:
        yield gateway


@pytest.fixture
def raw(gateway: SandboxGateway) -> RawClient:
    return RawClient(gateway, clock=lambda: NOW)


async def test_an_apply_is_recorded_without_its_secrets(
    raw: RawClient, records: list[RequestRecord]
) -> None:
    data = {
        "app_version": "0.0.1",
        "version_desc": "first",
        "test_password": PASSWORD,
        "license_no": LICENCE,
    }
    head = {"alipay-request-id": "request-1"}
    answer = await raw.ask(raw.apply(data=data, size=5, headers=head, token=TOKEN))
    (record,) = records
    assert 0 < record.seconds < 10
    written = record.as_json()
    assert written.pop("seconds") == round(record.seconds, 6)
    assert written == {
        "call": 1,
        "time": "2023-12-31T16:00:00.250+00:00",
        "platform_time": "2023-12-31T16:00:00.250+00:00",
        "operation": "apply",
        "method": "POST",
        "path": "/v3/alipay/open/mini/version/audit/apply",
        "status": 200,
        "code": None,
        "app_version": "0.0.1",
        "token_digest": hashlib.sha256(TOKEN.encode()).hexdigest()[:12],
        "request_id": "request-1",
        "trace_id": answer.headers["alipay-trace-id"],
        "fault": None,
        "parts": [
            {
                "name": "app_logo",
                "filename": "logo.png",
                "size": 5,
                "sha256": hashlib.sha256(b"xxxxx").hexdigest(),
            }
        ],
    }
    for secret in (TOKEN, PASSWORD, LICENCE):
        assert secret not in repr(record) + json.dumps(record.as_json())


async def test_what_is_refused_is_recorded(raw: RawClient, records: list[RequestRecord]) -> None:
    await raw.ask(raw.apply(data={"app_version": "1"}, size=3))
    await raw.ask(raw.apply(data="{}", sent="{ }", size=3))
    await raw.ask(raw.cancel('{"app_version":"1"}'))
    await raw.ask(encode("GET", f"{DETAIL}?app_version={LICENCE}", {}))
    await raw.ask(encode("PUT", "/nowhere?a=b", {}))
    assert [
        (each.operation, each.method, each.status, each.code, each.app_version, len(each.parts))
        for each in records
    ] == [
        ("apply", "POST", 400, "VERSION_DESC_IS_BLANK", "1", 1),
        ("apply", "POST", 400, "invalid-signature", None, 1),
        ("cancel", "POST", 400, "AUDITING_VERSION_NOT_EXIST", "1", 0),
        ("detail", "GET", 400, "missing-timestamp", None, 0),
        (None, "PUT", 404, "invalid-method", None, 0),
    ]
    assert records[-1].path == "/nowhere"
    assert [each.call for each in records] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("fault", "status", "code", "version"),
    [
        (Fault.RESET, None, None, None),
        (Fault.CLOSE_AFTER_BODY, None, None, None),
        (Fault.CLOSE_AFTER_ACCEPTING, None, None, "1"),
        (Fault.CUT_ANSWER, 200, None, "1"),
        (Fault.EARLY_429, 429, "app-call-limited", None),
        (Fault.HTML_413, 413, None, None),
        (Fault.INTERNAL_ERROR_AFTER_ACCEPTING, 500, "SYSTEM_ERROR", "1"),
        (Fault.clock_skew(700), 400, "illegal-timestamp", None),
        (Fault.CERTIFICATE_CHANGE, 200, None, "1"),
    ],
    ids=str,
)
async def test_a_fault_is_recorded(
    gateway: SandboxGateway,
    raw: RawClient,
    records: list[RequestRecord],
    fault: Fault,
    status: int | None,
    code: str | None,
    version: str | None,
) -> None:
    gateway.faults.add(fault)
    try:
        answer = await raw.send(raw.apply())
    except ConnectionResetError:
        answer = None
    await until_idle(gateway)
    assert (None if answer is None else answer.status) == status
    (record,) = records
    assert (record.fault, record.status) == (fault.name, status)
    assert (record.code, record.app_version) == (code, version)


async def test_a_peer_that_leaves_is_recorded(
    gateway: SandboxGateway, raw: RawClient, records: list[RequestRecord]
) -> None:
    async with raw.connect() as (_, writer):
        writer.write(raw.apply(size=100_000)[:50_000])
        await writer.drain()
        while not gateway.calls:  # noqa: ASYNC110  # nothing tells that a head has arrived
            await asyncio.sleep(0.001)
    await until_idle(gateway)
    (record,) = records
    assert (record.status, record.code) == (None, "invalid-request-data")


async def test_what_the_closing_ends_is_recorded(
    gateway: SandboxGateway, raw: RawClient, records: list[RequestRecord]
) -> None:
    gateway.faults.add(Fault.HANG)
    asking = asyncio.create_task(raw.send(raw.apply()))
    while not gateway.calls:  # noqa: ASYNC110  # nothing tells that a head has arrived
        await asyncio.sleep(0.001)
    await gateway.aclose()
    assert await asking is None
    (record,) = records
    assert (record.fault, record.status) == ("HANG", None)


async def test_a_token_that_is_asked_about_is_a_digest_too(
    raw: RawClient, records: list[RequestRecord]
) -> None:
    target = f"/v3/alipay/open/auth/token/app/query?app_auth_token={TOKEN}"
    await raw.ask(raw.request("GET", target, ""))
    (record,) = records
    assert (record.operation, record.path) == ("token", target.partition("?")[0])
    assert record.token_digest == hashlib.sha256(TOKEN.encode()).hexdigest()[:12]
    assert TOKEN not in json.dumps(record.as_json()) + repr(record)


async def test_a_request_shows_no_token_in_its_query(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    seen: list[str] = []
    gateway.faults.add(Fault.HANG, when=lambda call: bool(seen.append(repr(call))))
    await raw.ask(raw.request("GET", f"/v3/alipay/open/auth/token/app/query?t={TOKEN}", ""))
    assert len(seen) == 1
    assert TOKEN not in seen[0]
