"""A version into audit whatever stands in its way: never twice, and no newer one withdrawn."""

import asyncio
from collections.abc import AsyncIterator

import attrs
import pytest

from alipay_mini_audit import (
    ApiError,
    AuditApply,
    AuditClient,
    CallError,
    ClientConfig,
    ConfigurationError,
    Outcome,
    Preflight,
    ResubmissionKind,
    ResubmitPolicy,
    RetryPolicy,
    Severity,
    Timeouts,
    ValidationError,
    VersionStatus,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

TEXT = "the second version, with a map of all shops and their hours"
OLDER, OURS, NEWER = "0.0.9", "0.0.10", "0.0.11"
STATES = tuple(VersionStatus)
WITHDRAWN = {"AUDITING", "AUDIT_REJECT", "PROMOTE_AUDIT_REJECT"}
STANDS_IN_THE_WAY = {*WITHDRAWN, "WAIT_RELEASE", "BASE_AUDIT_PASS", "GRAY"}
ALL = [VersionStatus(each) for each in STANDS_IN_THE_WAY - {"GRAY"}]


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material) as gateway:
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


def request_of(version: str = OURS, text: str = TEXT) -> AuditApply:
    return AuditApply(app_version=version, version_desc=text)


def arrived(gateway: SandboxGateway) -> list[tuple[str, str]]:
    return [(each.operation, str(each.fields.get("app_version"))) for each in gateway.arrivals]


async def test_a_version_in_development_is_submitted(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    found = await client.resubmit(request_of())
    assert (found.kind, found.is_in_audit, found.withdrawn) == (
        ResubmissionKind.SUBMITTED,
        True,
        (),
    )
    assert found.reply is not None
    assert gateway.status(OURS) == "AUDITING"


async def test_what_is_pending_with_the_same_text_is_success(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    await client.apply(request_of())
    found = await client.resubmit(request_of(text=f"  {TEXT}\r\n"))
    assert (found.kind, found.is_in_audit) == (ResubmissionKind.PENDING_ALREADY, True)
    assert gateway.accepted(OURS) == 1


async def test_what_is_pending_with_another_text_is_told_and_left_alone(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    await client.apply(request_of(text="what somebody else has sent, of the same length or so"))
    found = await client.resubmit(request_of())
    assert (found.kind, found.in_the_way) == (ResubmissionKind.PENDING_WITH_OTHER_TEXT, OURS)
    assert not found.is_in_audit
    assert arrived(gateway) == [("apply", OURS)]


@pytest.mark.parametrize("status", STATES)
async def test_every_state_of_an_older_version(
    client: AuditClient, gateway: SandboxGateway, status: VersionStatus
) -> None:
    gateway.decide(OLDER, status)
    found = await client.resubmit(request_of())
    if status in WITHDRAWN:
        assert (found.kind, found.withdrawn) == (ResubmissionKind.SUBMITTED, (OLDER,))
        assert gateway.status(OLDER) == "INIT"
    elif status in STANDS_IN_THE_WAY:
        assert (found.kind, found.in_the_way) == (ResubmissionKind.OLDER_IN_THE_WAY, OLDER)
        assert found.status == status == gateway.status(OLDER)
        assert gateway.submissions == ()
    else:
        assert (found.kind, found.withdrawn) == (ResubmissionKind.SUBMITTED, ())
        assert gateway.status(OLDER) == status


@pytest.mark.parametrize("status", STATES)
async def test_every_state_of_a_newer_version(
    client: AuditClient, gateway: SandboxGateway, status: VersionStatus
) -> None:
    gateway.decide(NEWER, status)
    found = await client.resubmit(request_of(), policy=ResubmitPolicy(replace=ALL))
    assert gateway.status(NEWER) == status, "a newer one is never touched"
    is_free = status not in STANDS_IN_THE_WAY
    assert found.is_in_audit is is_free
    assert (found.kind is ResubmissionKind.NEWER_IN_THE_WAY) is not is_free
    assert gateway.accepted(OURS) == is_free


@pytest.mark.parametrize("status", STATES)
async def test_every_state_of_the_version_itself(
    client: AuditClient, gateway: SandboxGateway, status: VersionStatus
) -> None:
    gateway.decide(OURS, status)
    found = await client.resubmit(request_of())
    if status == "AUDITING":
        assert found.kind is ResubmissionKind.PENDING_WITH_OTHER_TEXT
    elif status in WITHDRAWN:
        assert (found.kind, found.withdrawn) == (ResubmissionKind.SUBMITTED, (OURS,))
    elif status == "INIT":
        assert found.kind is ResubmissionKind.SUBMITTED
    else:
        assert (found.kind, found.status) == (ResubmissionKind.PAST_AUDIT, status)
        assert gateway.status(OURS) == status
    assert gateway.accepted(OURS) == (status in {"INIT", *WITHDRAWN} - {"AUDITING"})


async def test_an_approval_is_given_away_only_if_the_policy_says_so(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(OLDER, "WAIT_RELEASE")
    policy = ResubmitPolicy(replace=[VersionStatus.WAIT_RELEASE])
    found = await client.resubmit(request_of(), policy=policy)
    assert (found.kind, found.withdrawn) == (ResubmissionKind.SUBMITTED, (OLDER,))


async def test_a_version_that_cannot_be_compared_is_left_alone(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide("0.0.9-beta", "AUDITING")
    found = await client.resubmit(request_of())
    assert found.kind is ResubmissionKind.NEWER_IN_THE_WAY
    assert gateway.status("0.0.9-beta") == "AUDITING"


async def test_nothing_is_withdrawn_for_what_would_be_refused(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(OLDER, "AUDITING")
    with pytest.raises(ValidationError):
        await client.with_options(preflight=Preflight()).resubmit(request_of(text="short"))
    assert gateway.status(OLDER) == "AUDITING"


async def test_nothing_is_withdrawn_for_what_a_warning_stops(
    client: AuditClient, gateway: SandboxGateway
) -> None:
    gateway.decide(OLDER, "AUDITING")
    careful = client.with_options(preflight=Preflight(refuse=Severity.WARNING))
    with pytest.raises(ValidationError):
        await careful.resubmit(request_of(text=f"wechat: {TEXT}"))
    assert gateway.status(OLDER) == "AUDITING"


async def test_what_apply_would_send_is_submitted(client: AuditClient) -> None:
    lax = client.with_options(preflight=Preflight(refuse=None))
    with pytest.raises(ApiError, match="INVALID_VERSION_DESC_LENGTH"):
        await lax.resubmit(request_of(text="short"))


@pytest.mark.parametrize("operation", ["cancel", "apply"])
async def test_a_lost_reply_is_no_second_submission(
    client: AuditClient, gateway: SandboxGateway, operation: str
) -> None:
    gateway.decide(OLDER, "AUDITING")
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation=operation, times=1)  # type: ignore[arg-type]
    found = await client.resubmit(request_of())
    assert found.is_in_audit
    assert (gateway.status(OLDER), gateway.accepted(OURS)) == ("INIT", 1)


@pytest.mark.parametrize("operation", ["cancel_audited", "cancel", "apply"])
async def test_after_an_unknown_outcome_it_goes_on_where_it_ended(
    client: AuditClient, gateway: SandboxGateway, operation: str
) -> None:
    gateway.decide(OLDER, "AUDIT_REJECT" if operation == "cancel_audited" else "AUDITING")
    gateway.faults.add(Fault.HANG_AFTER_ACCEPTING, operation=operation, times=1)  # type: ignore[arg-type]
    once = client.with_options(retry=RetryPolicy(attempts=1, resolve=False))
    with pytest.raises(CallError) as caught:
        await once.resubmit(request_of())
    assert caught.value.outcome is Outcome.UNKNOWN
    if operation == "apply":
        assert caught.value.__notes__[-1] == f"Withdrawn before: {OLDER}."
    found = await client.resubmit(request_of())
    assert found.is_in_audit
    assert (gateway.status(OLDER), gateway.accepted(OURS)) == ("INIT", 1)


async def test_two_at_once_submit_once(client: AuditClient, gateway: SandboxGateway) -> None:
    gateway.decide(OLDER, "AUDITING")
    found = await asyncio.gather(*(client.resubmit(request_of()) for _ in range(4)))
    assert gateway.accepted(OURS) == 1
    assert all(each.is_in_audit for each in found)
    kinds = [each.kind for each in found]
    assert kinds.count(ResubmissionKind.SUBMITTED) == 1


async def test_a_merchant_is_not_another_one(client: AuditClient, gateway: SandboxGateway) -> None:
    gateway.decide(OLDER, "AUDITING", app_auth_token="of-a-cafe")
    assert (await client.resubmit(request_of())).withdrawn == ()
    found = await client.resubmit(request_of(), app_auth_token="of-a-cafe")
    assert found.withdrawn == (OLDER,)


def test_gray_release_is_never_ended_for_it() -> None:
    with pytest.raises(ConfigurationError, match="replace"):
        ResubmitPolicy(replace=[VersionStatus.GRAY])
    for wrong in (None, [["AUDITING"]]):
        with pytest.raises(ConfigurationError, match="replace"):
            ResubmitPolicy(replace=wrong)  # type: ignore[arg-type]
    assert attrs.evolve(ResubmitPolicy(), replace=()).replace == frozenset()
