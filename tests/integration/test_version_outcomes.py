"""Lost replies of the calls around an audit, against the sandbox: done once, and known to be."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    BuildStage,
    ClientConfig,
    Outcome,
    Preflight,
    ReplyLost,
    RetryPolicy,
    StateConflict,
    Timeouts,
    VersionStatus,
)
from alipay_mini_audit.sandbox import Fault, Grant, Material, SandboxGateway

ASKING = RetryPolicy(attempts=3, initial_delay=0, unknown_window=0.2)
REQUEST = AuditApply(app_version="2.0.0", version_desc="Orders can be filtered by shop.")
LANDED = [Fault.CLOSE_AFTER_ACCEPTING, Fault.CUT_ANSWER, Fault.INTERNAL_ERROR_AFTER_ACCEPTING]
LOST = [Fault.CLOSE_AFTER_BODY, Fault.INTERNAL_ERROR]

Do = Callable[[AuditClient], Awaitable[object]]


def rejected(gateway: SandboxGateway) -> None:
    gateway.decide("2.0.0", "AUDIT_REJECT", reject_reason="改名")


def passed(gateway: SandboxGateway) -> None:
    gateway.decide("2.0.0", "WAIT_RELEASE")


def released(gateway: SandboxGateway) -> None:
    gateway.decide("1.0.0", "RELEASE")
    gateway.decide("2.0.0", "RELEASE")


def gray(gateway: SandboxGateway) -> None:
    gateway.decide("2.0.0", "GRAY")


def built(gateway: SandboxGateway) -> None:
    gateway.decide("1.0.0", "RELEASE")
    gateway.build("2.0.0")


Prepare = Callable[[SandboxGateway], None]
Stand = Callable[[Prepare], Awaitable[None]]
MOVES: dict[str, tuple[Prepare, Do, str]] = {
    "cancel_audited": (rejected, lambda client: client.versions.cancel_audited("2.0.0"), "INIT"),
    "online": (passed, lambda client: client.versions.online("2.0.0"), "RELEASE"),
    "offline": (released, lambda client: client.versions.offline("2.0.0"), "OFFLINE"),
    "gray_online": (passed, lambda client: client.versions.gray_online("2.0.0", "p10"), "GRAY"),
    "gray_cancel": (gray, lambda client: client.versions.gray_cancel("2.0.0"), "WAIT_RELEASE"),
    "rollback": (released, lambda client: client.versions.rollback("2.0.0"), "OFFLINE"),
    "delete": (built, lambda client: client.versions.delete("2.0.0"), "ABSENT"),
}


class Clock:
    """The platform's: half a minute slow until a version stands where a call takes it from."""

    def __init__(self) -> None:
        self.offset = -30.0

    def __call__(self) -> float:
        return time.time() + self.offset


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gateway(material: Material, clock: Clock) -> AsyncIterator[SandboxGateway]:
    grants = {"t-1": "2021000000000007", "t-2": Grant(mini_app_id="2021000000000008")}
    async with SandboxGateway(
        material=material, clock=clock, strict=False, merchants=grants
    ) as gateway:
        yield gateway


@pytest.fixture
async def client(gateway: SandboxGateway) -> AsyncIterator[AuditClient]:
    config = ClientConfig(
        base_url=gateway.base_url,
        preflight=Preflight.OFF,
        retry=ASKING,
        timeouts=Timeouts(reply=2, total=10),
    )
    async with AuditClient(gateway.credentials, config) as client:
        yield client


@pytest.fixture
def stand(gateway: SandboxGateway, client: AuditClient, clock: Clock) -> Stand:
    """Bring a version to where a call takes it from; it was submitted, unless it was only built."""

    async def stand(prepare: Prepare) -> None:
        if prepare is not built:
            await client.apply(REQUEST)
        prepare(gateway)
        clock.offset = 0.0

    return stand


@pytest.mark.parametrize("fault", LANDED, ids=lambda fault: fault.name)
@pytest.mark.parametrize("name", MOVES)
async def test_what_landed_is_done_once_and_known_at_once(
    gateway: SandboxGateway, client: AuditClient, stand: Stand, name: str, fault: Fault
) -> None:
    prepare, do, state = MOVES[name]
    await stand(prepare)
    gateway.faults.add(fault, operation=name)
    reply = await do(client)
    assert (reply.meta.resolved, reply.meta.attempts) == (True, 1)  # type: ignore[attr-defined]
    assert gateway.status("2.0.0") == state
    assert [arrival.operation for arrival in gateway.arrivals].count(name) == 1


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.name)
@pytest.mark.parametrize("name", MOVES)
async def test_what_was_lost_is_sent_again_and_done_once(
    gateway: SandboxGateway, client: AuditClient, stand: Stand, name: str, fault: Fault
) -> None:
    prepare, do, state = MOVES[name]
    await stand(prepare)
    gateway.faults.add(fault, operation=name)
    reply = await do(client)
    assert (reply.meta.resolved, reply.meta.attempts) == (False, 2)  # type: ignore[attr-defined]
    assert gateway.status("2.0.0") == state
    assert [arrival.operation for arrival in gateway.arrivals].count(name) == 1


@pytest.mark.parametrize("name", MOVES)
async def test_without_the_question_the_outcome_stays_unknown(
    gateway: SandboxGateway, client: AuditClient, stand: Stand, name: str
) -> None:
    prepare, do, _ = MOVES[name]
    await stand(prepare)
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation=name)
    with pytest.raises(ReplyLost) as caught:
        await do(client.with_options(retry=RetryPolicy(resolve=False)))
    assert caught.value.outcome is Outcome.UNKNOWN


async def test_a_larger_share_that_was_lost_is_known_by_the_share(
    gateway: SandboxGateway, client: AuditClient, stand: Stand
) -> None:
    await stand(passed)
    await client.versions.gray_online("2.0.0", "p10")
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="gray_online")
    assert (await client.versions.gray_online("2.0.0", "p30")).meta.resolved
    gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="gray_online")
    again = await client.versions.gray_online("2.0.0", "p50")
    assert (again.meta.resolved, again.meta.attempts) == (False, 2)
    assert (await client.version_detail("2.0.0")).gray_strategy == "p50"
    with pytest.raises(StateConflict) as caught:
        await client.versions.gray_online("2.0.0", "p10")
    assert caught.value.code == "GRAY_STRATEGY_NOT_ALLOW_REDUCE"


async def test_a_version_goes_from_its_build_to_everybody_and_back(
    gateway: SandboxGateway, client: AuditClient
) -> None:
    merchant = client.with_options(app_auth_token="t-1")
    calls = merchant.versions
    gateway.decide("1.0.0", "RELEASE", app_auth_token="t-1")
    gateway.build("2.0.0", app_auth_token="t-1")
    build = await calls.build_status("2.0.0")
    assert (build.is_usable, build.create_status) == (True, BuildStage.CREATED)
    await merchant.apply(REQUEST)
    gateway.decide("2.0.0", "WAIT_RELEASE", app_auth_token="t-1")
    await calls.gray_online("2.0.0", "p10")
    await calls.gray_cancel("2.0.0")
    await calls.gray_online("2.0.0", "p30")
    await calls.online("2.0.0", permit_registration_limit_release=True)
    listed = await calls.list()
    assert [(each.app_version, each.version_status) for each in listed.versions] == [
        ("2.0.0", VersionStatus.RELEASE),
        ("1.0.0", VersionStatus.OFFLINE),
    ]
    assert listed.versions[0].version_description == REQUEST.version_desc
    await calls.rollback("2.0.0")
    online = await calls.list(statuses=[VersionStatus.RELEASE])
    assert [each.app_version for each in online.versions] == ["1.0.0"]
    await calls.offline("1.0.0")
    assert (await client.versions.list()).versions == []  # of the application itself


async def test_a_token_tells_what_it_is_for(gateway: SandboxGateway, client: AuditClient) -> None:
    found = await client.tokens.query("t-2")
    assert (found.is_valid, found.auth_app_id) == (True, "2021000000000008")
    assert found.names("alipay.open.mini.version.audit.apply")
    assert found.auth_start is not None
    gateway.end_token("t-2")
    assert (await client.tokens.query("t-2")).is_valid is False


async def test_categories_are_told(client: AuditClient) -> None:
    found = await client.categories()
    assert any(each.category_id and each.category_name for each in found.mini_category_list)
