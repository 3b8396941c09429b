"""The sandbox tells an application how audits ended: on real sockets, judged by OpenSSL."""

import asyncio
import base64
import json
import re
import subprocess
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import psutil
import pytest
from support.notified import (
    FAIL,
    SUCCESS,
    Play,
    Post,
    Receiver,
    answer,
    openssl_decrypts,
    openssl_verifies,
    receiving,
)

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import (
    Delivery,
    Material,
    MessageStyle,
    Mischief,
    SandboxGateway,
    SandboxThread,
)

NOW = 1_704_038_400.0  # 2024-01-01 00:00:00 in Beijing
PASSED, REJECTED = (f"alipay.open.mini.version.audit.{end}" for end in ("passed", "rejected"))
AES_KEY = "AAECAwQFBgcICQoLDA0ODw=="
A_DAY_AND_MORE = 25 * 3600
REASON = "图标模糊 & 首页=空白 + 100%"


@attrs.define
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def gateway(
    material: Material, clock: Clock, receiver: Receiver
) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(
        material=material, clock=clock, encrypt_key=AES_KEY, notify_url=receiver.url
    ) as gateway:
        yield gateway


def decide(gateway: SandboxGateway, version: str, status: str = "WAIT_RELEASE") -> None:
    gateway.decide(version, "AUDITING")
    reason = REASON if status == "AUDIT_REJECT" else None
    gateway.decide(version, status, reject_reason=reason)


def is_genuine(post: Post, material: Material, folder: Path) -> bool:
    signed = post.signed("sign", "sign_type")
    return openssl_verifies(signed, post.fields["sign"], material.alipay_public_key, folder)


async def test_a_rejection_is_told_with_its_reason(
    gateway: SandboxGateway, receiver: Receiver, tmp_path: Path
) -> None:
    decide(gateway, "1.0.0", "AUDIT_REJECT")
    (delivery,) = await gateway.notifications.deliver()
    (post,) = receiver.posts
    notify_id = post.text("notify_id")
    assert re.fullmatch("20240101[0-9a-f]{32}", notify_id)
    assert delivery == Delivery(
        name=REJECTED,
        notify_id=notify_id,
        app_version="1.0.0",
        attempt=1,
        time=NOW,
        status=200,
        answer=b"success",
        counted=True,
    )
    assert {name: post.text(name) for name in post.fields.keys() - {"sign", "notify_id"}} == {
        "utc_timestamp": "1704038400000",
        "msg_method": REJECTED,
        "app_id": gateway.material.app_id,
        "version": "1.1",
        "biz_content": json.dumps(
            {
                "mini_app_id": gateway.material.app_id,
                "mini_app_version": "1.0.0",
                "bundle_id": "com.alipay.alipaywallet",
                "audit_reason": REASON,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ),
        "charset": "UTF-8",
        "sign_type": "RSA2",
    }
    assert post.head.startswith(b"POST /alipay?way=1 HTTP/1.1\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded;charset=UTF-8\r\n" in post.head
    assert b"Accept-Encoding: identity\r\n" in post.head
    assert is_genuine(post, gateway.material, tmp_path)


@pytest.mark.parametrize("charset", ["UTF-8", "GBK"])
@pytest.mark.parametrize("encrypted", [False, True])
async def test_openssl_believes_every_way_of_writing(
    gateway: SandboxGateway, receiver: Receiver, tmp_path: Path, charset: str, encrypted: bool
) -> None:
    gateway.notifications.style = MessageStyle(charset=charset, encrypted=encrypted)
    decide(gateway, "1.0.0", "AUDIT_REJECT")
    await gateway.notifications.deliver()
    (post,) = receiver.posts
    assert is_genuine(post, gateway.material, tmp_path)
    content = post.fields["biz_content"]
    if encrypted:
        assert post.text("encrypt_type") == "AES"
        content = openssl_decrypts(content, AES_KEY)
    assert json.loads(content.decode(charset))["audit_reason"] == REASON
    assert ("图标".encode("gbk") in content) == (charset == "GBK")


async def test_what_a_charset_lacks_is_told_as_in_java(
    gateway: SandboxGateway, receiver: Receiver, tmp_path: Path
) -> None:
    gateway.notifications.style = MessageStyle(charset="GBK")
    gateway.decide("1", "AUDITING")
    gateway.decide("1", "AUDIT_REJECT", reject_reason="a\U0001f600b")
    await gateway.notifications.deliver()
    (post,) = receiver.posts
    assert json.loads(post.text("biz_content"))["audit_reason"] == "a?b"
    assert is_genuine(post, gateway.material, tmp_path)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (None, {"mini_app_id", "mini_app_version", "bundle_id"}),
        (("mini_app_version",), {"mini_app_id", "mini_app_version"}),
        ((), {"mini_app_id"}),
    ],
)
async def test_a_version_that_passed_is_told_as_much_as_wanted(
    gateway: SandboxGateway, receiver: Receiver, fields: tuple[str, ...] | None, told: set[str]
) -> None:
    if fields is not None:
        gateway.notifications.style = MessageStyle(passed_fields=fields)
    decide(gateway, "1.0.0")
    await gateway.notifications.deliver()
    (post,) = receiver.posts
    assert post.text("msg_method") == PASSED
    assert set(json.loads(post.text("biz_content"))) == told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("AUDITING", "WAIT_RELEASE", [PASSED]),
        ("AUDITING", "BASE_AUDIT_PASS", [PASSED]),
        ("AUDITING", "RELEASE", [PASSED]),
        ("AUDITING", "AUDIT_REJECT", [REJECTED]),
        ("AUDITING", "PROMOTE_AUDIT_REJECT", [REJECTED]),
        ("AUDITING", "INIT", []),
        ("AUDITING", "AUDITING", []),
        ("INIT", "WAIT_RELEASE", []),
        ("WAIT_RELEASE", "AUDIT_REJECT", []),
        ("WAIT_RELEASE", "RELEASE", []),
    ],
)
async def test_only_the_end_of_an_audit_is_told(
    gateway: SandboxGateway, receiver: Receiver, before: str, after: str, told: list[str]
) -> None:
    gateway.decide("1", before)
    gateway.decide("1", after)
    await gateway.notifications.deliver(A_DAY_AND_MORE)
    assert [post.text("msg_method") for post in receiver.posts] == told


async def test_a_rejection_tells_of_both_audits(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    memos = [{"memo": "文字模糊", "memo_image_list": ["https://example.com/1.png"]}]
    gateway.decide("1", "AUDITING")
    gateway.decide(
        "1",
        "PROMOTE_AUDIT_REJECT",
        reject_reason=REASON,
        base_audit="PASS",
        promote_audit="REJECT",
        promote_audit_record={"audit_images": [], "memos": memos},
    )
    await gateway.notifications.deliver()
    (post,) = receiver.posts
    assert json.loads(post.text("biz_content")) == {
        "mini_app_id": gateway.material.app_id,
        "mini_app_version": "1",
        "bundle_id": "com.alipay.alipaywallet",
        "audit_reason": REASON,
        "base_audit": "PASS",
        "promote_audit": "REJECT",
        "promote_audit_reason": {"audit_images": [], "memos": memos},
    }


async def test_merchants_are_told_apart(gateway: SandboxGateway, receiver: Receiver) -> None:
    for token in ("token-1", "token-2", "token-1"):
        gateway.decide("1", "AUDITING", app_auth_token=token)
        gateway.decide("1", "WAIT_RELEASE", app_auth_token=token)
    await gateway.notifications.deliver()
    first, second, again = (
        json.loads(post.text("biz_content"))["mini_app_id"] for post in receiver.posts
    )
    assert first == again == gateway.mini_app_id("token-1")
    assert second == gateway.mini_app_id("token-2") != first


async def test_a_merchant_is_called_by_its_mini_program(
    material: Material, receiver: Receiver
) -> None:
    app_id = "2021000000000007"
    async with SandboxGateway(
        material=material, merchants={"token-1": app_id, "token-2": app_id}, notify_url=receiver.url
    ) as gateway:
        gateway.decide("1", "AUDITING", app_auth_token="token-1")
        gateway.decide("1", "WAIT_RELEASE", app_auth_token="token-2")
        await gateway.notifications.deliver()
    (post,) = receiver.posts
    assert json.loads(post.text("biz_content"))["mini_app_id"] == app_id
    assert post.text("app_id") == material.app_id


async def test_it_is_told_by_the_published_schedule_until_it_gives_up(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    receiver.answer = FAIL
    decide(gateway, "1")
    deliveries = await gateway.notifications.deliver(A_DAY_AND_MORE)
    minutes = [round((each.time - NOW) / 60, 6) for each in deliveries]
    assert minutes == [0, 4, 14, 24, 84, 204, 564, 1464]
    assert [each.attempt for each in deliveries] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {(each.status, each.answer, each.counted) for each in deliveries} == {
        (200, b"fail", False)
    }
    assert len(receiver.posts) == 8
    assert len({post.body for post in receiver.posts}) == 1
    assert gateway.notifications.waiting == 0
    assert await gateway.notifications.deliver(10 * A_DAY_AND_MORE) == ()


async def test_it_is_told_no_more_once_it_arrived(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    receiver.answer = FAIL
    decide(gateway, "1")
    await gateway.notifications.deliver(240)
    receiver.answer = SUCCESS
    assert await gateway.notifications.deliver(839) == ()
    (third,) = await gateway.notifications.deliver(840)
    assert (third.attempt, third.counted) == (3, True)
    assert await gateway.notifications.deliver(A_DAY_AND_MORE) == ()
    assert len(receiver.posts) == 3


@pytest.mark.parametrize(
    "raw",
    [
        answer(b"success\n"),
        answer(b"SUCCESS"),
        answer(b'"success"'),
        answer(b"\xef\xbb\xbfsuccess"),
        answer(b""),
        answer(b"success", status=b"201 Created"),
        answer(b"success", status=b"302 Found\r\nLocation: /alipay"),
        answer(b"success", status=b"500 No"),
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
)
async def test_nothing_but_seven_bytes_counts(
    gateway: SandboxGateway, receiver: Receiver, raw: bytes
) -> None:
    receiver.answer = raw
    decide(gateway, "1")
    (delivery,) = await gateway.notifications.deliver()
    assert not delivery.counted
    assert delivery.problem is None
    assert delivery.status == int(raw.split()[1])
    assert (len(receiver.posts), gateway.notifications.waiting) == (1, 1)


async def test_chunks_count_as_one_body(gateway: SandboxGateway, receiver: Receiver) -> None:
    receiver.answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsuc\r\n4\r\ncess\r\n0\r\n\r\n"
    )
    decide(gateway, "1")
    (delivery,) = await gateway.notifications.deliver()
    assert delivery.counted


async def test_it_goes_out_by_itself_as_the_clock_moves(
    gateway: SandboxGateway, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = FAIL
    decide(gateway, "1")
    for moved in (240, 600, 600):
        await asyncio.wait_for(receiver.arrived.wait(), 10)
        receiver.arrived.clear()
        clock.now += moved
    await asyncio.wait_for(receiver.arrived.wait(), 10)
    await gateway.notifications.deliver()
    assert [each.time - NOW for each in gateway.notifications.deliveries] == [0, 240, 840, 1440]


# Receivers that do harm


async def hang(_: Post, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await reader.read()


async def drip(_: Post, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsucces")
    await reader.read()


async def drip_head(_: Post, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def reset(_: Post, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def end_early(_: Post, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsuccess")


async def answer_garbage(_: Post, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff success\r\n\r\n")


async def answer_long_header(
    _: Post, __: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n")
    await writer.drain()


async def answer_without_end(
    _: Post, __: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"success " * 10_000)
        await writer.drain()


@pytest.mark.parametrize(
    ("play", "status", "problem"),
    [
        (hang, None, "timeout"),
        (drip, 200, "timeout"),
        (drip_head, None, "timeout"),
        (reset, None, "connection"),
        (end_early, 200, "connection"),
        (answer_garbage, None, "connection"),
        (answer_long_header, None, "connection"),
        (answer_without_end, 200, None),
    ],
)
async def test_no_receiver_does_harm(
    gateway: SandboxGateway, receiver: Receiver, play: Play, status: int | None, problem: str | None
) -> None:
    process = psutil.Process()
    files, tasks = process.num_fds(), len(asyncio.all_tasks())
    gateway.notifications.timeout = {hang: 0.1, drip: 1.0, drip_head: 0.1}.get(play, 10.0)
    receiver.play = play
    decide(gateway, "1")
    async with asyncio.timeout(9):
        (delivery,) = await gateway.notifications.deliver()
    assert (delivery.status, delivery.problem, delivery.counted) == (status, problem, False)
    assert len(delivery.answer) <= 64
    assert gateway.notifications.waiting == 1
    receiver.play, gateway.notifications.timeout = None, 10.0
    (again,) = await gateway.notifications.deliver(240)
    assert again.counted
    async with asyncio.timeout(5):
        # Nobody tells when a socket is gone.
        while (process.num_fds(), len(asyncio.all_tasks())) > (files, tasks):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_nobody_listening_is_told_later(
    gateway: SandboxGateway, unused_tcp_port: int
) -> None:
    gateway.notifications.url = f"http://127.0.0.1:{unused_tcp_port}/"
    decide(gateway, "1")
    (delivery,) = await gateway.notifications.deliver()
    assert (delivery.status, delivery.problem) == (None, "connection")
    assert gateway.notifications.waiting == 1


def test_the_published_limit_is_the_default(material: Material) -> None:
    assert SandboxGateway(material=material).notifications.timeout == 16


async def test_one_that_hangs_holds_up_no_other(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    all_came = asyncio.Event()

    async def hang_until_the_others_came(
        post: Post, _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if len(receiver.posts) == 5:
            all_came.set()
        if post is receiver.posts[0]:
            await all_came.wait()
        writer.write(SUCCESS)

    receiver.play = hang_until_the_others_came
    for number in range(5):
        decide(gateway, f"1.{number}")
    async with asyncio.timeout(10):
        deliveries = await gateway.notifications.deliver()
    assert sorted((each.app_version, each.counted) for each in deliveries) == [
        (f"1.{number}", True) for number in range(5)
    ]


async def test_closing_ends_what_is_under_way_and_keeps_the_message(
    material: Material, clock: Clock, receiver: Receiver
) -> None:
    gone = asyncio.Event()

    async def hang(_: Post, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await reader.read()
        gone.set()

    receiver.play = hang
    gateway = SandboxGateway(material=material, clock=clock, notify_url=receiver.url)
    tasks = asyncio.all_tasks()
    async with gateway:
        decide(gateway, "1")
        await receiver.arrived.wait()
        began = time.monotonic()
    assert time.monotonic() - began < 5
    await asyncio.wait_for(gone.wait(), 5)
    left = asyncio.all_tasks() - tasks
    assert [task for task in left if "meet" not in repr(task)] == []  # those of the receiver
    (delivery,) = gateway.notifications.deliveries
    assert (delivery.problem, delivery.counted) == ("closed", False)
    with pytest.raises(ConfigurationError):
        await gateway.notifications.deliver()
    receiver.play = None
    async with gateway:
        (again,) = await gateway.notifications.deliver(240)
    assert (again.attempt, again.counted) == (2, True)
    assert again.notify_id == delivery.notify_id


async def test_closing_at_any_moment_loses_no_message(
    material: Material, clock: Clock, receiver: Receiver
) -> None:
    gateway = SandboxGateway(material=material, clock=clock, notify_url=receiver.url)
    for turns in range(25):
        async with gateway:
            decide(gateway, f"1.{turns}")
            for _ in range(turns):
                await asyncio.sleep(0)
    async with gateway:
        await gateway.notifications.deliver(A_DAY_AND_MORE)
    arrived = {each.app_version for each in gateway.notifications.deliveries if each.counted}
    assert arrived == {f"1.{turns}" for turns in range(25)}
    assert gateway.notifications.waiting == 0


async def test_a_wait_that_is_cancelled_leaves_the_sending_alone(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    receiver.play = hang
    gateway.notifications.timeout = 0.5
    decide(gateway, "1")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await gateway.notifications.deliver()
    (delivery,) = await gateway.notifications.deliver()
    assert delivery.problem == "timeout"


async def test_what_is_under_way_when_all_is_thrown_away_does_not_come_back(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    async def clear(_: Post, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gateway.notifications.clear()
        writer.write(FAIL)

    receiver.play = clear
    decide(gateway, "1")
    assert await gateway.notifications.deliver(A_DAY_AND_MORE) == ()
    assert (len(receiver.posts), gateway.notifications.waiting) == (1, 0)
    assert gateway.notifications.deliveries == ()


@pytest.mark.parametrize("within", [-1, float("nan")])
async def test_what_is_no_time_is_refused(gateway: SandboxGateway, within: float) -> None:
    with pytest.raises(ConfigurationError) as raised:
        await gateway.notifications.deliver(within)
    assert raised.value.setting == "within"


# What goes wrong on purpose


async def told(
    gateway: SandboxGateway, receiver: Receiver, mischief: Mischief, count: int = 40
) -> list[str]:
    """Decide some versions, and return what happened in the order of sending."""
    gateway.notifications.clear()
    receiver.posts.clear()
    gateway.notifications.mischief = mischief
    for number in range(count):
        decide(gateway, str(number))
    await gateway.notifications.deliver(A_DAY_AND_MORE)
    return [
        f"{each.app_version} {'+'.join(each.mischief)}" for each in gateway.notifications.deliveries
    ]


async def test_one_seed_does_the_same_each_time(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    mischief = Mischief(
        lose=1 / 3, duplicate=1 / 3, delay=0.2, reorder=0.3, forge=0.3, delay_s=100, seed=7
    )
    first = await told(gateway, receiver, mischief, 20)
    assert await told(gateway, receiver, mischief, 20) == first
    assert await told(gateway, receiver, attrs.evolve(mischief, seed=8), 20) != first
    kinds = {kind for each in first for kind in each.split(" ")[1].split("+")}
    assert kinds >= {"lost", "duplicate", "late", "overtaken", "wrong_key", "changed_byte"}


async def test_some_are_lost_and_some_come_twice(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    await told(gateway, receiver, Mischief(lose=1 / 3, duplicate=1 / 3, seed=1))
    came = [json.loads(post.text("biz_content"))["mini_app_version"] for post in receiver.posts]
    times = [came.count(str(number)) for number in range(40)]
    assert all(times.count(number) >= 5 for number in (0, 1, 2))
    assert set(times) == {0, 1, 2}
    lost = [each for each in gateway.notifications.deliveries if "lost" in each.mischief]
    assert {each.app_version for each in lost} == {str(n) for n in range(40) if not times[n]}
    assert {(each.status, each.counted, each.problem) for each in lost} == {(None, False, None)}
    by_id = [post.text("notify_id") for post in receiver.posts]
    assert sorted(by_id.count(each) for each in set(by_id)) == sorted(n for n in times if n)


async def test_all_may_be_lost(gateway: SandboxGateway, receiver: Receiver) -> None:
    assert await told(gateway, receiver, Mischief(lose=1)) == [f"{n} lost" for n in range(40)]
    assert receiver.posts == []


async def test_a_second_copy_comes_once_whatever_is_answered(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    gateway.notifications.mischief = Mischief(duplicate=1)
    receiver.answer = FAIL
    decide(gateway, "1")
    deliveries = await gateway.notifications.deliver(A_DAY_AND_MORE)
    assert [each.attempt for each in deliveries] == [1, 1, 2, 3, 4, 5, 6, 7, 8]
    assert [each.mischief for each in deliveries] == [(), ("duplicate",), *[()] * 7]


async def test_the_next_message_overtakes(gateway: SandboxGateway, receiver: Receiver) -> None:
    mischief = Mischief(reorder=0.5, seed=3)
    await told(gateway, receiver, mischief)
    came = [
        int(json.loads(post.text("biz_content"))["mini_app_version"]) for post in receiver.posts
    ]
    assert sorted(came) == [*range(40)]
    late = [
        int(each.app_version or "") for each in gateway.notifications.deliveries if each.mischief
    ]
    assert 10 < len(late) < 30
    for version in late:
        follower = next((n for n in range(version + 1, 40) if n not in late), None)
        if follower is not None:
            assert came.index(follower) < came.index(version)


async def test_one_that_nothing_overtakes_comes_a_minute_late(gateway: SandboxGateway) -> None:
    gateway.notifications.mischief = Mischief(reorder=1)
    decide(gateway, "1")
    assert await gateway.notifications.deliver(59) == ()
    (delivery,) = await gateway.notifications.deliver(60)
    assert (delivery.time, delivery.mischief) == (NOW + 60, ("overtaken",))


async def test_some_come_late(gateway: SandboxGateway) -> None:
    gateway.notifications.mischief = Mischief(delay=1, delay_s=90)
    decide(gateway, "1")
    assert await gateway.notifications.deliver(89) == ()
    (delivery,) = await gateway.notifications.deliver(90)
    assert (delivery.time, delivery.mischief, delivery.attempt) == (NOW + 90, ("late",), 1)


async def test_what_is_forged_is_not_what_the_platform_signed(
    gateway: SandboxGateway, receiver: Receiver, tmp_path: Path
) -> None:
    gateway.notifications.mischief = Mischief(forge=1, lose=0.5, seed=5)
    for number in range(8):
        decide(gateway, str(number), "AUDIT_REJECT" if number % 2 else "WAIT_RELEASE")
    await gateway.notifications.deliver(A_DAY_AND_MORE)
    sent = [each for each in gateway.notifications.deliveries if "lost" not in each.mischief]
    assert len(sent) == len(receiver.posts)
    kinds = set()
    for delivery, post in zip(sent, receiver.posts, strict=True):
        assert is_genuine(post, gateway.material, tmp_path) != delivery.is_forged
        kinds |= set(delivery.mischief)
        if delivery.mischief == ("wrong_key",):
            assert delivery.app_version is not None
            contrary = PASSED if int(delivery.app_version) % 2 else REJECTED
            assert post.text("msg_method") == delivery.name == contrary
            assert post.text("notify_id") == delivery.notify_id
    assert kinds == {"wrong_key", "changed_byte"}


async def test_a_forger_who_is_believed_ends_no_redelivery(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    async def believe_the_first(
        post: Post, _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(SUCCESS if post is receiver.posts[0] else FAIL)

    receiver.play = believe_the_first
    gateway.notifications.mischief = Mischief(forge=1)
    decide(gateway, "1")
    forged, *genuine = await gateway.notifications.deliver(A_DAY_AND_MORE)
    assert (forged.is_forged, forged.counted) == (True, True)
    assert [each.attempt for each in genuine] == [1, 2, 3, 4, 5, 6, 7, 8]


# Other messages


def check_reply(inner: bytes, key: str, folder: Path, *, changed: bytes | None = None) -> bytes:
    """Sign with OpenSSL, as a gateway of an app has to."""
    path = folder / "app.pem"
    path.write_text(key)
    sign = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", str(path)],  # noqa: S607
        input=inner,
        capture_output=True,
        check=True,
        timeout=20,
    ).stdout
    text = base64.b64encode(sign)
    shown = inner if changed is None else changed
    return answer(
        b'<?xml version="1.0" encoding="GBK"?><alipay><response>%b</response>'
        b"<sign>%b</sign><sign_type>RSA2</sign_type></alipay>" % (shown, text)
    )


async def test_a_gateway_of_an_app_is_checked(
    gateway: SandboxGateway, receiver: Receiver, tmp_path: Path
) -> None:
    inner = b"<success>true</success><biz_content>MIIB</biz_content>"
    key = gateway.material.app_private_key
    answers = {
        check_reply(inner, key, tmp_path): True,
        check_reply(b"<biz_content>MIIB</biz_content><success>true</success>", key, tmp_path): True,
        check_reply(b"<success>true</success>", key, tmp_path): True,
        check_reply(inner, key, tmp_path, changed=inner + b" "): False,
        check_reply(inner, gateway.material.alipay_private_key, tmp_path): False,
        check_reply(b"<success>false</success>", key, tmp_path): False,
        check_reply(inner, key, tmp_path).replace(b"200 OK", b"500 No"): False,
        SUCCESS: False,
        answer(b"<response>" * 20_000): False,
    }
    for receiver.answer, counts in answers.items():
        gateway.notifications.clear()
        receiver.posts.clear()
        gateway.notifications.send_check()
        (delivery,) = await gateway.notifications.deliver(A_DAY_AND_MORE)
        assert (delivery.notify_id, delivery.attempt, delivery.counted) == (None, 1, counts)
        (post,) = receiver.posts
        assert post.text("service") == delivery.name == "alipay.service.check"
        assert "<EventType><![CDATA[verifygw]]></EventType>" in post.text("biz_content")
        assert post.fields.keys() == {"service", "biz_content", "charset", "sign_type", "sign"}
    public = gateway.material.alipay_public_key
    assert openssl_verifies(post.signed("sign"), post.fields["sign"], public, tmp_path)
    assert not is_genuine(post, gateway.material, tmp_path)


async def test_a_grant_is_told_by_the_old_protocol_and_its_token_to_nobody_else(
    gateway: SandboxGateway, receiver: Receiver, tmp_path: Path
) -> None:
    token = "c4TOKENn4ry"
    notify_id = gateway.notifications.send_grant(token, auth_app_id="2021000000000007")
    (delivery,) = await gateway.notifications.deliver()
    (post,) = receiver.posts
    assert (delivery.name, delivery.notify_id) == ("open_app_auth_notify", notify_id)
    assert {name: post.text(name) for name in post.fields.keys() - {"sign", "biz_content"}} == {
        "notify_id": notify_id,
        "notify_type": "open_app_auth_notify",
        "status": "execute_auth",
        "notify_time": "2024-01-01 00:00:00",
        "app_id": gateway.material.app_id,
        "auth_app_id": "2021000000000007",
        "version": "1.0",
        "charset": "UTF-8",
        "sign_type": "RSA2",
    }
    content = json.loads(post.text("biz_content"))
    assert content["detail"]["app_auth_token"] == token
    assert content["detail"]["auth_time"] == 1_704_038_400_000
    assert (content["detail"]["app_id"], content["error"]) == (gateway.material.app_id, {})
    assert is_genuine(post, gateway.material, tmp_path)
    assert token not in repr(delivery) + json.dumps(delivery.as_json())


async def test_any_other_message_is_sent_too(
    gateway: SandboxGateway, receiver: Receiver, tmp_path: Path
) -> None:
    method = "alipay.open.auth.appauth.cancelled"
    notify_id = gateway.notifications.send(method, {"auth_app_id": "2021000000000007"})
    await gateway.notifications.deliver()
    (post,) = receiver.posts
    assert (post.text("msg_method"), post.text("notify_id")) == (method, notify_id)
    assert json.loads(post.text("biz_content")) == {"auth_app_id": "2021000000000007"}
    assert is_genuine(post, gateway.material, tmp_path)


async def test_a_new_key_signs_what_comes_again(
    gateway: SandboxGateway, receiver: Receiver, tmp_path: Path
) -> None:
    before = gateway.material
    receiver.answer = FAIL
    decide(gateway, "1")
    await gateway.notifications.deliver()
    await gateway.change_certificate()
    await gateway.notifications.deliver(240)
    old, new = receiver.posts
    assert is_genuine(old, before, tmp_path)
    assert is_genuine(new, gateway.material, tmp_path)
    assert not is_genuine(new, before, tmp_path)


# Settings


async def test_nobody_is_told_until_there_is_a_url(material: Material, receiver: Receiver) -> None:
    async with SandboxGateway(material=material) as gateway:
        decide(gateway, "1")
        for send in (
            gateway.notifications.send_check,
            lambda: gateway.notifications.send("x", {}),
            lambda: gateway.notifications.send_grant("t", auth_app_id="1"),
        ):
            with pytest.raises(ConfigurationError) as raised:
                send()
            assert raised.value.setting == "notify_url"
        assert await gateway.notifications.deliver() == ()
        gateway.notifications.url = receiver.url
        assert gateway.notifications.url == receiver.url
        decide(gateway, "2")
        assert len(await gateway.notifications.deliver()) == 1
        receiver.answer = FAIL
        decide(gateway, "3")
        await gateway.notifications.deliver()
        gateway.notifications.url = None
        assert (gateway.notifications.url, gateway.notifications.waiting) == (None, 0)
    assert len(receiver.posts) == 2


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://127.0.0.1/", "http://", "http://[", 7])
def test_what_is_no_url_is_refused(material: Material, url: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        SandboxGateway(material=material, notify_url=url)
    assert raised.value.setting == "notify_url"


async def test_to_encrypt_takes_a_key(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        with pytest.raises(ConfigurationError) as raised:
            gateway.notifications.style = MessageStyle(encrypted=True)
        assert raised.value.setting == "encrypted"
        assert gateway.notifications.style == MessageStyle()


async def test_an_observer_is_told_of_each_attempt(
    gateway: SandboxGateway, receiver: Receiver
) -> None:
    seen: list[Delivery] = []
    gateway.notifications.on_delivery = seen.append
    gateway.notifications.mischief = Mischief(lose=0.5, seed=1)
    receiver.answer = FAIL
    for number in range(6):
        decide(gateway, str(number))
    await gateway.notifications.deliver(240)
    assert tuple(seen) == gateway.notifications.deliveries
    assert 6 < len(seen) < 12


def test_a_synchronous_test_waits_for_what_is_told(material: Material) -> None:
    posts: list[Post] = []
    urls: list[str] = []
    started, stop = threading.Event(), threading.Event()

    async def receive() -> None:
        async with receiving() as receiver:
            receiver.posts = posts
            urls.append(receiver.url)
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(receive()))
    thread.start()
    try:
        started.wait(10)
        with SandboxThread(SandboxGateway(material=material, notify_url=urls[0])) as sandbox:
            sandbox.decide("1", "AUDITING")
            sandbox.decide("1", "WAIT_RELEASE")
            sandbox.notifications.send("x.y", {})
            asyncio.run(sandbox.notifications.deliver())
            told = [each.name for each in sandbox.notifications.deliveries]
    finally:
        stop.set()
        thread.join()
    assert told == [PASSED, "x.y"]
    assert [post.text("msg_method") for post in posts] == told
