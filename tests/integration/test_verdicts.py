"""Verdicts of a strict sandbox: one, and a thousand with messages that are lost, doubled and lies.

The bound on the questions: each process asks for each version at once, and then at the intervals of
`Poll`; a message that is heard costs two more.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self, final

import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuditRule,
    ClientConfig,
    ConfigurationError,
    EntryState,
    Inbox,
    PermissionDenied,
    Poll,
    RetryPolicy,
    SqliteJournal,
    VerdictKind,
    VerdictPending,
)
from alipay_mini_audit.batch import Binding
from alipay_mini_audit.batch.journal.row import Claim, Identity, Row, Settlement
from alipay_mini_audit.notifications import AuditPassed
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

TESTS = Path(__file__).parents[1]
DESC = "Orders can be filtered by shop, and refunds show their amounts."
COUNT = 1000
DECISIONS = {"WAIT_RELEASE": "passed", "AUDIT_REJECT": "rejected", "RELEASE": "online"}


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material) as gateway:
        yield gateway


@pytest.fixture
async def client(gateway: SandboxGateway) -> AsyncIterator[AuditClient]:
    config = ClientConfig(base_url=gateway.base_url, retry=RetryPolicy(attempts=1))
    async with AuditClient(gateway.credentials, config) as client:
        yield client


async def submit(client: AuditClient) -> None:
    await client.apply(AuditApply(app_version="1.0.0", version_desc=DESC))


async def test_a_verdict_is_waited_for_through_faults_of_the_platform(
    gateway: SandboxGateway, client: AuditClient
) -> None:
    await submit(client)
    waiting = asyncio.create_task(client.wait_for_verdict("1.0.0", poll=Poll(0.02, 1.0)))
    for fault in (Fault.answer("SYSTEM_ERROR"), Fault.answer("app-call-limited")):
        gateway.faults.add(fault, operation="detail", times=2)
    before = gateway.calls
    while gateway.calls < before + 6:  # noqa: ASYNC110  # the gateway tells nobody
        await asyncio.sleep(0.005)
    gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="The logo is blurred.")
    verdict = await waiting
    assert verdict.kind is VerdictKind.REJECTED
    assert verdict.reasons == ("The logo is blurred.",)
    assert verdict.took is not None


async def test_a_message_wakes_a_wait_of_hours(
    gateway: SandboxGateway, client: AuditClient
) -> None:
    await submit(client)
    inbox, before = Inbox(), gateway.calls
    waiting = asyncio.create_task(client.wait_for_verdict("1.0.0", inbox=inbox))
    while gateway.calls == before:  # noqa: ASYNC110  # the gateway tells nobody
        await asyncio.sleep(0.005)
    gateway.decide("1.0.0", "RELEASE")
    inbox.put(AuditPassed(notify_id="n", mini_app_id=gateway.material.app_id))
    verdict = await asyncio.wait_for(waiting, 10)
    assert verdict.kind is VerdictKind.PASSED
    assert verdict.is_online


@pytest.mark.parametrize(
    ("status", "can_release", "kind"),
    [
        ("BASE_AUDIT_PASS", None, VerdictKind.PASSED),
        ("PROMOTE_AUDIT_REJECT", True, VerdictKind.PASSED),
        ("PROMOTE_AUDIT_REJECT", False, VerdictKind.REJECTED),
        ("AUDIT_REJECT", None, VerdictKind.REJECTED),
    ],
)
async def test_both_audits_say_why(
    gateway: SandboxGateway,
    client: AuditClient,
    status: str,
    can_release: bool | None,  # as on the wire
    kind: VerdictKind,
) -> None:
    rule = AuditRule.BASE_PROMOTE
    request = AuditApply(app_version="1.0.0", version_desc=DESC, audit_rule=rule)
    await client.apply(request)
    memo = {"memo": "The slogan promises too much.", "memo_image_list": ["https://a.test/2.png"]}
    gateway.decide(
        "1.0.0",
        status,
        base_audit="PASS",
        promote_audit="REJECT",
        can_release=can_release,
        promote_audit_record={"audit_images": ["https://a.test/1.png"], "memos": [memo]},
    )
    verdict = await client.wait_for_verdict("1.0.0")
    assert (verdict.kind, verdict.can_release) == (kind, can_release)
    assert (verdict.base_audit, verdict.promote_audit) == ("PASS", "REJECT")
    assert verdict.reasons == ("The slogan promises too much.",)
    assert verdict.pictures == ("https://a.test/1.png", "https://a.test/2.png")


async def test_the_end_of_patience_is_an_error_of_the_tree(client: AuditClient) -> None:
    await submit(client)
    with pytest.raises(VerdictPending) as raised:
        await client.wait_for_verdict("1.0.0", timeout=0.2)
    assert raised.value.last is not None
    assert raised.value.last.status == "AUDITING"


async def test_what_would_fail_again_ends_the_wait(
    gateway: SandboxGateway, client: AuditClient
) -> None:
    await submit(client)
    gateway.faults.add(Fault.answer("invalid-app-auth-token"), operation="detail")
    with pytest.raises(PermissionDenied):
        await client.wait_for_verdict("1.0.0")


SERVER = "<coroutine object RequestHandler."
"""aiohttp's handlers of requests."""


async def test_closing_a_client_ends_its_waits_and_those_of_its_views(
    gateway: SandboxGateway,
) -> None:
    before = asyncio.all_tasks()
    client = AuditClient(gateway.credentials, ClientConfig(base_url=gateway.base_url))
    await submit(client)
    view = client.with_options(label="a view")
    waits = [asyncio.create_task(each.wait_for_verdict("1.0.0")) for each in (client, view)]
    calls = gateway.calls
    while gateway.calls < calls + 2:  # noqa: ASYNC110  # the gateway tells nobody
        await asyncio.sleep(0.005)
    began = time.monotonic()
    await client.aclose(grace=5.0)
    ended = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(each) for each in ended] == [ConfigurationError] * 2
    assert time.monotonic() - began < 2
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    # The sandbox lives in this loop, and may still be answering whom the client has left.
    assert {task for task in left if not repr(task.get_coro()).startswith(SERVER)} == set()
    with pytest.raises(ConfigurationError):
        await client.wait_for_verdict("1.0.0")


@final
class Child:
    """A process that follows the journal, and what it has told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.told: list[tuple[str, str]] = []
        self.heard = 0
        self.began = time.monotonic()
        self.lasted = 0.0

    @classmethod
    async def start(cls, folder: Path, base_url: str, poll: Poll) -> Self:
        command = (sys.executable, "-m", "support.verdict_program")
        process = await asyncio.create_subprocess_exec(
            *(*command, str(folder), base_url, str(poll.first)),
            cwd=TESTS,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"begun\n"
        return cls(process)

    def tell(self, notify_id: str, mini_app: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{notify_id} {mini_app}\n".encode())
        self.heard += 1

    async def read(self, count: int | None = None) -> None:
        """Read until it has told so many, or to its end."""
        assert self.process.stdout is not None
        while count is None or len(self.told) < count:
            line = await self.process.stdout.readline()
            if not line.endswith(b"\n"):
                break
            key, state = json.loads(line)
            self.told.append((key, state))

    async def end(self) -> None:
        """Read what is left, once it has ended or been killed."""
        await self.read()
        await self.process.wait()
        self.lasted = time.monotonic() - self.began


async def submitted(gateway: SandboxGateway, folder: Path) -> dict[str, tuple[str, str]]:
    """Put a version of each merchant in audit; return key -> (token, mini-program).

    Here and in the gateway's books, since a thousand signed calls take seconds.
    """
    merchants = {f"shop-{n}": (f"token-shop-{n}", f"mini-{n}") for n in range(COUNT)}
    binding = Binding(app_id=gateway.material.app_id, base_url=gateway.base_url)
    claims = [
        Claim(identity=Identity(key, "1.0.0"), mini_app=mini_app)
        for key, (_, mini_app) in merchants.items()
    ]
    fields = {"app_version": "1.0.0", "version_desc": DESC}
    done = Settlement(state=EntryState.DONE)
    async with SqliteJournal(folder / "night.journal") as journal, journal.run(binding) as run:

        async def submit(row: Row) -> None:
            identity, at = row.identity, time.time()
            place = await run.begin(identity, row.epoch, at=at, stamp="s", quota=None)
            token = merchants[identity.key][0]
            gateway._versions.apply(token, gateway._versions.find(token, fields), fields, at)
            await run.settle(identity, place.row.epoch, done)

        await asyncio.gather(*(submit(claimed.row) for claimed in await run.claim(claims)))
    return merchants


def write_credentials(folder: Path, material: Material) -> None:
    folder.joinpath("app.pem").write_text(material.app_private_key)
    folder.joinpath("app.pem").chmod(0o600)
    folder.joinpath("alipay.pem").write_text(material.alipay_public_key)
    folder.joinpath("alipay.toml").write_text(
        f'app_id = "{material.app_id}"\nprivate_key = "app.pem"\nalipay_public_key = "alipay.pem"\n'
    )


async def wait_for_calls(gateway: SandboxGateway, count: int) -> None:
    while gateway.calls < count:  # noqa: ASYNC110  # of another process
        await asyncio.sleep(0.01)


async def test_a_thousand_verdicts_through_lost_messages_and_a_kill(
    gateway: SandboxGateway, material: Material, tmp_path: Path
) -> None:
    asyncio.get_running_loop().set_debug(False)
    chance, poll = random.Random(15), Poll(1.0, 2.0, 3600.0)
    write_credentials(tmp_path, material)
    merchants = await submitted(gateway, tmp_path)
    decided: dict[str, str] = {}
    order = chance.sample(sorted(merchants), COUNT)
    asked = gateway.calls

    def decide(keys: list[str], child: Child) -> None:
        """Decide some, and let a third of the messages be lost, and a third come twice."""
        for number, key in enumerate(keys):
            token, mini_app = merchants[key]
            status = chance.choice(sorted(DECISIONS))
            decided[key] = DECISIONS[status]
            gateway.decide("1.0.0", status, app_auth_token=token)
            for _ in range(number % 3):
                child.tell(f"n-{key}", mini_app)
        for number in range(30):  # of versions about which nothing is decided
            liar = chance.choice(order[800:])
            child.tell(f"lie-{len(decided)}-{number}", merchants[liar][1])

    first = await Child.start(tmp_path, gateway.base_url, poll)
    await wait_for_calls(gateway, asked + COUNT // 3)
    decide(order[:500], first)
    await first.read(150)
    first.process.kill()
    await first.end()
    second = await Child.start(tmp_path, gateway.base_url, poll)
    decide(order[500:800], second)
    await second.read(400)
    decide(order[800:], second)  # a third of them only silence tells
    await second.end()
    assert second.process.returncode == 0
    asked = gateway.calls - asked
    async with SqliteJournal(tmp_path / "night.journal") as journal:
        rows = {row.identity.key: row async for row in journal.entries()}
    assert {key: row.state.value for key, row in rows.items()} == decided
    assert all(row.verdict is not None for row in rows.values())
    told = Counter(key for key, _ in first.told + second.told)
    assert set(told.values()) == {1}
    assert dict(first.told + second.told).items() <= decided.items()
    assert len(told) >= COUNT - 100  # what was written and not told when it was killed
    silence = sum(poll.questions(child.lasted) for child in (first, second))
    assert asked <= COUNT * silence + 2 * (first.heard + second.heard)
