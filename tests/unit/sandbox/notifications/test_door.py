"""What other programs do with notifications, on real sockets."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from support.notified import FAIL, Receiver, receiving

from alipay_mini_audit.sandbox import Material, MessageStyle, Mischief, SandboxGateway

NOW = 1_704_038_400.0
SETTINGS = {
    "url": None,
    "timeout": 16,
    "charset": "UTF-8",
    "encrypted": False,
    "passed_fields": ["mini_app_version", "bundle_id"],
    "lose": 0,
    "duplicate": 0,
    "delay": 0,
    "delay_s": 600,
    "reorder": 0,
    "forge": 0,
    "seed": 0,
    "waiting": 0,
}

Ask = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, clock=lambda: NOW, admin=True) as gateway:
        yield gateway


@pytest.fixture
async def ask(gateway: SandboxGateway) -> AsyncIterator[Ask]:
    async with aiohttp.ClientSession(gateway.base_url) as session:

        async def ask(method: str, path: str, **fields: object) -> tuple[int, Any]:
            async with session.request(method, f"/_sandbox/{path}", json=fields) as answer:
                return answer.status, await answer.json()

        yield ask


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def test_settings_are_changed_one_by_one(gateway: SandboxGateway, ask: Ask) -> None:
    assert await ask("GET", "notifications") == (200, {**SETTINGS, "deliveries": []})
    changes = {"url": "http://127.0.0.1:9/", "lose": 0.5, "seed": 3}
    assert await ask("POST", "notifications", **changes) == (200, SETTINGS | changes)
    more: dict[str, object] = {
        "charset": "GBK",
        "passed_fields": ["bundle_id"],
        "timeout": 2.5,
        "delay_s": 1,
    }
    assert await ask("POST", "notifications", **more) == (200, SETTINGS | changes | more)
    assert gateway.notifications.style == MessageStyle(charset="GBK", passed_fields=("bundle_id",))
    assert gateway.notifications.mischief == Mischief(lose=0.5, delay_s=1, seed=3)
    assert gateway.notifications.timeout == 2.5
    _, settings = await ask("POST", "notifications", url=None)
    assert (settings["url"], settings["lose"], gateway.notifications.url) == (None, 0.5, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "127.0.0.1:80"),
        ("url", 7),
        ("timeout", 0),
        ("timeout", "1"),
        ("charset", "latin-1"),
        ("charset", 1),
        ("encrypted", True),  # there is no key
        ("encrypted", "no"),
        ("passed_fields", "bundle_id"),
        ("passed_fields", ["x"]),
        ("passed_fields", [[]]),
        ("lose", 2),
        ("seed", 0.5),
        ("delay_s", None),
        ("loose", 1),
    ],
)
async def test_nothing_is_changed_if_something_is_wrong(
    gateway: SandboxGateway, ask: Ask, field: str, value: object
) -> None:
    good = {"url": "http://127.0.0.1:9/", "lose": 0.25, "charset": "GBK", "timeout": 3}
    status, answer = await ask("POST", "notifications", **{**good, field: value})
    assert (status, answer["field"]) == (400, field)
    assert await ask("GET", "notifications") == (200, {**SETTINGS, "deliveries": []})
    assert gateway.notifications.url is None


async def test_a_decision_at_the_door_is_told_and_listed(
    gateway: SandboxGateway, ask: Ask, receiver: Receiver
) -> None:
    await ask("POST", "notifications", url=receiver.url)
    receiver.answer = FAIL
    for status in ("AUDITING", "AUDIT_REJECT"):
        await ask("POST", "versions/decide", app_version="1", status=status, reject_reason="no")
    await gateway.notifications.deliver()
    _, answer = await ask("GET", "notifications")
    (delivery,) = answer["deliveries"]
    assert delivery == {
        "notification": "alipay.open.mini.version.audit.rejected",
        "notify_id": receiver.posts[0].text("notify_id"),
        "app_version": "1",
        "attempt": 1,
        "time": "2023-12-31T16:00:00.000+00:00",
        "status": 200,
        "answer": "fail",
        "counted": False,
        "problem": None,
        "mischief": [],
    }
    assert answer["waiting"] == 1
    # The door's clock brings the next attempt.
    receiver.arrived.clear()
    await ask("POST", "clock", offset_s=240)
    await receiver.arrived.wait()
    await gateway.notifications.deliver()
    assert len(receiver.posts) == 2
    assert await ask("DELETE", "notifications") == (200, {"deliveries": 0, "waiting": 0})
    _, answer = await ask("GET", "notifications")
    assert (answer["deliveries"], answer["waiting"]) == ([], 0)


async def test_other_messages_are_sent(
    gateway: SandboxGateway, ask: Ask, receiver: Receiver
) -> None:
    await ask("POST", "notifications", url=receiver.url)
    token = {"app_auth_token": "token-1", "auth_app_id": "2021000000000007"}
    other = {"message": "x.y", "biz_content": {"a": 1}}
    _, check = await ask("POST", "notifications/send", message="alipay.service.check")
    _, grant = await ask("POST", "notifications/send", message="open_app_auth_notify", **token)
    _, sent = await ask("POST", "notifications/send", **other)
    await gateway.notifications.deliver()
    first, second, third = receiver.posts
    assert (first.text("service"), check) == ("alipay.service.check", {"notify_id": None})
    assert second.text("notify_id") == grant["notify_id"]
    assert json.loads(second.text("biz_content"))["detail"]["app_auth_token"] == "token-1"
    assert (third.text("msg_method"), third.text("notify_id")) == ("x.y", sent["notify_id"])
    assert json.loads(third.text("biz_content")) == {"a": 1}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "message"),
        ({"message": "x", "biz_content": "{}"}, "biz_content"),
        ({"message": "x", "more": 1}, "more"),
        ({"message": "alipay.service.check", "biz_content": {}}, "biz_content"),
        ({"message": "open_app_auth_notify", "auth_app_id": "1"}, "app_auth_token"),
        ({"message": "x"}, "notify_url"),
    ],
)
async def test_what_cannot_be_sent_is_named(
    ask: Ask, fields: dict[str, object], field: str
) -> None:
    status, answer = await ask("POST", "notifications/send", **fields)
    assert (status, answer["field"]) == (400, field)
