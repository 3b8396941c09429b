"""Verdicts by signed notifications that the sandbox sends, loses, doubles and forges on the way."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuditPassed,
    AuditRejected,
    BatchEntry,
    ClientConfig,
    Credentials,
    Inbox,
    MemoryJournal,
    NotificationRouter,
    Poll,
    Submission,
    VerdictKind,
)
from alipay_mini_audit.contrib.aiohttp import notification_handler
from alipay_mini_audit.sandbox import Material, MessageStyle, Mischief, SandboxGateway

DESC = "Orders can be filtered by shop, and refunds show their amounts."
COUNT = 60
MERCHANTS = {f"token-shop-{n}": f"202100000000{n:04}" for n in range(COUNT)}
STATES = {"WAIT_RELEASE": "passed", "AUDIT_REJECT": "rejected", "RELEASE": "online"}


@asynccontextmanager
async def receiver(credentials: Credentials, inbox: Inbox) -> AsyncIterator[str]:
    """A web application whose handlers do what the README says: feed the inbox."""
    router = NotificationRouter(credentials.app_id, verifier=credentials.verifier)

    @router.on(AuditPassed)
    async def passed(message: AuditPassed) -> None:
        inbox.put(message)

    @router.on(AuditRejected)
    async def rejected(message: AuditRejected) -> None:
        inbox.put(message)

    app = web.Application()
    app.router.add_post("/alipay", notification_handler(router))
    async with TestServer(app) as server:
        yield str(server.make_url("/alipay"))


async def until(gateway: SandboxGateway, calls: int) -> None:
    while gateway.calls < calls:  # noqa: ASYNC110  # the gateway tells nobody
        await asyncio.sleep(0.01)


async def test_a_night_hears_of_its_verdicts_through_all_mischief(material: Material) -> None:
    asyncio.get_running_loop().set_debug(False)
    chance, inbox, found = random.Random(15), Inbox(), list[BatchEntry]()
    poll = Poll(1.0, 2.0, 3600.0)
    async with (
        SandboxGateway(material=material, merchants=MERCHANTS) as gateway,
        receiver(gateway.credentials, inbox) as url,
        AuditClient(gateway.credentials, ClientConfig(base_url=gateway.base_url)) as client,
        MemoryJournal() as journal,
    ):
        gateway.notifications.url = url
        gateway.notifications.style = MessageStyle(passed_fields=())
        gateway.notifications.mischief = Mischief(lose=1 / 3, duplicate=1 / 3, forge=1 / 3, seed=4)
        request = AuditApply(app_version="1.0.0", version_desc=DESC)
        given = [
            Submission(mini_app, request, None, token, mini_app)
            for token, mini_app in MERCHANTS.items()
        ]
        async for entry in client.submit_many(given, journal=journal):
            assert entry.state.is_submitted
        tokens = {mini_app: token for token, mini_app in MERCHANTS.items()}

        async def listen() -> None:
            following = client.follow(
                journal, token_for=lambda entry: tokens[entry.mini_app], inbox=inbox, poll=poll
            )
            async for entry in following:
                found.append(entry)

        began, calls = asyncio.get_running_loop().time(), gateway.calls
        following = asyncio.create_task(listen())
        await until(gateway, calls + COUNT)
        decided = {}
        for token, mini_app in chance.sample(sorted(MERCHANTS.items()), COUNT):
            decided[mini_app] = chance.choice(sorted(STATES))
            gateway.decide("1.0.0", decided[mini_app], app_auth_token=token)
        await asyncio.wait_for(following, 30)
        lasted = asyncio.get_running_loop().time() - began
        await gateway.notifications.deliver()  # what questions were faster than
        deliveries = gateway.notifications.deliveries
        asked = gateway.calls - calls
    assert Counter(entry.key for entry in found) == dict.fromkeys(decided, 1)
    assert {entry.key: entry.state.value for entry in found} == {
        key: STATES[status] for key, status in decided.items()
    }
    assert asked <= COUNT * poll.questions(lasted) + 2 * COUNT  # a repeat costs nothing
    befell = Counter(word for each in deliveries for word in each.mischief)
    assert befell["lost"] > 10
    assert befell["duplicate"] > 10
    assert not any(each.counted for each in deliveries if each.is_forged)
    assert any(each.is_forged for each in deliveries)


async def test_a_message_alone_is_no_verdict(material: Material) -> None:
    inbox = Inbox()
    async with (
        SandboxGateway(material=material) as gateway,
        AuditClient(gateway.credentials, ClientConfig(base_url=gateway.base_url)) as client,
    ):
        await client.apply(AuditApply(app_version="1.0.0", version_desc=DESC))
        inbox.put(AuditPassed(notify_id="n", mini_app_id=gateway.material.app_id))
        waiting = asyncio.create_task(client.wait_for_verdict("1.0.0", inbox=inbox))
        await until(gateway, 2)
        inbox.put(AuditPassed(notify_id="m", mini_app_id=gateway.material.app_id))
        await until(gateway, 3)
        gateway.decide("1.0.0", "AUDIT_REJECT")
        inbox.put(AuditPassed(notify_id="o", mini_app_id=gateway.material.app_id))
        assert (await asyncio.wait_for(waiting, 10)).kind is VerdictKind.REJECTED
