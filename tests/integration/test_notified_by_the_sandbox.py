"""What the sandbox sends, the client's router takes: two programs with no line in common."""

from collections import Counter
from collections.abc import AsyncIterator

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from alipay_mini_audit import (
    AuditPassed,
    AuditRejected,
    AuthorizationChanged,
    Credentials,
    NotificationRouter,
    OtherNotification,
)
from alipay_mini_audit.contrib.aiohttp import notification_handler
from alipay_mini_audit.sandbox import Material, MessageStyle, Mischief, SandboxGateway

REASON = "图标模糊 & 首页=空白 + 100%"
AES_KEY = "AAECAwQFBgcICQoLDA0ODw=="
A_DAY_AND_MORE = 25 * 3600
MEMOS = {
    "audit_images": ["https://example.com/1.png"],
    "memos": [{"memo": "文字模糊", "memo_image_list": ["https://example.com/2.png"]}],
}


@attrs.define
class App:
    """An application gateway, and what it was told."""

    router: NotificationRouter
    told: list[AuditPassed | AuditRejected | AuthorizationChanged | OtherNotification]
    fails: int = 0
    url: str = ""


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, encrypt_key=AES_KEY) as gateway:
        yield gateway


async def serve(gateway: SandboxGateway, credentials: Credentials) -> AsyncIterator[App]:
    router = NotificationRouter(
        credentials.app_id,
        verifier=credentials.verifier,
        cipher=credentials.cipher,
        signer=credentials.signer,
    )
    app = App(router, [])

    @router.on(AuditPassed, AuditRejected, AuthorizationChanged, OtherNotification)
    async def note(
        message: AuditPassed | AuditRejected | AuthorizationChanged | OtherNotification,
    ) -> None:
        if app.fails:
            app.fails -= 1
            raise OSError
        app.told.append(message)

    served = web.Application()
    served.router.add_post("/alipay", notification_handler(router))
    async with TestServer(served) as server:
        app.url = gateway.notifications.url = str(server.make_url("/alipay"))
        yield app


@pytest.fixture
async def app(gateway: SandboxGateway) -> AsyncIterator[App]:
    async for app in serve(gateway, gateway.credentials):
        yield app


@pytest.fixture
async def certificate_app(gateway: SandboxGateway) -> AsyncIterator[App]:
    async for app in serve(gateway, gateway.certificate_credentials):
        yield app


def decide(gateway: SandboxGateway, version: str, status: str = "WAIT_RELEASE") -> None:
    gateway.decide(version, "AUDITING")
    gateway.decide(
        version,
        status,
        reject_reason=REASON,
        base_audit="PASS",
        promote_audit="REJECT",
        promote_audit_record=MEMOS,
    )


@pytest.mark.parametrize("charset", ["UTF-8", "GBK"])
@pytest.mark.parametrize("encrypted", [False, True])
async def test_every_way_of_writing_is_understood(
    gateway: SandboxGateway, app: App, charset: str, encrypted: bool
) -> None:
    gateway.notifications.style = MessageStyle(charset=charset, encrypted=encrypted)
    decide(gateway, "1")
    decide(gateway, "2", "PROMOTE_AUDIT_REJECT")
    deliveries = await gateway.notifications.deliver()
    assert [each.counted for each in deliveries] == [True, True]
    passed, rejected = app.told
    assert isinstance(passed, AuditPassed)
    assert isinstance(rejected, AuditRejected)
    assert [each.notify_id for each in app.told] == [each.notify_id for each in deliveries]
    for each, version in ((passed, "1"), (rejected, "2")):
        assert (each.app_id, each.mini_app_id) == (gateway.material.app_id,) * 2
        assert (each.app_version, each.bundle_id) == (version, "com.alipay.alipaywallet")
        assert each.sent_at is not None
        assert abs(each.sent_at.timestamp() - deliveries[0].time) < 60
    assert (rejected.audit_reason, rejected.base_audit) == (REASON, "PASS")
    assert rejected.promote_audit == "REJECT"
    record = rejected.promote_audit_reason
    assert record is not None
    assert record.audit_images == MEMOS["audit_images"]
    assert [each.memo for each in record.memos] == ["文字模糊"]


async def test_a_message_of_nothing_but_the_mini_program_is_understood(
    gateway: SandboxGateway, app: App
) -> None:
    gateway.notifications.style = MessageStyle(passed_fields=())
    decide(gateway, "1")
    (delivery,) = await gateway.notifications.deliver()
    (passed,) = app.told
    assert delivery.counted
    assert (passed.mini_app_id, passed.app_version) == (gateway.material.app_id, None)


async def test_certificate_mode_believes_the_same(
    gateway: SandboxGateway, certificate_app: App
) -> None:
    gateway.notifications.mischief = Mischief(forge=1)
    for number in range(6):
        decide(gateway, str(number))
    deliveries = await gateway.notifications.deliver()
    assert {(each.is_forged, each.counted) for each in deliveries} == {(True, False), (False, True)}
    assert len(certificate_app.told) == 6


async def test_the_gateway_of_the_app_is_activated(gateway: SandboxGateway, app: App) -> None:
    gateway.notifications.send_check()
    (delivery,) = await gateway.notifications.deliver()
    assert (delivery.status, delivery.counted) == (200, True)
    assert delivery.answer.startswith(b"<?xml")
    assert app.told == []


async def test_a_grant_and_its_end_are_understood(gateway: SandboxGateway, app: App) -> None:
    gateway.notifications.send_grant("token-1", auth_app_id="2021000000000007")
    cancelled = {"auth_app_id": "2021000000000007"}
    gateway.notifications.send("alipay.open.auth.appauth.cancelled", cancelled)
    gateway.notifications.send("x.y", {"a": 1})
    assert [each.counted for each in await gateway.notifications.deliver()] == [True] * 3
    granted, ended, other = app.told
    assert isinstance(granted, AuthorizationChanged)
    assert isinstance(ended, AuthorizationChanged)
    assert isinstance(other, OtherNotification)
    assert (granted.is_granted, granted.app_auth_token) == (True, "token-1")
    assert (ended.is_granted, ended.mini_app_id) == (False, granted.mini_app_id)
    assert (other.method, other.content) == ("x.y", {"a": 1})


async def test_another_app_believes_nothing(gateway: SandboxGateway, app: App) -> None:
    other = attrs.evolve(gateway.material, app_id="9021000000000002")
    async with SandboxGateway(material=other, notify_url=app.url) as foreign:
        decide(foreign, "1")
        (delivery,) = await foreign.notifications.deliver()
    assert (delivery.counted, app.told) == (False, [])


async def test_a_router_that_fails_is_told_again(gateway: SandboxGateway, app: App) -> None:
    app.fails = 2
    decide(gateway, "1")
    deliveries = await gateway.notifications.deliver(A_DAY_AND_MORE)
    assert [each.counted for each in deliveries] == [False, False, True]
    assert [each.app_version for each in app.told] == ["1"]


async def test_whatever_befalls_them_each_is_handled_once_and_nothing_false(
    gateway: SandboxGateway, app: App
) -> None:
    gateway.notifications.mischief = Mischief(
        lose=0.3, duplicate=0.3, delay=0.2, reorder=0.3, forge=0.4, seed=15
    )
    ends = {str(number): number % 3 == 0 for number in range(60)}
    for version, passed in ends.items():
        decide(gateway, version, "WAIT_RELEASE" if passed else "AUDIT_REJECT")
    app.fails = 10
    await gateway.notifications.deliver(A_DAY_AND_MORE)
    deliveries = gateway.notifications.deliveries
    assert not any(each.is_forged and each.counted for each in deliveries)
    lost = {each.app_version for each in deliveries if "lost" in each.mischief}
    assert 10 < len(lost) < 30
    told = Counter(each.app_version for each in app.told)
    assert told == Counter(ends.keys() - lost)
    for each in app.told:
        assert isinstance(each, AuditPassed) == ends[each.app_version or ""]
    assert gateway.notifications.waiting == 0
