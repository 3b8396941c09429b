"""The calls around the audit, on real sockets, by a client that shares no code with the package."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad, unpad
from support.raw_client import DETAIL, RawClient, alipay_key, encode
from support.state_table import CALLS, CELLS

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import (
    Fault,
    Grant,
    Material,
    RequestRecord,
    SandboxGateway,
    SandboxThread,
)

NOW = 1_704_038_400.0
"""2024-01-01 00:00:00 in Beijing."""
MINI = "/v3/alipay/open/mini"
TOKEN = "/v3/alipay/open/auth/token/app/query"
CAFE = "2021000000000007"
ROUTES = {
    "detail": ("GET", DETAIL),
    "list": ("GET", f"{MINI}/version/list/query"),
    "build_status": ("GET", f"{MINI}/version/build/query"),
    "delete": ("POST", f"{MINI}/version/delete"),
    "cancel_audited": ("POST", f"{MINI}/version/audited/cancel"),
    "online": ("POST", f"{MINI}/version/online"),
    "offline": ("POST", f"{MINI}/version/offline"),
    "rollback": ("POST", f"{MINI}/version/rollback"),
    "gray_online": ("POST", f"{MINI}/version/gray/online"),
    "gray_cancel": ("POST", f"{MINI}/version/gray/cancel"),
    "categories": ("GET", f"{MINI}/category/query"),
    "token": ("GET", TOKEN),
}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Platform:
    """A gateway, and calls of it by their names."""

    def __init__(self, gateway: SandboxGateway, clock: Clock) -> None:
        self.gateway = gateway
        self.clock = clock
        self.raw = RawClient(gateway, clock=clock)

    def request(self, name: str, version: str | None = "1", **fields: Any) -> bytes:
        method, path = ROUTES[name]
        token = fields.pop("token", None)
        if version is not None:
            fields["app_version"] = version
        if method == "GET":
            return self.raw.request("GET", f"{path}?{urlencode(fields)}", "", token=token)
        body = json.dumps(fields)
        json_type = {"Content-Type": "application/json"}
        return self.raw.request("POST", path, body, body.encode(), json_type, token=token)

    async def ask(self, name: str, version: str | None = "1", **fields: Any) -> dict[str, Any]:
        """Call what is sure to be answered, and signed."""
        answer = await self.raw.ask(self.request(name, version, **fields))
        assert answer.status == 200, answer.body
        assert answer.is_signed_by(alipay_key(self.gateway.material))
        return answer.json

    async def code(self, name: str, version: str | None = "1", **fields: Any) -> str:
        """Call what is sure to be refused."""
        return (await self.raw.ask(self.request(name, version, **fields))).refusal[1]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def platform(material: Material, clock: Clock) -> AsyncIterator[Platform]:
    async with SandboxGateway(material=material, clock=clock, strict=False) as gateway:
        yield Platform(gateway, clock)


async def test_a_version_lives_from_its_build_to_the_shelf_and_back(platform: Platform) -> None:
    gateway, raw, clock = platform.gateway, platform.raw, platform.clock
    gateway.decide("0", "RELEASE")
    gateway.build("1", seconds=40)
    assert (await platform.ask("build_status"))["create_status"] == "0"
    assert (await raw.ask(raw.apply())).refusal == (400, "MINI_APP_PACKAGE_INFO_NOT_EXIST")
    assert await platform.code("detail") == "APP_VERSION_IS_BLANK"
    clock.now += 30
    built = await platform.ask("build_status")
    assert (built["build_status"], built["create_status"]) == ("2", "1")
    assert (await raw.ask(raw.apply())).refusal == (400, "MINI_APP_PACKAGE_INFO_NOT_EXIST")
    clock.now += 10
    assert (await platform.ask("build_status"))["create_status"] == "6"
    assert (await raw.ask(raw.apply())).status == 200
    clock.now += 60
    gateway.decide("1", "WAIT_RELEASE")
    assert await platform.ask("gray_online", gray_strategy="p10") == {}
    assert await platform.ask("gray_online", gray_strategy="p50") == {}
    assert (await platform.ask("detail"))["gray_strategy"] == "p50"
    assert await platform.code("rollback", "0") == "CAN_NOT_ROLLBACK_WITH_GRAY"
    clock.now += 60
    assert await platform.ask("online", downgrade=False) == {}
    detail = await platform.ask("detail")
    assert detail == {
        "app_version": "1",
        "status": "RELEASE",
        "scan_result": "True",
        "version_desc": "first",
        "gmt_create": "2024-01-01 00:00:40",
        "gmt_apply_audit": "2024-01-01 00:00:40",
        "gmt_audit_end": "2024-01-01 00:01:40",
        "gmt_online": "2024-01-01 00:02:40",
    }
    assert gateway.status("0") == "OFFLINE"
    assert await platform.ask("rollback") == {}
    assert (gateway.status("0"), gateway.status("1")) == ("RELEASE", "OFFLINE")
    assert await platform.ask("offline", "0") == {}
    assert [(each.operation, each.code) for each in gateway.arrivals] == [
        ("apply", "MINI_APP_PACKAGE_INFO_NOT_EXIST"),
        ("apply", "MINI_APP_PACKAGE_INFO_NOT_EXIST"),
        ("apply", None),
        ("gray_online", None),
        ("gray_online", None),
        ("rollback", "CAN_NOT_ROLLBACK_WITH_GRAY"),
        ("online", None),
        ("rollback", None),
        ("offline", None),
    ]


def stage(gateway: SandboxGateway, standing: str) -> None:
    """Have version 1 stand somewhere, behind one that was online."""
    gateway.decide("0", "OFFLINE")
    if standing == "ABSENT":
        gateway.build("1", fails=True)
    else:
        gateway.decide("1", standing, can_release=True)


@pytest.mark.parametrize("standing", CELLS)
async def test_each_call_leads_where_the_platform_has_it(
    material: Material, clock: Clock, standing: str
) -> None:
    found = []
    for call in CALLS:
        # Stands anew for each call: what one changes is no matter of the next.
        async with SandboxGateway(material=material, clock=clock, strict=False) as gateway:
            platform, raw = Platform(gateway, clock), RawClient(gateway, clock=clock)
            stage(gateway, standing)
            if call in ("apply", "cancel"):
                answer = await raw.ask(getattr(raw, call)())
            else:
                answer = await raw.ask(platform.request(call, gray_strategy="p10"))
            if answer.status == 200:
                found.append(gateway.status("1"))
            else:
                found.append(answer.refusal[1])
                assert gateway.status("1") == standing
    assert tuple(found) == CELLS[standing]


async def test_a_rejected_version_is_taken_back_and_deleted(platform: Platform) -> None:
    platform.gateway.decide("1", "AUDIT_REJECT", reject_reason="模糊")
    assert await platform.code("delete") == "CAN_NOT_DELETE_WITHOUT_DEV"
    assert await platform.ask("cancel_audited") == {}
    assert "reject_reason" not in await platform.ask("detail")
    assert await platform.ask("delete") == {}
    assert platform.gateway.status("1") == "ABSENT"
    assert await platform.code("detail") == "APP_VERSION_IS_BLANK"
    assert await platform.code("build_status") == "BUILD_VERSION_NOT_EXISTED"
    assert await platform.code("online") == "MINI_APP_PACKAGE_INFO_NOT_EXIST"
    platform.gateway.build("1")
    assert (await platform.ask("build_status"))["create_status"] == "6"
    assert platform.gateway.status("1") == "INIT"


async def test_a_gray_release_is_ended(platform: Platform) -> None:
    platform.gateway.decide("1", "WAIT_RELEASE")
    assert await platform.code("gray_cancel") == "CAN_NOT_END_GRAY_WITHOUT_GRAY"
    assert await platform.code("gray_online") == "GRAY_STRATEGY_IS_BLANK"
    await platform.ask("gray_online", gray_strategy="p30")
    assert await platform.ask("gray_cancel") == {}
    assert (await platform.ask("detail"))["status"] == "WAIT_RELEASE"


async def test_versions_are_listed(platform: Platform) -> None:
    platform.gateway.decide("1.9", "RELEASE", app_auth_token="t1")
    platform.gateway.decide(
        "1.10",
        "PROMOTE_AUDIT_REJECT",
        app_auth_token="t1",
        base_audit="PASS",
        promote_audit="REJECT",
        can_release=True,
    )
    query = {"bundle_id": "com.alipay.alipaywallet", "token": "t1"}
    assert await platform.ask("list", None, **query) == {"app_versions": ["1.10", "1.9"]}
    statuses = "RELEASE,PROMOTE_AUDIT_REJECT"
    listed = await platform.ask("list", None, version_status=statuses, **query)
    common = {"bundle_id": "com.alipay.alipaywallet", "create_time": "2024-01-01 00:00:00"}
    assert listed["app_version_infos"] == [
        {
            "app_version": "1.10",
            "version_status": "PROMOTE_AUDIT_REJECT",
            "base_audit": "PASS",
            "promote_audit": "REJECT",
            "can_release": "true",
            **common,
        },
        {"app_version": "1.9", "version_status": "RELEASE", **common},
    ]
    others = {**query, "token": "t2"}
    assert (await platform.ask("list", None, version_status=statuses, **others))[
        "app_version_infos"
    ] == []
    assert "app_version_infos" not in await platform.ask(
        "list", None, version_status=statuses, token="t1"
    )


async def test_categories_are_listed(platform: Platform) -> None:
    every = await platform.ask("categories", None)
    some = await platform.ask("categories", None, is_filter="true")
    assert len(some["mini_category_list"]) < len(every["mini_category_list"])
    assert await platform.code("categories", None, is_filter="1") == "INVALID_PARAMETER"


async def test_tokens_are_for_what_was_granted(material: Material, clock: Clock) -> None:
    merchants: dict[str, str | Grant] = {
        "t1": CAFE,
        "t2": Grant(mini_app_id=CAFE, ends_at=NOW + 60),
        "t3": Grant(mini_app_id="2021000000000008", lacks=["apply"], is_by_app_auth=True),
    }
    records: list[RequestRecord] = []
    async with SandboxGateway(
        material=material,
        clock=clock,
        strict=False,
        merchants=merchants,
        on_request=records.append,
    ) as gateway:
        platform, raw = Platform(gateway, clock), RawClient(gateway, clock=clock)
        assert gateway.mini_app_id() == material.app_id
        assert gateway.mini_app_id("t2") == CAFE
        assert (await raw.ask(raw.apply(token="t2"))).status == 200
        # The one token stands for the other: both are of one mini-program.
        assert gateway.status("1", app_auth_token="t1") == "AUDITING"
        assert gateway.accepted("1", app_auth_token="t1") == 1
        lacking = (await raw.ask(raw.apply(token="t3"))).refusal
        assert lacking == (403, "invalid-app-auth-token-no-api")
        unknown = (await raw.ask(raw.apply(token="t4"))).refusal
        assert unknown == (401, "invalid-app-auth-token")
        clock.now += 60
        ended = (await raw.ask(raw.cancel(token="t2"))).refusal
        assert ended == (401, "app-auth-token-time-out")
        answer = await platform.ask("token", None, app_auth_token="t2")
        assert (answer["status"], answer["auth_app_id"]) == ("invalid", CAFE)
        assert (answer["auth_end"], answer["expires_in"]) == ("2024-01-01 00:01:00", 60)
        assert (await platform.ask("token", None, app_auth_token="t3"))["is_by_app_auth"] is True
        assert await platform.code("token", None, app_auth_token="t4") == "AUTH_TOKEN_NOT_EXISTED"
        assert await platform.code("token", None) == "ILLEGAL_PARAM"
        gateway.end_token("t1")
        assert (await raw.ask(raw.cancel(token="t1"))).refusal[1] == "app-auth-token-time-out"
        for ask in (gateway.end_token, gateway.mini_app_id):
            with pytest.raises(ConfigurationError) as raised:
                ask("t4")
            assert raised.value.setting == "app_auth_token"
        with pytest.raises(ConfigurationError):
            gateway.decide("1", "RELEASE", app_auth_token="t4")
    assert records[0].token_digest
    assert records[4].token_digest == records[0].token_digest  # in the query, not in a header
    assert not any(token in json.dumps([each.as_json() for each in records]) for token in merchants)


async def test_without_merchants_every_token_has_an_app(platform: Platform) -> None:
    answer = await platform.ask("token", None, app_auth_token="any")
    assert answer["status"] == "valid"
    assert answer["auth_app_id"] == platform.gateway.mini_app_id("any")


@pytest.mark.parametrize("name", ROUTES)
async def test_each_call_is_judged_and_meets_faults_by_its_name(
    platform: Platform, name: str
) -> None:
    gateway, raw = platform.gateway, platform.raw
    method, path = ROUTES[name]
    gateway.faults.add(Fault.answer("TEA", 418), operation=name, times=None)
    assert (await raw.ask(platform.request(name))).refusal == (418, "TEA")
    assert (await raw.ask(raw.apply())).status == 200
    gateway.faults.clear()
    other = "POST" if method == "GET" else "GET"
    assert (await raw.ask(raw.request(other, path, ""))).refusal[1] == "invalid-http-method"
    unsigned = encode(method, path, {"Content-Type": "application/json"}, b"")
    assert (await raw.ask(unsigned)).refusal == (400, "missing-timestamp")
    forged = raw.sign(method, path, "{}") if method == "GET" else raw.sign(method, path, "")
    body = b"" if method == "GET" else b"{}"
    forged["Content-Type"] = "application/json"
    answer = await raw.ask(encode(method, path, forged, body))
    assert answer.refusal == (400, "invalid-signature")
    assert [each.operation for each in gateway.arrivals] == ["apply"]


async def test_a_call_is_encrypted_as_the_others_are(material: Material, clock: Clock) -> None:
    key = base64.b64encode(bytes(16)).decode()
    async with SandboxGateway(material=material, clock=clock, encrypt_key=key) as gateway:
        gateway.decide("1", "WAIT_RELEASE")
        raw = RawClient(gateway, clock=clock)
        text = AES.new(bytes(16), AES.MODE_CBC, iv=bytes(16)).encrypt(
            pad(b'{"app_version":"1","downgrade":true}', 16)
        )
        body = base64.b64encode(text).decode()
        headers = {"Content-Type": "text/plain", "alipay-encrypt-type": "AES"}
        path = ROUTES["online"][1]
        answer = await raw.ask(raw.request("POST", path, body, body.encode(), headers))
        assert answer.status == 200
        assert answer.is_signed_by(alipay_key(material))
        plain = AES.new(bytes(16), AES.MODE_CBC, iv=bytes(16)).decrypt(
            base64.b64decode(answer.body)
        )
        assert unpad(plain, 16) == b"{}"
        assert gateway.status("1") == "RELEASE"


async def test_two_audits_are_told_apart(platform: Platform) -> None:
    raw, gateway = platform.raw, platform.gateway
    record = {"audit_images": [], "memos": [{"memo": "模糊", "memo_image_list": ["https://a/1"]}]}
    fields = {"app_version": "1", "version_desc": "first", "audit_rule": "BASE_PROMOTE"}
    assert (await raw.ask(raw.apply(data=fields))).status == 200
    said: dict[str, Any] = {"base_audit": "PASS", "promote_audit": "REJECT"}
    gateway.decide("1", "PROMOTE_AUDIT_REJECT", promote_audit_record=record, **said)
    detail = await platform.ask("detail")
    assert (detail["base_audit"], detail["promote_audit"]) == ("PASS", "REJECT")
    assert detail["promote_audit_record"] == record
    assert await platform.code("online") == "CAN_NOT_ONLINE_NO_PROMOTE"
    gateway.decide("1", "PROMOTE_AUDIT_REJECT", can_release=True)
    assert (await platform.ask("detail"))["promote_audit_record"] == record
    assert await platform.ask("online") == {}


async def test_what_the_platform_has_to_see_first_keeps_a_version_from_its_audit(
    material: Material, clock: Clock
) -> None:
    fields = {"app_version": "1.0.1", "version_desc": "The second version: orders and refunds."}
    async with SandboxGateway(material=material, clock=clock) as gateway:
        raw = RawClient(gateway, clock=clock)
        gateway.decide("1.0.1", "INIT", scan_result="NAN")
        answer = await raw.ask(raw.apply(data=fields))
        assert answer.refusal == (400, "CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS")
        detail = (await raw.ask(raw.detail("app_version=1.0.1"))).json
        assert detail["scan_result"] == "NAN"
        gateway.decide("1.0.1", "INIT", scan_result="True")
        for standing in ("WAIT_RELEASE", "AUDIT_REJECT", "GRAY"):
            gateway.decide("1.0.0", standing)
            answer = await raw.ask(raw.apply(data=fields))
            assert answer.refusal == (400, "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY")
        gateway.decide("1.0.0", "RELEASE")
        assert (await raw.ask(raw.apply(data=fields))).status == 200


def test_builds_and_tokens_are_had_from_any_thread(material: Material) -> None:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        assert sandbox.build("1", seconds=1e6).app_version == "1"
        assert sandbox.status("1") == "ABSENT"
        assert len(sandbox.mini_app_id("t1")) == 16
        sandbox.end_token("t1")


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan")])
def test_a_build_takes_a_time(material: Material, seconds: float) -> None:
    gateway = SandboxGateway(material=material)
    with pytest.raises(ConfigurationError) as raised:
        gateway.build("1", seconds=seconds)
    assert raised.value.setting == "seconds"
    with pytest.raises(ConfigurationError):
        gateway.build(" ")


def test_a_blank_merchant_is_refused(material: Material) -> None:
    with pytest.raises(ConfigurationError):
        SandboxGateway(material=material, merchants={"": CAFE})
