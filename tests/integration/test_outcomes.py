"""Every fault at every phase.

Which error, which outcome, how many applies the platform accepted.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import attrs
import pytest

from alipay_mini_audit import (
    ApplyReply,
    Attachments,
    AuditApply,
    AuditClient,
    AuthenticationError,
    CallError,
    ClientConfig,
    ConnectionFailed,
    MalformedReply,
    Outcome,
    PermissionDenied,
    Preflight,
    RateLimited,
    ReplyLost,
    ReplyTimeout,
    RetryPolicy,
    SendInterrupted,
    ServiceUnavailable,
    SigningError,
    StateConflict,
    Timeouts,
    UntrustedReply,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

VERSION = "7.0.0"
REQUEST = AuditApply(app_version=VERSION, version_desc="A version that meets a fault.")
ONCE = RetryPolicy(attempts=1, resolve=False)
THRICE = RetryPolicy(attempts=3, initial_delay=0, unknown_window=0.1)
BROKEN = (SendInterrupted, ReplyLost)
"""A small body may or may not have left when the connection breaks."""


@attrs.frozen
class Case:
    fault: Fault
    error: type[CallError] | tuple[type[CallError], ...]
    outcome: Outcome
    accepted: int
    after: type[CallError] | None = None
    """What a call with three attempts and resolving ends with; `None` for a reply."""

    def __str__(self) -> str:
        return str(self.fault)


CASES = [
    Case(Fault.RESET, BROKEN, Outcome.UNKNOWN, 0),
    Case(Fault.CLOSE_BEFORE_READING, BROKEN, Outcome.UNKNOWN, 0),
    Case(Fault.close_in_body(1000), BROKEN, Outcome.UNKNOWN, 0),
    Case(Fault.CLOSE_AFTER_BODY, ReplyLost, Outcome.UNKNOWN, 0),
    Case(Fault.CLOSE_AFTER_ACCEPTING, ReplyLost, Outcome.UNKNOWN, 1),
    Case(Fault.HANG, ReplyTimeout, Outcome.UNKNOWN, 0),
    Case(Fault.HANG_AFTER_ACCEPTING, ReplyTimeout, Outcome.UNKNOWN, 1),
    Case(Fault.CUT_ANSWER, ReplyLost, Outcome.UNKNOWN, 1),
    Case(Fault.UNSIGNED, UntrustedReply, Outcome.UNKNOWN, 1),
    Case(Fault.WRONGLY_SIGNED, UntrustedReply, Outcome.UNKNOWN, 1),
    Case(Fault.HTML_413, MalformedReply, Outcome.REFUSED, 0, MalformedReply),
    Case(Fault.BAD_GATEWAY, ServiceUnavailable, Outcome.UNKNOWN, 0),
    Case(Fault.INTERNAL_ERROR, ServiceUnavailable, Outcome.UNKNOWN, 0),
    Case(Fault.INTERNAL_ERROR_AFTER_ACCEPTING, ServiceUnavailable, Outcome.UNKNOWN, 1),
    Case(Fault.EARLY_401, PermissionDenied, Outcome.REFUSED, 0, PermissionDenied),
    Case(Fault.EARLY_413, MalformedReply, Outcome.REFUSED, 0, MalformedReply),
    Case(Fault.EARLY_429, RateLimited, Outcome.REFUSED, 0),
    Case(Fault.throttled(0), RateLimited, Outcome.REFUSED, 0),
    Case(Fault.clock_skew(3600), AuthenticationError, Outcome.REFUSED, 0, AuthenticationError),
]
WAITING = (Fault.HANG, Fault.HANG_AFTER_ACCEPTING)


@attrs.frozen
class Field:
    gateway: SandboxGateway
    client: AuditClient
    files: Attachments

    async def apply(self, retry: RetryPolicy, *, waits: bool = False) -> ApplyReply:
        limits = Timeouts(reply=0.2 if waits else 5, stall=1, total=8)
        client = self.client.with_options(retry=retry, timeouts=limits)
        return await asyncio.wait_for(client.apply(REQUEST, self.files), 10)

    async def fails(self, retry: RetryPolicy, *, waits: bool = False) -> CallError:
        with pytest.raises(CallError) as caught:
            await self.apply(retry, waits=waits)
        return caught.value

    @property
    def accepted(self) -> int:
        return sum(found.app_version == VERSION for found in self.gateway.submissions)


@pytest.fixture
async def field(
    material: Material, tmp_path: Path, open_files: Callable[[], int]
) -> AsyncIterator[Field]:
    """A gateway and its client; when they are closed, nothing may be open."""
    pictures = [tmp_path / f"{i}.png" for i in range(3)]
    for picture in pictures:
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20_000))
    tasks, descriptors = asyncio.all_tasks(), open_files()
    async with SandboxGateway(strict=False, material=material) as gateway:
        config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            yield Field(gateway, client, Attachments(screen_shots=pictures))
    assert asyncio.all_tasks() - {asyncio.current_task()} <= tasks
    assert open_files() == descriptors


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_one_attempt_ends_in_an_error_that_knows_its_outcome(
    field: Field, case: Case
) -> None:
    field.gateway.faults.add(case.fault)
    error = await field.fails(ONCE, waits=case.fault in WAITING)
    assert isinstance(error, case.error)
    assert error.outcome is case.outcome
    assert (error.attempts, error.earlier) == (1, ())
    assert field.accepted == case.accepted
    assert field.gateway.calls == 1


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_three_attempts_end_in_one_accepted_apply_or_in_a_refusal(
    field: Field, case: Case
) -> None:
    field.gateway.faults.add(case.fault)
    if case.after is not None:
        error = await field.fails(THRICE)
        assert type(error) is case.after
        assert field.accepted == 0
        return
    reply = await field.apply(THRICE, waits=case.fault in WAITING)
    assert field.accepted == 1
    assert reply.meta.resolved is bool(case.accepted)
    assert reply.meta.attempts == (1 if case.accepted else 2)
    assert (await field.client.version_detail(VERSION)).status == "AUDITING"


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_one_attempt_that_may_ask_finds_out_what_landed(field: Field, case: Case) -> None:
    field.gateway.faults.add(case.fault)
    asking = RetryPolicy(attempts=1, unknown_window=0.1)
    if case.accepted:
        reply = await field.apply(asking, waits=case.fault in WAITING)
        assert (reply.meta.resolved, reply.meta.attempts) == (True, 1)
    else:
        error = await field.fails(asking, waits=case.fault in WAITING)
        assert isinstance(error, case.error)
        assert error.outcome is case.outcome
    assert field.accepted == case.accepted


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_three_attempts_that_may_not_ask_repeat_only_what_was_throttled(
    field: Field, case: Case
) -> None:
    field.gateway.faults.add(case.fault)
    blind = RetryPolicy(attempts=3, initial_delay=0, resolve=False)
    if case.error is RateLimited:
        assert (await field.apply(blind)).meta.attempts == 2
        assert field.accepted == 1
        return
    error = await field.fails(blind, waits=case.fault in WAITING)
    assert isinstance(error, case.error)
    assert (error.outcome, error.attempts) == (case.outcome, 1)
    assert field.accepted == case.accepted


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.outcome is Outcome.UNKNOWN], ids=str
)
async def test_without_an_answer_about_the_version_the_outcome_stays_unknown(
    field: Field, case: Case
) -> None:
    field.gateway.faults.add(case.fault, operation="apply")
    field.gateway.faults.add(Fault.UNSIGNED, operation="detail", times=None)
    error = await field.fails(THRICE, waits=case.fault in WAITING)
    assert isinstance(error, case.error)
    assert error.outcome is Outcome.UNKNOWN
    assert [type(before) for before in error.earlier] == [UntrustedReply]
    assert field.accepted == case.accepted


async def test_a_gateway_that_is_gone_is_tried_three_times_and_was_sent_nothing(
    field: Field,
) -> None:
    async with field.gateway.offline():
        error = await field.fails(THRICE)
    assert type(error) is ConnectionFailed
    assert error.outcome is Outcome.NOT_SENT
    assert [type(before) for before in error.earlier] == [ConnectionFailed, ConnectionFailed]
    assert error.attempts == 3
    assert (await field.apply(THRICE)).meta.attempts == 1


async def test_a_line_that_stalls_is_given_up_and_the_version_submitted_after_all(
    field: Field, tmp_path: Path
) -> None:
    archive = tmp_path / "large.zip"
    with archive.open("wb") as file:
        file.truncate(20_000_000)
    field.gateway.faults.add(Fault.STALL_READING)
    client = field.client.with_options(retry=THRICE, timeouts=Timeouts(stall=0.2))
    reply = await client.apply(REQUEST, {"test_file_name": archive})
    assert (reply.meta.attempts, reply.meta.resolved, field.accepted) == (2, False, 1)


async def test_an_early_answer_to_a_large_body_is_taken_for_what_it_is(
    field: Field, tmp_path: Path
) -> None:
    archive = tmp_path / "large.zip"
    with archive.open("wb") as file:
        file.truncate(20_000_000)
    client = field.client.with_options(retry=ONCE)
    for fault, kind in ((Fault.EARLY_413, MalformedReply), (Fault.EARLY_401, PermissionDenied)):
        field.gateway.faults.add(fault)
        with pytest.raises(kind) as caught:
            await client.apply(REQUEST, {"test_file_name": archive})
        assert caught.value.outcome is Outcome.REFUSED
    await client.apply(REQUEST, field.files)
    assert field.accepted == 1


async def test_a_refusal_on_the_first_attempt_is_final(field: Field) -> None:
    await field.apply(THRICE)
    error = await field.fails(THRICE)
    assert type(error) is StateConflict
    assert (error.outcome, error.attempts) == (Outcome.REFUSED, 1)


async def test_a_version_submitted_long_ago_does_not_prove_that_this_call_landed(
    field: Field,
) -> None:
    field.gateway.faults.add(Fault.clock_skew(-500))
    await field.apply(ONCE)
    field.gateway.faults.add(Fault.CLOSE_AFTER_BODY)
    error = await field.fails(THRICE)
    assert error.outcome is Outcome.UNKNOWN


async def test_an_apply_without_a_version_cannot_be_resolved(field: Field) -> None:
    field.gateway.faults.add(Fault.BAD_GATEWAY)
    with pytest.raises(ServiceUnavailable) as caught:
        await field.client.apply(AuditApply(version_desc="none"), field.files)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert field.gateway.calls == 1


@pytest.mark.parametrize(
    "fault", [Fault.CLOSE_AFTER_ACCEPTING, Fault.CUT_ANSWER, Fault.UNSIGNED], ids=str
)
async def test_a_cancel_that_landed_is_resolved(field: Field, fault: Fault) -> None:
    await field.apply(THRICE)
    field.gateway.faults.add(fault)
    reply = await field.client.with_options(retry=THRICE).cancel(VERSION)
    assert reply.meta.resolved
    assert (await field.client.version_detail(VERSION)).status == "INIT"


@pytest.mark.parametrize("fault", [Fault.CLOSE_AFTER_BODY, Fault.BAD_GATEWAY, Fault.RESET], ids=str)
async def test_a_cancel_that_did_not_land_is_sent_again(field: Field, fault: Fault) -> None:
    await field.apply(THRICE)
    field.gateway.faults.add(fault)
    reply = await field.client.with_options(retry=THRICE).cancel(VERSION)
    assert (reply.meta.resolved, reply.meta.attempts) == (False, 2)
    assert (await field.client.version_detail(VERSION)).status == "INIT"


async def test_a_question_is_repeated_as_often_as_the_policy_allows(field: Field) -> None:
    field.gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, times=2)
    asking = field.client.with_options(retry=THRICE)
    assert (await asking.version_detail(VERSION)).status == "INIT"
    field.gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, times=3)
    with pytest.raises(ReplyLost) as caught:
        await asking.version_detail(VERSION)
    assert len(caught.value.earlier) == 2


async def test_the_wait_that_the_platform_asks_for_is_honoured_or_the_call_ends(
    field: Field,
) -> None:
    field.gateway.faults.add(Fault.throttled(3600))
    error = await field.fails(THRICE)
    assert type(error) is RateLimited
    assert (error.retry_after, error.attempts) == (3600.0, 1)


@pytest.mark.parametrize("fault", [*(case.fault for case in CASES), Fault.STALL_READING], ids=str)
async def test_no_fault_makes_a_call_last_longer_than_its_total(
    field: Field, fault: Fault, tmp_path: Path
) -> None:
    archive = tmp_path / "large.zip"
    with archive.open("wb") as file:
        file.truncate(8_000_000)
    field.gateway.faults.add(fault, times=None)
    limits = Timeouts(total=0.3, reply=60, stall=60, connect=60)
    client = field.client.with_options(
        retry=RetryPolicy(attempts=50, initial_delay=0.01), timeouts=limits
    )
    started = asyncio.get_running_loop().time()
    # A SigningError where the time ran out before a later attempt.
    with pytest.raises((CallError, SigningError)):
        await client.apply(REQUEST, {"test_file_name": archive})
    assert asyncio.get_running_loop().time() - started < 1.5
    assert field.accepted <= 1
