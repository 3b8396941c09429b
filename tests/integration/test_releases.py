"""A version that passed on its way to the users: by itself, at a moment, or as a wave."""

import asyncio
import datetime
from collections.abc import AsyncIterator

import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    BuildPending,
    CallError,
    ClientConfig,
    ConfigurationError,
    Halt,
    Outcome,
    Poll,
    Preflight,
    ReleaseKind,
    ReleasePolicy,
    RetryPolicy,
    Severity,
    Submission,
    Timeouts,
    VersionDetail,
)
from alipay_mini_audit.errors import ApiError
from alipay_mini_audit.sandbox import Fault, Grant, Material, SandboxGateway

VERSION = "0.0.2"
SOON = Poll(first=0.02, factor=1.0)
CENTURY = datetime.datetime(2126, 1, 1, tzinfo=datetime.UTC)
WAVE = ("p10", "p30", "p50")


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(
        material=material,
        merchants={
            "of-a-cafe": Grant(mini_app_id="2021000000000007"),
            "of-a-bar": Grant(mini_app_id="2021000000000008", ends_at=4_000_000_000.0),
            "of-a-shop": Grant(mini_app_id="2021000000000009", lacks=["apply"]),
        },
    ) as gateway:
        yield gateway


@pytest.fixture
async def client(gateway: SandboxGateway) -> AsyncIterator[AuditClient]:
    config = ClientConfig(
        base_url=gateway.base_url,
        preflight=Preflight.OFF,
        timeouts=Timeouts(reply=0.3, total=5),
        retry=RetryPolicy(attempts=2, initial_delay=0.01, unknown_window=0.05),
    )
    async with AuditClient(gateway.credentials, config) as client:
        yield client


async def in_gray(gateway: SandboxGateway) -> None:
    async with asyncio.timeout(5):
        while gateway.status(VERSION) != "GRAY":  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)


async def test_once_it_has_passed_it_is_online_for_everybody(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "AUDITING")
    task = asyncio.create_task(client.release(VERSION, poll=SOON))
    await asyncio.sleep(0.1)
    assert gateway.status(VERSION) == "AUDITING"
    gateway.decide(VERSION, "WAIT_RELEASE")
    found = await asyncio.wait_for(task, 5)
    assert (found.kind, found.status) == (ReleaseKind.RELEASED, "RELEASE")
    assert gateway.status(VERSION) == "RELEASE"
    again = await client.release(VERSION, poll=SOON)
    assert again.kind is ReleaseKind.RELEASED, "nothing is done twice"


async def test_a_manual_release_is_left_to_a_person(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    found = await client.release(VERSION, ReleasePolicy(manual=True), poll=SOON)
    assert found.kind is ReleaseKind.APPROVED
    assert gateway.status(VERSION) == "WAIT_RELEASE"


async def test_what_was_rejected_goes_nowhere(client: AuditClient, gateway: SandboxGateway) -> None:
    gateway.decide(VERSION, "AUDIT_REJECT", reject_reason="the logo is not square")
    found = await client.release(VERSION, poll=SOON)
    assert (found.kind, found.verdict.reasons) == (
        ReleaseKind.NOT_PASSED,
        ("the logo is not square",),
    )
    assert gateway.status(VERSION) == "AUDIT_REJECT"


async def test_nothing_goes_online_before_its_moment(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    now = datetime.datetime.now(datetime.UTC)
    policy = ReleasePolicy(not_before=now + datetime.timedelta(seconds=0.4))
    task = asyncio.create_task(client.release(VERSION, policy, poll=SOON))
    await asyncio.sleep(0.2)
    assert gateway.status(VERSION) == "WAIT_RELEASE"
    assert (await asyncio.wait_for(task, 5)).kind is ReleaseKind.RELEASED
    assert datetime.datetime.now(datetime.UTC) >= now + datetime.timedelta(seconds=0.4)


async def test_a_wave_widens_as_long_as_all_is_well(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    seen: list[str | None] = []

    async def health(detail: VersionDetail) -> bool:
        seen.append(detail.gray_strategy)
        return True

    found = await client.release(
        VERSION, ReleasePolicy(wave=WAVE, pause=0.01, health=health), poll=SOON
    )
    assert found.kind is ReleaseKind.RELEASED
    assert seen == ["p10", "p30", "p50"], "asked after each pause, before more users get it"
    assert gateway.status(VERSION) == "RELEASE"


@pytest.mark.parametrize(
    ("halt", "status", "share"),
    [(Halt.STAY, "GRAY", "p30"), (Halt.CANCEL, "WAIT_RELEASE", None)],
)
async def test_a_wave_halts(
    client: AuditClient, gateway: SandboxGateway, halt: Halt, status: str, share: str | None
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")

    async def health(detail: VersionDetail) -> bool:
        return detail.gray_strategy != "p30"

    policy = ReleasePolicy(wave=WAVE, pause=0.01, health=health, halt=halt)
    found = await client.release(VERSION, policy, poll=SOON)
    assert (found.kind, found.status, found.share) == (ReleaseKind.HALTED, status, share)
    detail = await client.version_detail(VERSION)
    assert (detail.status, detail.gray_strategy) == (status, share)


async def test_a_health_that_raises_halts_and_is_told(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")

    async def health(_: VersionDetail) -> bool:
        raise LookupError("the monitoring is down")

    policy = ReleasePolicy(wave=["p10"], pause=0.01, health=health, halt=Halt.CANCEL)
    with pytest.raises(LookupError, match="monitoring"):
        await client.release(VERSION, policy, poll=SOON)
    assert gateway.status(VERSION) == "WAIT_RELEASE"


async def test_a_cancelled_wave_halts_nothing(client: AuditClient, gateway: SandboxGateway) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    asked = asyncio.Event()

    async def health(_: VersionDetail) -> bool:
        asked.set()
        await asyncio.Event().wait()
        return True

    policy = ReleasePolicy(wave=["p10"], pause=0.01, health=health, halt=Halt.CANCEL)
    task = asyncio.create_task(client.release(VERSION, policy, poll=SOON))
    await asyncio.wait_for(asked.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gateway.status(VERSION) == "GRAY"


async def test_a_wave_that_was_interrupted_goes_on_and_never_shrinks(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    await client.versions.gray_online(VERSION, "p30")
    seen: list[str | None] = []

    async def health(detail: VersionDetail) -> bool:
        seen.append(detail.gray_strategy)
        return True

    policy = ReleasePolicy(wave=WAVE, pause=0.01, health=health)
    assert (await client.release(VERSION, policy, poll=SOON)).kind is ReleaseKind.RELEASED
    assert seen == ["p30", "p50"]


@pytest.mark.parametrize("status", ["INIT", "WAIT_RELEASE", "OFFLINE", "AUDIT_OFFLINE"])
async def test_what_somebody_else_moves_is_left_alone(
    client: AuditClient, gateway: SandboxGateway, status: str
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")

    async def health(_: VersionDetail) -> bool:
        return True

    policy = ReleasePolicy(wave=["p10"], pause=0.3, health=health)
    task = asyncio.create_task(client.release(VERSION, policy, poll=SOON))
    await in_gray(gateway)
    gateway.decide(VERSION, status)
    found = await asyncio.wait_for(task, 5)
    assert (found.kind, found.status) == (ReleaseKind.TAKEN_OVER, status)
    assert gateway.status(VERSION) == status


@pytest.mark.parametrize("policy", [ReleasePolicy(wave=["p10"]), ReleasePolicy(not_before=CENTURY)])
async def test_closing_the_client_ends_its_pauses(
    client: AuditClient, gateway: SandboxGateway, policy: ReleasePolicy
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    before = gateway.calls
    task = asyncio.create_task(client.release(VERSION, policy, poll=SOON))
    while gateway.calls == before:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.01)
    if policy.wave:
        await in_gray(gateway)
    await asyncio.sleep(0.05)
    await client.aclose()
    with pytest.raises(ConfigurationError):
        await asyncio.wait_for(task, 5)


async def test_a_stop_ends_it_between_two_steps(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    stop = asyncio.Event()
    policy = ReleasePolicy(wave=["p10"], pause=60)
    task = asyncio.create_task(client.release(VERSION, policy, poll=SOON, stop=stop))
    await in_gray(gateway)
    stop.set()
    found = await asyncio.wait_for(task, 5)
    assert (found.kind, found.status, found.share) == (ReleaseKind.STOPPED, "GRAY", "p10")


@pytest.mark.parametrize("operation", ["gray_online", "online"])
async def test_lost_replies_are_looked_up(
    client: AuditClient, gateway: SandboxGateway, operation: str
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation=operation, times=1)  # type: ignore[arg-type]
    policy = ReleasePolicy(wave=["p10", "p50"], pause=0.01)
    found = await client.release(VERSION, policy, poll=SOON)
    assert found.kind is ReleaseKind.RELEASED
    assert gateway.status(VERSION) == "RELEASE"


async def test_after_an_unknown_outcome_it_goes_on_where_it_ended(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "WAIT_RELEASE")
    gateway.faults.add(Fault.HANG_AFTER_ACCEPTING, operation="gray_online", times=1)
    policy = ReleasePolicy(wave=["p10"], pause=0.01)
    once = client.with_options(retry=RetryPolicy(attempts=1, resolve=False))
    with pytest.raises(CallError) as caught:
        await once.release(VERSION, policy, poll=SOON)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert (await client.release(VERSION, policy, poll=SOON)).kind is ReleaseKind.RELEASED


async def test_passed_for_the_base_alone_it_may_go_online(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "PROMOTE_AUDIT_REJECT", can_release=True)
    assert (await client.release(VERSION, poll=SOON)).kind is ReleaseKind.RELEASED
    gateway.decide("0.0.3", "PROMOTE_AUDIT_REJECT", can_release=False)
    assert (await client.release("0.0.3", poll=SOON)).kind is ReleaseKind.NOT_PASSED


@pytest.mark.parametrize(
    "given",
    [
        {"wave": ["p30", "p10"]},
        {"wave": ["p10", "p10"]},
        {"wave": ["p20"]},
        {"pause": 0},
        {"pause": float("nan")},
        {"not_before": datetime.datetime(2026, 11, 25)},  # noqa: DTZ001  # that is the mistake
        {"not_before": "2026-11-25"},
        {"manual": True, "wave": ["p10"]},
        {"manual": "no"},
        {"wave": None},
        {"wave": [["p10"]]},
        {"health": True},
        {"halt": "cancel"},  # it would have stayed with the users
        {"halt": None},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        ReleasePolicy(**given)  # type: ignore[arg-type]


async def test_wrong_arguments_are_named_before_the_wait_for_the_verdict(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(VERSION, "AUDITING")
    async with asyncio.timeout(5):
        with pytest.raises(TypeError, match="policy: expected"):
            await client.release(VERSION, {"manual": True})  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="stop: expected"):
            await client.release(VERSION, stop=True)  # type: ignore[arg-type]


async def test_a_build_is_waited_for(client: AuditClient, gateway: SandboxGateway) -> None:
    gateway.build(VERSION, seconds=0.3)
    with pytest.raises(ApiError) as caught:
        await client.apply(AuditApply(app_version=VERSION, version_desc="x" * 30))
    assert caught.value.code == "MINI_APP_PACKAGE_INFO_NOT_EXIST"
    status = await client.wait_for_build(VERSION, poll=SOON, timeout=5)
    assert status.is_usable
    await client.apply(AuditApply(app_version=VERSION, version_desc="x" * 30))


async def test_a_build_that_fails_is_told_at_once(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.build(VERSION, seconds=0.05, fails=True)
    with pytest.raises(BuildPending) as caught:
        await client.wait_for_build(VERSION, poll=SOON, timeout=60)
    assert (caught.value.has_failed, caught.value.is_repeatable) == (True, False)
    assert caught.value.outcome is Outcome.NOT_SENT


async def test_a_build_that_takes_too_long_may_be_waited_for_again(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.build(VERSION, seconds=60)
    with pytest.raises(BuildPending) as caught:
        await client.wait_for_build(VERSION, poll=SOON, timeout=0.2)
    assert (caught.value.has_failed, caught.value.is_repeatable) == (False, True)
    assert caught.value.last is not None


async def test_closing_the_client_ends_the_wait_for_a_build(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.build(VERSION, seconds=60)
    task = asyncio.create_task(client.wait_for_build(VERSION, poll=SOON, timeout=None))
    await asyncio.sleep(0.1)
    await client.aclose()
    with pytest.raises(ConfigurationError):
        await asyncio.wait_for(task, 5)


async def test_tokens_are_looked_at_before_the_night(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    def night(*tokens: str | None) -> list[Submission]:
        request = AuditApply(app_version=VERSION, version_desc="x" * 30)
        return [
            Submission(f"shop-{number}", request, app_auth_token=token)
            for number, token in enumerate(tokens, start=1)
        ]

    assert await client.tokens.preflight(night("of-a-cafe", "of-a-cafe", None)) == ()
    before = gateway.calls
    (problem,) = await client.tokens.preflight(night("of-a-cafe", "of-nobody", "of-nobody"))
    assert gateway.calls - before == 2, "each token once"
    assert (problem.path, problem.code) == ("shop-2.app_auth_token", "AUTH_TOKEN_NOT_EXISTED")
    assert "of-nobody" not in str(problem)
    (problem,) = await client.tokens.preflight(night("of-a-cafe", "of-a-bar"), until=CENTURY)
    assert (problem.path, problem.code) == ("shop-2.app_auth_token", "token_ends")
    assert "2096-10-02" in problem.message
    (problem,) = await client.tokens.preflight(night("of-a-shop"))
    assert (problem.code, problem.severity) == ("token_without_call", Severity.WARNING)
    gateway.faults.add(Fault.answer("SYSTEM_ERROR", 500), operation="token", times=9)
    (problem,) = await client.tokens.preflight(night("of-a-cafe"))
    assert (problem.code, problem.severity) == ("token_not_checked", Severity.WARNING)
