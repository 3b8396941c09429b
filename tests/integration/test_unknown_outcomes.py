"""An outcome that is not certain: what proves it, what never does, and what hides it never.

The platform is a script here, or the sandbox with another actor beside us.
"""

import asyncio
import datetime
import json
import time
from collections.abc import AsyncIterator, Callable

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.reply_signer import signed_headers
from support.scripted_server import Request, ScriptedServer

from alipay_mini_audit import (
    ApplyReply,
    AuditApply,
    AuditClient,
    AuditError,
    CallEnded,
    CallError,
    ClientConfig,
    ConnectionFailed,
    Credentials,
    Event,
    MalformedReply,
    Outcome,
    Preflight,
    RateLimited,
    ReplyLost,
    ReplyTimeout,
    RetryPolicy,
    SigningError,
    StateConflict,
    Timeouts,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

VERSION = "1.0.0"
REQUEST = AuditApply(app_version=VERSION, version_desc="The one that we submit.", memo="ours")
OURS = {"version_desc": "The one that we submit.", "memo": "ours"}
ASKING = RetryPolicy(attempts=5, initial_delay=0, unknown_window=0.15)
PATHS = {"apply": "audit/apply", "cancel": "audit/cancel", "detail": "detail/query"}

Act = Callable[[asyncio.StreamWriter], None]


def lose(writer: asyncio.StreamWriter) -> None:
    """Take the request and close the connection without a word."""
    writer.close()


@attrs.define
class Platform:
    """What it answers to each operation, one entry a request; the last one stays."""

    wire: ScriptedServer
    key: RSAPrivateKey
    script: dict[str, list[Act]] = attrs.Factory(dict)
    offset: float = 0.0
    """Seconds by which its clock is ahead of ours."""

    def now(self) -> float:
        return time.time() + self.offset

    def says(self, body: bytes, status: int = 200, *, signed: bool = True) -> Act:
        def act(writer: asyncio.StreamWriter) -> None:
            head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
            headers = {"Content-Length": str(len(body))}
            if signed:
                stamp = str(round(self.now() * 1000))
                nonce = f"n{time.perf_counter_ns()}"
                headers |= signed_headers(body, self.key, timestamp=stamp, nonce=nonce)
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(f"{head}{lines}\r\n".encode() + body)

        return act

    def refuses(self, code: str, status: int = 400) -> Act:
        return self.says(json.dumps({"code": code}).encode(), status, signed=False)

    def stands(self, status: str, ago: float | None = None, **fields: object) -> Act:
        """Answer a question: where the version stands, submitted so many seconds ago."""

        def act(writer: asyncio.StreamWriter) -> None:
            detail = {"app_version": VERSION, "status": status, **fields}
            if ago is not None:
                beijing = datetime.timezone(datetime.timedelta(hours=8))
                moment = datetime.datetime.fromtimestamp(self.now() - ago, beijing)
                detail["gmt_apply_audit"] = moment.strftime("%Y-%m-%d %H:%M:%S")
            self.says(json.dumps(detail).encode())(writer)

        return act

    def plays(self, **script: list[Act]) -> None:
        self.script = script

    async def answer(
        self, request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        name = next(name for name, path in PATHS.items() if path in request.target)
        acts = self.script[name]
        (acts.pop(0) if len(acts) > 1 else acts[0])(writer)
        await writer.drain()

    def asked(self, name: str) -> int:
        return sum(PATHS[name] in request.target for request in self.wire.requests)


@pytest.fixture
def platform(wire: ScriptedServer, alipay_key: RSAPrivateKey) -> Platform:
    platform = Platform(wire, alipay_key)
    wire.answer = platform.answer
    return platform


@pytest.fixture
def asking(client: AuditClient) -> AuditClient:
    return client.with_options(retry=ASKING)


async def failed(client: AuditClient) -> CallError:
    with pytest.raises(CallError) as caught:
        await client.apply(REQUEST)
    return caught.value


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


# What a negative answer is worth


async def test_development_counts_only_when_nothing_can_arrive_any_more(
    platform: Platform, asking: AuditClient
) -> None:
    late = platform.stands("AUDITING", 0, **OURS)
    platform.plays(apply=[lose], detail=[platform.stands("INIT"), late])
    started = time.monotonic()
    reply = await asking.apply(REQUEST)
    assert (reply.meta.resolved, reply.meta.attempts) == (True, 1)
    assert time.monotonic() - started >= ASKING.unknown_window
    assert platform.asked("apply") == 1


async def test_without_the_time_for_a_second_question_the_outcome_stays_unknown(
    platform: Platform, client: AuditClient
) -> None:
    platform.plays(apply=[lose], detail=[platform.stands("INIT")])
    patient = RetryPolicy(initial_delay=0, unknown_window=60)
    client = client.with_options(retry=patient, timeouts=Timeouts(total=2))
    error = await failed(client)
    assert error.outcome is Outcome.UNKNOWN
    assert (platform.asked("apply"), platform.asked("detail")) == (1, 1)


async def test_after_the_window_it_is_submitted_once_more(
    platform: Platform, asking: AuditClient
) -> None:
    done = platform.says(b'{"speed_up":"true"}')
    platform.plays(apply=[lose, done], detail=[platform.stands("INIT")])
    reply = await asking.apply(REQUEST)
    assert (reply.meta.resolved, reply.meta.attempts, reply.speed_up) == (False, 2, True)


async def test_what_is_withdrawn_since_may_have_been_ours_and_is_not_sent_again(
    platform: Platform, asking: AuditClient
) -> None:
    platform.plays(apply=[lose], detail=[platform.stands("INIT", 0)])
    assert (await failed(asking)).outcome is Outcome.UNKNOWN
    assert platform.asked("apply") == 1


async def test_a_withdrawal_is_not_repeated_on_a_later_submission(
    platform: Platform, asking: AuditClient
) -> None:
    platform.plays(cancel=[lose], detail=[platform.stands("AUDITING", -1)])
    with pytest.raises(ReplyLost) as caught:
        await asking.cancel(VERSION)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert platform.asked("cancel") == 1


# A refusal


@pytest.mark.parametrize("code", ["SUBMIT_REPEAT", "CAN_NOT_SUBMIT_WITH_AUDIT"])
async def test_a_refusal_after_a_throttled_attempt_is_a_refusal(
    platform: Platform, asking: AuditClient, code: str
) -> None:
    throttled = platform.refuses("app-call-limited", 429)
    platform.plays(
        apply=[throttled, platform.refuses(code)], detail=[platform.stands("AUDITING", 0)]
    )
    error = await failed(asking)
    assert type(error) is StateConflict
    assert (error.outcome, error.attempts) == (Outcome.REFUSED, 2)
    assert platform.asked("detail") == 0


async def test_a_refused_withdrawal_after_a_throttled_attempt_is_a_refusal(
    platform: Platform, asking: AuditClient
) -> None:
    throttled = platform.refuses("app-call-limited", 429)
    platform.plays(
        cancel=[throttled, platform.refuses("AUDITING_VERSION_NOT_EXIST")],
        detail=[platform.stands("INIT")],
    )
    with pytest.raises(StateConflict) as caught:
        await asking.cancel(VERSION)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.REFUSED, 2)


async def test_a_refusal_after_a_lost_attempt_that_landed_late_is_a_success(
    platform: Platform, asking: AuditClient
) -> None:
    platform.plays(
        apply=[lose, platform.refuses("SUBMIT_REPEAT")],
        detail=[
            platform.stands("INIT"),
            platform.stands("INIT"),
            platform.stands("AUDITING", 0, **OURS),
        ],
    )
    reply = await asking.apply(REQUEST)
    assert (reply.meta.resolved, reply.meta.attempts) == (True, 2)


async def test_a_refusal_is_final(platform: Platform, asking: AuditClient) -> None:
    platform.plays(
        apply=[lose, platform.refuses("SUBMIT_REPEAT")], detail=[platform.stands("INIT")]
    )
    error = await failed(asking)
    assert type(error) is StateConflict
    assert (error.outcome, error.attempts) == (Outcome.REFUSED, 2)
    assert platform.asked("apply") == 2


# Whose submission it is


async def test_a_submission_with_other_texts_is_somebody_elses(
    platform: Platform, asking: AuditClient
) -> None:
    theirs = platform.stands("AUDITING", 0, version_desc="Somebody else's.")
    platform.plays(apply=[lose], detail=[theirs])
    assert (await failed(asking)).outcome is Outcome.UNKNOWN
    assert platform.asked("apply") == 1


@pytest.mark.parametrize("offset", [-540, -120, 0, 300, 540])
@pytest.mark.parametrize(("ago", "landed"), [(0, True), (5, False), (240, False)])
async def test_the_platforms_clock_says_when_it_was_submitted(
    platform: Platform, asking: AuditClient, offset: float, ago: float, landed: bool
) -> None:
    platform.offset = offset
    platform.plays(apply=[lose], detail=[platform.stands("AUDITING", ago)])
    if landed:
        assert (await asking.apply(REQUEST)).meta.resolved
    else:
        assert (await failed(asking)).outcome is Outcome.UNKNOWN


async def test_an_answer_about_another_version_proves_nothing(
    platform: Platform, asking: AuditClient
) -> None:
    other = platform.stands("AUDITING", 0, **OURS, app_version="9.9.9")
    platform.plays(apply=[lose], detail=[other])
    assert (await failed(asking)).outcome is Outcome.UNKNOWN


async def test_a_question_that_is_answered_about_another_version_fails(
    platform: Platform, asking: AuditClient
) -> None:
    platform.plays(detail=[platform.stands("AUDITING", 0)])
    with pytest.raises(MalformedReply, match="another version") as caught:
        await asking.version_detail("2.0.0")
    assert caught.value.request_id == platform.wire.requests[0].headers["alipay-request-id"]
    assert (await asking.version_detail(VERSION)).app_version == VERSION


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(strict=False, material=material) as gateway:
        yield gateway


async def test_a_rivals_submission_a_moment_before_is_not_ours(gateway: SandboxGateway) -> None:
    config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url, retry=ASKING)
    async with AuditClient(gateway.credentials, config) as client:
        await client.apply(attrs.evolve(REQUEST, version_desc="The one of somebody else."))
        gateway.faults.add(Fault.CLOSE_AFTER_BODY)
        error = await failed(client)
    assert error.outcome is Outcome.UNKNOWN
    assert len(gateway.submissions) == 1


# What was accepted


UNREADABLE = b"not JSON"


@pytest.mark.parametrize("answer", ["INIT", "lost", "AUDITING"])
async def test_what_was_accepted_is_never_sent_again(
    platform: Platform, asking: AuditClient, answer: str
) -> None:
    detail = lose if answer == "lost" else platform.stands(answer, 99 if answer != "INIT" else None)
    platform.plays(apply=[platform.says(UNREADABLE)], detail=[detail])
    error = await failed(asking)
    assert type(error) is MalformedReply
    assert error.outcome is Outcome.ACCEPTED_UNREADABLE
    assert not error.is_repeatable
    assert platform.asked("apply") == 1


async def test_what_was_accepted_and_is_in_audit_is_a_success(
    platform: Platform, asking: AuditClient
) -> None:
    platform.plays(
        apply=[platform.says(UNREADABLE)], detail=[platform.stands("AUDITING", 0, **OURS)]
    )
    assert (await asking.apply(REQUEST)).meta.resolved


# Closing


async def ended_by_closing(call: asyncio.Task[ApplyReply], client: AuditClient) -> AuditError:
    started = time.monotonic()
    await client.aclose()
    with pytest.raises(AuditError) as caught:
        await asyncio.wait_for(call, 2)
    assert time.monotonic() - started < 1
    return caught.value


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # what it waits for happens on the other side
        await asyncio.sleep(0.005)


def of_policy(wire: ScriptedServer, credentials: Credentials, policy: RetryPolicy) -> AuditClient:
    return AuditClient(
        credentials, ClientConfig(preflight=Preflight.OFF, base_url=wire.base_url, retry=policy)
    )


async def test_closing_in_the_wait_for_the_window_hides_no_doubt(
    platform: Platform, credentials: Credentials
) -> None:
    client = of_policy(platform.wire, credentials, RetryPolicy(unknown_window=60))
    platform.plays(apply=[lose], detail=[platform.stands("INIT")])
    call = asyncio.create_task(client.apply(REQUEST))
    await until(lambda: platform.asked("detail") == 1)
    await asyncio.sleep(0.05)
    error = await ended_by_closing(call, client)
    assert type(error) is ReplyLost
    assert error.outcome is Outcome.UNKNOWN


async def test_closing_during_the_question_hides_no_doubt(
    platform: Platform, credentials: Credentials
) -> None:
    client = of_policy(platform.wire, credentials, ASKING)
    platform.plays(apply=[lose], detail=[lambda _: None])
    call = asyncio.create_task(client.apply(REQUEST))
    await until(lambda: platform.asked("detail") == 1)
    error = await ended_by_closing(call, client)
    assert type(error) is ReplyLost
    assert error.outcome is Outcome.UNKNOWN
    assert error.attempts == 1


async def test_closing_in_the_wait_for_the_next_attempt_hides_nothing(
    platform: Platform, credentials: Credentials
) -> None:
    client = of_policy(platform.wire, credentials, RetryPolicy(initial_delay=60, max_delay=60))
    platform.plays(apply=[platform.refuses("app-call-limited", 429)])
    call = asyncio.create_task(client.apply(REQUEST))
    await until(lambda: platform.asked("apply") == 1)
    await asyncio.sleep(0.05)
    error = await ended_by_closing(call, client)
    assert type(error) is RateLimited
    assert error.outcome is Outcome.REFUSED
    assert error.is_repeatable


# Signing


class Fails:
    """Signs as `signer` does until it is told to fail."""

    def __init__(self, credentials: Credentials, works: int) -> None:
        self._signer = credentials.signer
        self._works = works

    async def sign(self, message: bytes) -> bytes:
        self._works -= 1
        if self._works < 0:
            raise OSError
        return await self._signer.sign(message)


@pytest.mark.parametrize(
    ("first", "works", "error", "outcome", "earlier"),
    [
        ("lost", 1, ReplyLost, Outcome.UNKNOWN, [SigningError]),
        ("lost", 3, SigningError, Outcome.UNKNOWN, [ReplyLost]),
        ("throttled", 1, SigningError, Outcome.NOT_SENT, [RateLimited]),
    ],
)
async def test_a_signer_that_fails_later_hides_nothing(
    platform: Platform,
    credentials: Credentials,
    first: str,
    works: int,
    error: type[AuditError],
    outcome: Outcome,
    earlier: list[type[AuditError]],
) -> None:
    act = lose if first == "lost" else platform.refuses("app-call-limited", 429)
    platform.plays(apply=[act], detail=[platform.stands("INIT")])
    policy = attrs.evolve(ASKING, attempts=2)
    unsure = attrs.evolve(credentials, signer=Fails(credentials, works))
    async with of_policy(platform.wire, unsure, policy) as client:
        with pytest.raises(AuditError) as caught:
            await client.apply(REQUEST)
    raised = caught.value
    assert isinstance(raised, ReplyLost | SigningError)
    assert type(raised) is error
    assert raised.outcome is outcome
    assert [type(before) for before in raised.earlier] == earlier
    assert "Nothing was sent" not in str(raised)


# The caller's own limit


async def test_a_call_that_its_caller_cuts_leaves_a_note_and_an_event(
    platform: Platform, credentials: Credentials
) -> None:
    recorder = Recorder()
    config = ClientConfig(preflight=Preflight.OFF, base_url=platform.wire.base_url)
    platform.plays(apply=[lambda _: None])
    async with AuditClient(credentials, config, observers=[recorder]) as client:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.2):
                await client.apply(REQUEST)
    cancelled = caught.value.__cause__
    assert isinstance(cancelled, asyncio.CancelledError)
    (note,) = cancelled.__notes__
    request_id = platform.wire.requests[0].headers["alipay-request-id"]
    assert note == f"alipay_mini_audit: apply was cancelled; outcome: unknown, request {request_id}"
    ended = recorder.events[-1]
    assert isinstance(ended, CallEnded)
    assert ended.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("offset", [-300, 0, 300])
@pytest.mark.parametrize(
    ("status", "ago", "texts", "landed"),
    [
        ("AUDITING", 0, OURS, True),
        ("AUDITING", 60, OURS, None),
        ("AUDITING", 0, {"memo": "theirs"}, None),
        ("INIT", None, {}, False),
    ],
)
async def test_the_caller_may_ask_what_became_of_a_submission(
    platform: Platform,
    asking: AuditClient,
    offset: float,
    status: str,
    ago: float | None,
    texts: dict[str, str],
    landed: bool | None,
) -> None:
    platform.offset = offset
    platform.plays(detail=[platform.stands(status, ago, **texts)])
    since = datetime.datetime.now(datetime.UTC)
    found = await asking.resolve_apply(REQUEST, since=since)
    assert found.landed is landed
    assert found.detail is not None
    assert found.detail.status == status
    assert platform.asked("detail") == (2 if status == "INIT" else 1)


async def test_a_question_of_the_callers_that_fails_says_why(
    platform: Platform, client: AuditClient
) -> None:
    platform.plays(detail=[platform.refuses("invalid-app-auth-token", 401)])
    since = datetime.datetime.now(datetime.UTC)
    with pytest.raises(AuditError, match="invalid-app-auth-token"):
        await client.resolve_apply(REQUEST, since=since)
    with pytest.raises(TypeError, match="since"):
        await client.resolve_apply(REQUEST, since=datetime.datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(AuditError, match="app_version"):
        await client.resolve_apply(AuditApply(version_desc="none"), since=since)


# Whether it may be sent again


async def test_what_never_left_may_be_sent_again(
    wire: ScriptedServer, credentials: Credentials
) -> None:
    config = ClientConfig(
        preflight=Preflight.OFF, base_url="http://127.0.0.1:9", retry=RetryPolicy(attempts=1)
    )
    async with AuditClient(credentials, config) as client:
        error = await failed(client)
    assert type(error) is ConnectionFailed
    assert error.is_repeatable
    assert wire.requests == []


async def test_throttled_is_not_refused_for_good(platform: Platform, client: AuditClient) -> None:
    platform.plays(
        apply=[platform.refuses("app-call-limited", 429), platform.refuses("LOGO_IS_BLANK"), lose]
    )
    throttled, refused, lost = [await failed(client) for _ in range(3)]
    assert (throttled.outcome, throttled.is_repeatable) == (Outcome.REFUSED, True)
    assert (refused.outcome, refused.is_repeatable) == (Outcome.REFUSED, False)
    assert (lost.outcome, lost.is_repeatable) == (Outcome.UNKNOWN, False)


# The length of the call


@pytest.mark.usefixtures("busy_threads")
async def test_a_large_reply_that_no_thread_reads_ends_with_the_call(
    platform: Platform, client: AuditClient
) -> None:
    platform.plays(apply=[platform.says(b'{"x":"' + b"x" * 100_000 + b'"}')])
    client = client.with_options(timeouts=Timeouts(total=0.5))
    started = time.monotonic()
    error = await failed(client)
    assert time.monotonic() - started < 2
    assert type(error) is ReplyTimeout
    assert error.outcome is Outcome.UNKNOWN
