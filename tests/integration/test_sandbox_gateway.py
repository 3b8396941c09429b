"""The gateway on real sockets: what it verifies, how a version moves, how it starts and closes."""

import asyncio
import copy
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from support.raw_client import (
    APPLY,
    CANCEL,
    DETAIL,
    MULTIPART,
    RawClient,
    alipay_key,
    arrival,
    cert_sn,
    encode,
    multipart,
)
from yarl import URL

from alipay_mini_audit import ConfigurationError, Credentials
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

FIELDS = {"app_version": "1", "version_desc": "first"}
NOW = 1_704_038_400.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gateway(material: Material, clock: Clock) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, clock=clock, strict=False) as gateway:
        yield gateway


@pytest.fixture
def raw(gateway: SandboxGateway, clock: Clock) -> RawClient:
    return RawClient(gateway, clock=clock)


async def refused(raw: RawClient, request: bytes) -> tuple[int, str]:
    """Send what has to be refused; return status and code."""
    return (await raw.ask(request)).refusal


async def test_one_changed_byte_is_refused(raw: RawClient, gateway: SandboxGateway) -> None:
    expected = (400, "invalid-signature")
    data = json.dumps(FIELDS)
    assert await refused(raw, raw.apply(data=data, sent=data.replace("first", "fjrst"))) == expected
    other_token = {"alipay-app-auth-token": "token-2"}
    assert await refused(raw, raw.apply(token="token-1", headers=other_token)) == expected
    assert await refused(raw, raw.apply(headers=other_token)) == expected
    target = f"{DETAIL}?app_version=0.0.1"
    for other in (target + "0", target + "&", target.replace("=", "=%")):
        head = raw.sign("GET", target, "")
        assert await refused(raw, encode("GET", other, head)) == expected
    json_type = {"Content-Type": "application/json"}
    assert await refused(raw, raw.request("POST", CANCEL, "{}", b"{ }", json_type)) == expected
    assert gateway.submissions == ()


async def test_the_target_is_judged_as_it_was_sent(raw: RawClient) -> None:
    for query in (
        "app_version=%30%2e0.1",
        "app_version=0.0.1&x=%e4%b8%ad&y=a+b",
        "y=~!*'()&app_version=0.0.1",
    ):
        answer = await raw.ask(raw.detail(query))
        assert (answer.status, answer.json["app_version"]) == (200, "0.0.1")


async def test_clock_nonce_and_app(raw: RawClient, clock: Clock, gateway: SandboxGateway) -> None:
    assert await refused(raw, raw.apply(at=NOW - 601)) == (400, "illegal-timestamp")
    assert await refused(raw, raw.apply(at=NOW + 601)) == (400, "illegal-timestamp")
    assert await refused(raw, raw.apply(app_id="2021000000000009")) == (400, "invalid-app-id")
    assert (await raw.ask(raw.apply(nonce="once"))).status == 200
    assert await refused(raw, raw.detail(nonce="once")) == (400, "invalid-parameter")
    clock.now += 601
    assert (await raw.ask(raw.detail(nonce="once"))).status == 200
    assert len(gateway.submissions) == 1


async def test_what_came_whole_is_kept_whether_or_not_it_was_accepted(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    assert gateway.arrivals == ()
    named = {"headers": {"alipay-request-id": "r1"}, "token": "merchant"}
    assert (await raw.ask(raw.apply(**named))).status == 200
    assert await refused(raw, raw.apply(token="merchant")) == (400, "SUBMIT_REPEAT")
    assert await refused(raw, raw.apply(sent="{}")) == (400, "invalid-signature")
    gateway.faults.add(Fault.CLOSE_AFTER_BODY)
    assert await raw.send(raw.apply()) is None
    assert (await raw.ask(raw.cancel(token="merchant"))).status == 200
    assert [(each.operation, each.code) for each in gateway.arrivals] == [
        ("apply", None),
        ("apply", "SUBMIT_REPEAT"),
        ("cancel", None),
    ]
    first, _, last = gateway.arrivals
    assert (first.app_auth_token, first.request_id) == ("merchant", "r1")
    assert first.fields["version_desc"] == "first"
    assert last.fields == {"app_version": "1"}


async def test_a_missing_header_and_an_empty_token_are_refused(raw: RawClient) -> None:
    body = multipart([("data", None, b"{}")])
    unsigned = encode("POST", APPLY, {"Content-Type": MULTIPART}, body)
    assert await refused(raw, unsigned) == (400, "missing-timestamp")
    empty_token = {"alipay-app-auth-token": ""}
    assert await refused(raw, raw.apply(headers=empty_token)) == (401, "invalid-app-auth-token")


async def test_certificate_mode(gateway: SandboxGateway, clock: Clock) -> None:
    raw = RawClient(gateway, by_certificate=True, clock=clock)
    answer = await raw.ask(raw.apply())
    assert answer.status == 200
    assert answer.headers["alipay-sn"] == cert_sn(gateway.material.alipay_certificate)
    certificate = x509.load_pem_x509_certificate(gateway.material.alipay_certificate.encode())
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    assert answer.is_signed_by(key)
    assert await refused(raw, raw.apply(app_cert_sn="0")) == (400, "app-cert-not-exist")
    wrong_root = {"alipay-root-cert-sn": cert_sn(gateway.material.app_certificate)}
    expected = (400, "invalid-alipay-root-cert-sn")
    assert await refused(raw, raw.apply(headers=wrong_root)) == expected


async def test_the_life_of_a_version(raw: RawClient, gateway: SandboxGateway) -> None:
    assert (await raw.ask(raw.detail())).json["status"] == "INIT"
    fields = FIELDS | {"speed_up": "false", "region_type": "CHINA"}
    assert (await raw.ask(raw.apply(data=fields))).json["speed_up"] == "false"
    assert await refused(raw, raw.apply()) == (400, "SUBMIT_REPEAT")
    detail = await raw.ask(raw.detail())
    assert detail.is_signed_by(alipay_key(gateway.material))
    assert detail.json["status"] == "AUDITING"
    assert detail.json["gmt_apply_audit"] == "2024-01-01 00:00:00"
    assert detail.json["service_region_type"] == "CHINA"
    assert (await raw.ask(raw.detail(token="merchant"))).json["status"] == "INIT"
    nothing_to_cancel = (400, "AUDITING_VERSION_NOT_EXIST")
    assert await refused(raw, raw.cancel(token="merchant")) == nothing_to_cancel
    cancelled = await raw.ask(raw.cancel())
    assert cancelled.is_signed_by(alipay_key(gateway.material))
    assert cancelled.body == b"{}"
    assert await refused(raw, raw.cancel("")) == nothing_to_cancel
    detail = await raw.ask(raw.detail())
    assert (detail.json["status"], "gmt_apply_audit" in detail.json) == ("INIT", True)


async def test_a_merchants_version_has_a_life_of_its_own(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    assert (await raw.ask(raw.apply())).status == 200
    assert (await raw.ask(raw.apply(token="merchant"))).status == 200
    gateway.decide("1", "AUDIT_REJECT", reject_reason="模糊", app_auth_token="merchant")
    rejected = (await raw.ask(raw.detail(token="merchant"))).json
    assert (rejected["status"], rejected["reject_reason"]) == ("AUDIT_REJECT", "模糊")
    expected = (400, "CAN_NOT_SUBMIT_WITHOUT_INIT")
    assert await refused(raw, raw.apply(token="merchant")) == expected
    assert await refused(raw, raw.detail("bundle_id=x")) == (400, "APP_VERSION_IS_BLANK")
    assert [each.app_auth_token for each in gateway.submissions] == [None, "merchant"]


async def test_wrong_calls_are_refused(raw: RawClient) -> None:
    other = "/v3/alipay/open/mini/version/upload"
    assert await refused(raw, raw.request("POST", other, "{}", b"{}")) == (404, "invalid-method")
    assert await refused(raw, raw.request("GET", APPLY, "")) == (400, "invalid-http-method")
    assert await refused(raw, raw.cancel("{}", "text/plain")) == (400, "invalid-content-type")
    assert await refused(raw, raw.cancel("[]")) == (400, "illegal-json")
    large = '{"memo":"' + "x" * 1024 * 1024 + '"}'
    assert await refused(raw, raw.cancel(large)) == (400, "invalid-request-data")


async def test_it_closes_quickly_and_leaves_nothing(material: Material) -> None:
    before = asyncio.all_tasks()
    gateway = SandboxGateway(material=material, strict=False)
    assert await gateway.start() is await gateway.start()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", gateway.base_url)
    arrived = arrival(gateway)
    _, writer = await asyncio.open_connection("127.0.0.1", URL(gateway.base_url).port)
    writer.write(encode("POST", APPLY, {"Content-Length": "9"}))
    await arrived.wait()
    started = time.monotonic()
    await gateway.aclose()
    await gateway.aclose()
    assert time.monotonic() - started < 2
    assert asyncio.all_tasks() == before
    writer.close()
    with pytest.raises(ConfigurationError, match="not running"):
        _ = gateway.base_url


async def test_it_starts_again_and_remembers(
    material: Material, raw: RawClient, gateway: SandboxGateway
) -> None:
    assert (await raw.ask(raw.apply())).status == 200
    await gateway.aclose()
    async with gateway:
        assert (await raw.ask(raw.detail())).json["status"] == "AUDITING"
    assert len(gateway.submissions) == 1
    assert gateway.material is material


async def test_it_makes_its_own_keys(tmp_path: Path) -> None:
    gateway = SandboxGateway(speed_up=False, strict=False)
    assert gateway.submissions == ()
    with pytest.raises(ConfigurationError, match="Start it first") as caught:
        _ = gateway.material
    assert caught.value.setting == "material"
    async with gateway:
        assert isinstance(gateway.credentials, Credentials)
        assert gateway.credentials.app_id == gateway.material.app_id
        raw = RawClient(gateway)
        assert (await raw.ask(raw.apply())).json["speed_up"] == "false"
        gateway.material.write(tmp_path)
    kept = Material.read(tmp_path)
    async with SandboxGateway(material=kept) as again:
        raw = RawClient(again)
        assert (await raw.ask(raw.detail())).is_signed_by(alipay_key(gateway.material))


async def test_an_address_that_is_taken_is_named(
    material: Material, gateway: SandboxGateway
) -> None:
    port = URL(gateway.base_url).port
    assert port is not None
    with pytest.raises(ConfigurationError, match=str(port)):
        await SandboxGateway(material=material, port=port).start()


def test_a_blank_version_cannot_be_decided_on(material: Material) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SandboxGateway(material=material).decide(" ", "RELEASE")
    assert caught.value.setting == "app_version"


async def test_a_status_that_the_platform_lacks_cannot_be_decided_on(
    gateway: SandboxGateway,
) -> None:
    with pytest.raises(ConfigurationError, match="WAIT_RELEASE") as caught:
        gateway.decide("1", "REJECTED")
    assert caught.value.setting == "status"
    assert gateway.status("1") == "INIT"


async def test_equal_material_is_not_mistaken_for_the_one_that_was_given(
    material: Material,
) -> None:
    twin = copy.copy(material)
    for given in (material, twin):
        async with SandboxGateway(material=given) as gateway:
            assert gateway.material is given


async def test_a_head_that_cannot_be_read_is_not_logged(
    material: Material, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with SandboxGateway(material=material) as gateway:
        host, _, port = gateway.base_url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nalipay-app-auth-token: S3CRET\x01\r\n\r\n")
        assert b" 400 " in await reader.readline()
        writer.close()
    assert "S3CRET" not in caplog.text
