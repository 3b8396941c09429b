"""The door of a gateway, on real sockets."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
from support.raw_client import RawClient, alipay_key, encode

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import Fault, Material, RequestRecord, SandboxGateway

NOW = 1_704_038_400.0
LOCAL = {"Host": "127.0.0.1:8080"}
BUNDLE = "com.alipay.alipaywallet"
PASSED = {"app_version": "1", "status": "WAIT_RELEASE"}


@pytest.fixture
def records() -> list[RequestRecord]:
    return []


@pytest.fixture
async def gateway(
    material: Material, records: list[RequestRecord]
) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(
        material=material, strict=False, clock=lambda: NOW, admin=True, on_request=records.append
    ) as gateway:
        yield gateway


@pytest.fixture
def raw(gateway: SandboxGateway) -> RawClient:
    return RawClient(gateway, clock=lambda: NOW)


async def ask(
    raw: RawClient,
    method: str,
    path: str,
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    content = (
        b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    )
    head = LOCAL if headers is None else headers
    answer = await raw.ask(encode(method, f"/_sandbox/{path}", head, content))
    assert answer.headers["content-type"].startswith("application/json")
    return answer.status, answer.json


async def test_submissions_are_listed_oldest_first(raw: RawClient) -> None:
    assert await ask(raw, "GET", "submissions") == (200, [])
    half = {"app_version": "2", "version_desc": "half \ud800 of a pair"}
    await raw.ask(raw.apply("1", size=5, token="token-1"))
    await raw.ask(raw.apply(data=json.dumps(half)))
    assert await ask(raw, "GET", "submissions") == (
        200,
        [
            {
                "app_version": "1",
                "app_auth_token": "token-1",
                "fields": {"app_version": "1", "version_desc": "first"},
                "parts": [
                    {
                        "name": "app_logo",
                        "filename": "logo.png",
                        "size": 5,
                        "sha256": hashlib.sha256(b"xxxxx").hexdigest(),
                    }
                ],
            },
            {"app_version": "2", "app_auth_token": None, "fields": half, "parts": []},
        ],
    )


async def test_versions_are_decided_and_listed(raw: RawClient, gateway: SandboxGateway) -> None:
    await raw.ask(raw.apply("1", token="token-1"))
    await raw.ask(raw.apply("1"))
    decision = {"app_version": "1", "status": "AUDIT_REJECT", "reject_reason": "标语不清楚"}
    rejected = {"app_auth_token": None, "bundle_id": BUNDLE} | decision
    assert await ask(raw, "POST", "versions/decide", decision) == (200, rejected)
    assert gateway.status("1") == "AUDIT_REJECT"
    assert (await raw.ask(raw.detail())).json["reject_reason"] == "标语不清楚"
    other = {"app_version": "1", "status": "RELEASE", "app_auth_token": "token-1"}
    released = other | {"bundle_id": BUNDLE, "reject_reason": None}
    assert await ask(raw, "POST", "versions/decide", other) == (200, released)
    assert gateway.status("1", app_auth_token="token-1") == "RELEASE"
    assert await ask(raw, "GET", "versions") == (200, [rejected, released])


async def test_both_audits_are_decided_on(raw: RawClient) -> None:
    record = {"audit_images": ["https://a.example/1.png"], "memos": [{"memo": "模糊"}]}
    said = {
        "base_audit": "PASS",
        "promote_audit": "REJECT",
        "can_release": True,
        "promote_audit_record": record,
        "base_audit_record": None,
        "scan_result": "False",
    }
    decision = {"app_version": "1", "status": "PROMOTE_AUDIT_REJECT", **said}
    assert (await ask(raw, "POST", "versions/decide", decision))[0] == 200
    detail = (await raw.ask(raw.detail())).json
    assert detail["promote_audit_record"] == record
    assert (detail["base_audit"], detail["promote_audit"]) == ("PASS", "REJECT")
    assert (detail["can_release"], detail["scan_result"]) == ("true", "False")


AUDITS: list[tuple[str, object]] = [
    ("base_audit", "REJECT"),
    ("promote_audit", "REJECT"),
    ("can_release", True),
    ("base_audit_record", {"audit_images": ["https://a.example/1.png"], "memos": []}),
    ("promote_audit_record", {"audit_images": [], "memos": [{"memo": "blurred"}]}),
]


@pytest.mark.parametrize(("field", "value"), AUDITS)
async def test_what_is_said_of_two_audits_is_refused_where_there_is_one(
    raw: RawClient, gateway: SandboxGateway, field: str, value: object
) -> None:
    await raw.ask(raw.apply("1"))
    decision = {"app_version": "1", "status": "AUDIT_REJECT", field: value}
    status, answer = await ask(raw, "POST", "versions/decide", decision)
    assert (status, answer["field"]) == (400, field)
    assert 'audit_rule = "BASE_PROMOTE"' in answer["error"]
    assert gateway.status("1") == "AUDITING", "nothing has changed"
    with pytest.raises(ConfigurationError) as caught:
        gateway.decide("1", "AUDIT_REJECT", **{field: value})  # type: ignore[arg-type]
    assert caught.value.setting == field
    assert 'audit_rule = "BASE_PROMOTE"' in caught.value.as_problem().in_language("zh").message
    assert (await ask(raw, "POST", "versions/decide", {**decision, field: None}))[0] == 200


async def test_versions_are_built_by_the_clock(raw: RawClient) -> None:
    script = {"app_version": "1", "seconds": 60, "app_auth_token": "token-1", "bundle_id": BUNDLE}
    built = {"app_version": "1", "app_auth_token": "token-1", "bundle_id": BUNDLE}
    built["reject_reason"] = None
    assert await ask(raw, "POST", "versions/build", script) == (200, built | {"status": "ABSENT"})
    assert await ask(raw, "GET", "versions") == (200, [built | {"status": "ABSENT"}])
    await ask(raw, "POST", "clock", {"offset_s": 60})
    assert await ask(raw, "GET", "versions") == (200, [built | {"status": "INIT"}])
    status, answer = await ask(raw, "POST", "versions/build", script)
    assert (status, answer["field"]) == (400, "app_version")
    failing = {"app_version": "2", "fails": True}
    assert (await ask(raw, "POST", "versions/build", failing))[1]["status"] == "ABSENT"


async def test_faults_are_scripted_and_forgotten(raw: RawClient, gateway: SandboxGateway) -> None:
    script = {"name": "BAD_GATEWAY", "operation": "detail", "times": 2}
    assert await ask(raw, "POST", "faults", script) == (200, {"faults": 1})
    assert (await raw.ask(raw.apply())).status == 200
    assert (await raw.ask(raw.detail())).status == 502
    assert (await raw.ask(raw.detail())).status == 502
    assert (await raw.ask(raw.detail())).status == 200
    later = {"name": "throttled", "retry_after": 7, "call": gateway.calls + 2}
    assert await ask(raw, "POST", "faults", later) == (200, {"faults": 1})
    assert (await raw.ask(raw.detail())).status == 200
    assert (await raw.ask(raw.detail())).headers["retry-after"] == "7"
    always = {"name": "INTERNAL_ERROR", "times": None}
    assert await ask(raw, "POST", "faults", always) == (200, {"faults": 1})
    for _ in range(3):
        assert (await raw.ask(raw.detail())).status == 500
    assert await ask(raw, "DELETE", "faults") == (200, {"faults": 0})
    assert (await raw.ask(raw.detail())).status == 200


async def test_a_status_that_the_platform_lacks_is_answered_with_those_it_has(
    raw: RawClient,
) -> None:
    decision = {"app_version": "1", "status": "REJECTED"}
    status, answer = await ask(raw, "POST", "versions/decide", decision)
    assert (status, answer["field"]) == (400, "status")
    assert answer["error"] == (
        "expected one of INIT, AUDITING, WAIT_RELEASE, BASE_AUDIT_PASS, AUDIT_REJECT, "
        "PROMOTE_AUDIT_REJECT, RELEASE, GRAY, OFFLINE, AUDIT_OFFLINE."
    )


async def test_faults_that_are_due_are_listed_as_they_were_given(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    assert await ask(raw, "GET", "faults") == (200, [])
    given: list[dict[str, object]] = [
        {"name": "BAD_GATEWAY", "operation": "detail", "times": 2},
        {"name": "close_in_body", "after_bytes": 10, "call": 900},
        {"name": "slow_answer", "seconds": 0.5, "operation": "apply", "times": None},
        {"name": "clock_skew", "seconds": -700.0, "operation": "cancel"},
        {"name": "throttled", "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT", "times": 3},
        {"name": "throttled"},
        {"name": "answer", "code": "DEFAULT_LOGO"},
        {"name": "answer", "code": "DEFAULT_LOGO", "http_status": 403},
    ]
    for fault in given:
        assert (await ask(raw, "POST", "faults", fault))[0] == 200
    assert (await raw.ask(raw.detail())).status == 502
    defaults: dict[str, object] = {"operation": None, "call": None, "times": 1}
    due = [defaults | fault for fault in given]
    due[0]["times"] = 1
    due[5]["retry_after"] = None
    due[6]["http_status"] = 400
    assert await ask(raw, "GET", "faults") == (200, due)
    assert (await raw.ask(raw.detail())).status == 502
    assert await ask(raw, "GET", "faults") == (200, due[1:])
    # What is listed can be given again.
    assert (await ask(raw, "DELETE", "faults"))[0] == 200
    for fault in due:
        assert (await ask(raw, "POST", "faults", fault))[0] == 200
    assert await ask(raw, "GET", "faults") == (200, due)
    assert len(gateway.faults) == len(due)


async def test_forgetting_the_faults_brings_back_the_certificate(
    raw: RawClient, gateway: SandboxGateway, material: Material
) -> None:
    script = {"name": "CERTIFICATE_CHANGE", "times": 2}
    await ask(raw, "POST", "faults", script)
    for _ in range(2):
        answer = await raw.ask(raw.detail())
        assert answer.is_signed_by(alipay_key(gateway.material))
        assert not answer.is_signed_by(alipay_key(material))
    assert await ask(raw, "DELETE", "faults") == (200, {"faults": 0})
    assert (await raw.ask(raw.detail())).is_signed_by(alipay_key(material))
    assert gateway.material == material


async def test_a_change_that_cannot_be_made_is_no_fault(material: Material) -> None:
    rootless = attrs.evolve(material, ca_private_key=None)
    async with SandboxGateway(material=rootless, admin=True) as gateway:
        raw = RawClient(gateway)
        status, answer = await ask(raw, "POST", "faults", {"name": "CERTIFICATE_CHANGE"})
        assert (status, answer["field"], len(gateway.faults)) == (400, "name", 0)
        assert "alipay_root_private_key.pem" in answer["error"]
        assert (await ask(raw, "POST", "faults", {"name": "HANG"}))[0] == 200


async def test_a_change_under_way_is_forgotten_too(
    raw: RawClient, gateway: SandboxGateway, material: Material
) -> None:
    await ask(raw, "POST", "faults", {"name": "CERTIFICATE_CHANGE"})
    asking = asyncio.create_task(raw.ask(raw.detail()))
    while len(gateway.faults):  # noqa: ASYNC110  # nothing tells that it has struck
        await asyncio.sleep(0.001)
    assert (await ask(raw, "DELETE", "faults"))[0] == 200
    assert (await asking).is_signed_by(alipay_key(material))
    assert gateway.material == material


async def test_a_change_that_the_program_made_itself_stays(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    await ask(raw, "POST", "faults", {"name": "CERTIFICATE_CHANGE"})
    await raw.ask(raw.detail())
    await gateway.change_certificate()
    changed = gateway.material
    await ask(raw, "DELETE", "faults")
    assert gateway.material == changed


async def test_one_can_start_over(raw: RawClient, gateway: SandboxGateway) -> None:
    await raw.ask(raw.apply("1"))
    await raw.ask(raw.apply("2", token="token-2"))
    assert (await raw.ask(raw.apply("1"))).refusal == (400, "SUBMIT_REPEAT")
    assert await ask(raw, "DELETE", "versions") == (200, {"versions": 0})
    assert await ask(raw, "GET", "versions") == (200, [])
    assert (await raw.ask(raw.detail())).json["status"] == "INIT"
    assert len((await ask(raw, "GET", "submissions"))[1]) == 2
    assert await ask(raw, "DELETE", "submissions") == (200, {"submissions": 0})
    assert (await ask(raw, "GET", "submissions"), gateway.submissions) == ((200, []), ())
    assert (await raw.ask(raw.apply("1"))).status == 200
    assert (gateway.accepted("1"), gateway.status("1")) == (1, "AUDITING")


async def test_the_clock_is_set(raw: RawClient, records: list[RequestRecord]) -> None:
    assert await ask(raw, "POST", "clock", {"offset_s": 700}) == (200, {"offset_s": 700.0})
    assert (await raw.ask(raw.detail())).refusal == (400, "illegal-timestamp")
    assert (await raw.ask(raw.detail(at=NOW + 700))).status == 200
    assert await ask(raw, "POST", "clock", {"offset_s": 0}) == (200, {"offset_s": 0.0})
    assert (await raw.ask(raw.detail())).status == 200
    told = [(each.time, each.platform_time) for each in records]
    assert told == [(NOW, NOW + 700), (NOW, NOW + 700), (NOW, NOW)]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("versions/decide", {"status": "RELEASE"}, "app_version"),
        ("versions/decide", {"app_version": " ", "status": "RELEASE"}, "app_version"),
        ("versions/decide", {"app_version": 1, "status": "RELEASE"}, "app_version"),
        ("versions/decide", {"app_version": "1"}, "status"),
        ("versions/decide", {"app_version": "1", "status": "REJECTED"}, "status"),
        ("versions/decide", {"app_version": "1", "status": "release"}, "status"),
        ("versions/decide", {"app_version": "1", "status": ""}, "status"),
        ("versions/decide", {"app_version": "1", "status": "INIT", "reason": "y"}, "reason"),
        ("versions/decide", {"app_version": "1", "status": "INIT", "bundle_id": ""}, "bundle_id"),
        ("faults", {"name": "NONE"}, "name"),
        ("faults", {"name": "HANG", "seconds": 1}, "seconds"),
        ("faults", {"name": "slow_answer", "seconds": -1}, "seconds"),
        ("faults", {"name": "HANG", "times": 0}, "times"),
        ("faults", {"name": "HANG", "call": "1"}, "call"),
        ("faults", {"name": "HANG", "operation": "upload"}, "operation"),
        ("versions/decide", {**PASSED, "can_release": "true"}, "can_release"),
        ("versions/decide", {**PASSED, "base_audit": "OK"}, "base_audit"),
        ("versions/decide", {**PASSED, "scan_result": "nan"}, "scan_result"),
        ("versions/decide", {**PASSED, "base_audit_record": []}, "base_audit_record"),
        ("versions/decide", {**PASSED, "base_audit_record": {"x": 1}}, "base_audit_record"),
        ("versions/build", {}, "app_version"),
        ("versions/build", {"app_version": "2", "seconds": -1}, "seconds"),
        ("versions/build", {"app_version": "2", "seconds": "1"}, "seconds"),
        ("versions/build", {"app_version": "2", "fails": 1}, "fails"),
        ("versions/build", {"app_version": "2", "status": "INIT"}, "status"),
        ("clock", {}, "offset_s"),
        ("clock", {"offset_s": "5"}, "offset_s"),
        ("clock", b'{"offset_s": -1e999}', "offset_s"),
        ("clock", b'{"offset_s": 1e10}', "offset_s"),
        ("clock", b'{"offset_s": NaN}', None),
        ("clock", b"[]", None),
        ("clock", b"{", None),
        ("clock", b"\xff", None),
    ],
)
async def test_bad_input_is_told_by_its_field(
    raw: RawClient, gateway: SandboxGateway, path: str, body: object, field: str | None
) -> None:
    status, answer = await ask(raw, "POST", path, body)
    assert (status, answer["field"]) == (400, field)
    assert answer["error"]
    assert len(gateway.faults) == 0
    assert (await ask(raw, "GET", "versions"))[1] == []
    assert (await raw.ask(raw.detail())).status == 200


async def test_unknown_paths_and_wrong_methods(raw: RawClient) -> None:
    for path in ("", "nothing", "faults/", "versions/decide/1"):
        status, answer = await ask(raw, "GET", path)
        assert (status, answer["field"]) == (404, None)
    answer = await raw.ask(encode("PUT", "/_sandbox/faults", LOCAL))
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST, DELETE")
    assert (await ask(raw, "POST", "submissions"))[0] == 405


async def test_a_large_body_is_refused(raw: RawClient) -> None:
    assert (await ask(raw, "POST", "clock", b" " * (1024 * 1024 + 1)))[0] == 413


@pytest.mark.parametrize(
    "headers",
    [
        LOCAL | {"Origin": "http://127.0.0.1:8080"},
        LOCAL | {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8080"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": "10.0.0.1"},
        {"Host": ""},
        {"Host": "["},
    ],
)
async def test_pages_of_other_origins_are_kept_out(
    raw: RawClient, gateway: SandboxGateway, headers: dict[str, str]
) -> None:
    for method, path in (("GET", "submissions"), ("POST", "faults"), ("GET", "nothing")):
        status, _ = await ask(raw, method, path, {"name": "HANG"}, headers=headers)
        assert status == 403
    assert len(gateway.faults) == 0


@pytest.mark.parametrize("host", ["localhost", "LocalHost:80", "127.9.9.9:1", "[::1]:8080"])
async def test_this_computer_has_many_names(raw: RawClient, host: str) -> None:
    assert (await ask(raw, "GET", "versions", headers={"Host": host}))[0] == 200


async def test_the_door_is_no_call(
    raw: RawClient, gateway: SandboxGateway, records: list[RequestRecord]
) -> None:
    gateway.faults.add(Fault.RESET, times=None)
    assert (await ask(raw, "GET", "versions"))[0] == 200
    assert (await ask(raw, "GET", "nothing"))[0] == 404
    assert (gateway.calls, records, len(gateway.faults)) == (0, [], 1)


async def test_an_embedded_gateway_has_no_door(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        raw = RawClient(gateway)
        answer = await raw.ask(encode("GET", "/_sandbox/submissions", LOCAL))
        assert answer.refusal == (404, "invalid-method")
        assert gateway.calls == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "sandbox.example"])  # noqa: S104  # refused
def test_the_door_is_on_loopback_only(host: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        SandboxGateway(host=host, admin=True)
    assert raised.value.setting == "admin"
    SandboxGateway(host=host)


async def test_a_client_that_waits_to_send_its_body_is_told_to(raw: RawClient) -> None:
    body = b'{"offset_s": 5}'
    request = encode("POST", "/_sandbox/clock", LOCAL | {"Expect": "100-continue"}, body)
    async with raw.connect() as (reader, writer):
        writer.write(request.removesuffix(body))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
