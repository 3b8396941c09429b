"""Events can be joined: a call, its attempts, and the question about an unknown outcome."""

import asyncio
import contextlib
import contextvars
import itertools
import json
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import attrs
import pytest

from alipay_mini_audit import (
    NO_TOKEN,
    AttemptFailed,
    AttemptStarted,
    AuditApply,
    AuditClient,
    AuditError,
    BytesSent,
    CallEnded,
    CallStarted,
    ClientConfig,
    Event,
    LoggingObserver,
    Outcome,
    OutcomeResolved,
    Preflight,
    ReplyLost,
    ReplyReceived,
    RequestSent,
    RetryPolicy,
    RetryScheduled,
    ServiceUnavailable,
    Timeouts,
    ValidationError,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

REQUEST = AuditApply(app_version="1", version_desc="canary-desc", test_password="canary-password")


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(strict=False, material=material) as gateway:
        yield gateway


def client_of(gateway: SandboxGateway, *observers: object, **retry: Any) -> AuditClient:
    policy = RetryPolicy(**{"attempts": 3, "initial_delay": 0, "unknown_window": 0, **retry})
    config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url, retry=policy)
    return AuditClient(gateway.credentials, config, observers=observers)  # type: ignore[arg-type]


@attrs.define
class Node:
    """A call or an attempt, as far as events tell."""

    name: str
    outcome: Outcome | None = None
    seconds: float = -1.0
    children: list["Node"] = attrs.field(factory=list)


class TreeBuilder:
    """Knows nothing but the events."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self.calls: dict[str, Node] = {}
        self.attempts: dict[tuple[str, int], Node] = {}

    def on_event(self, event: Event) -> None:
        match event:
            case CallStarted():
                call = self.calls[event.call_id] = Node(event.operation)
                above = (
                    self.roots if event.resolves is None else self.calls[event.resolves].children
                )
                above.append(call)
            case CallEnded():
                call = self.calls[event.call_id]
                call.outcome = event.outcome
                call.seconds = event.elapsed
            case AttemptStarted():
                attempt = Node(f"attempt {event.attempt}")
                self.attempts[event.call_id, event.attempt] = attempt
                self.calls[event.call_id].children.append(attempt)
            case ReplyReceived():
                self.attempts[event.call_id, event.attempt].seconds = event.elapsed
            case AttemptFailed():
                attempt = self.attempts[event.call_id, event.attempt]
                attempt.outcome = event.error.outcome
                attempt.seconds = event.elapsed


def shape_of(node: Node) -> Any:
    return node.name, node.outcome, [shape_of(child) for child in node.children]


async def test_the_tree_of_a_call_can_be_drawn_from_events_alone(gateway: SandboxGateway) -> None:
    tree = TreeBuilder()
    gateway.faults.add(Fault.throttled(0), operation="apply")
    gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
    async with client_of(gateway, tree) as client:
        reply = await client.apply(REQUEST)
    assert reply.meta.resolved
    question = ("detail", None, [("attempt 1", None, [])])
    assert [shape_of(root) for root in tree.roots] == [
        (
            "apply",
            None,
            [
                ("attempt 1", Outcome.REFUSED, []),
                ("attempt 2", Outcome.UNKNOWN, []),
                question,
                ("attempt 3", Outcome.UNKNOWN, []),
                question,
            ],
        )
    ]
    for node in (*tree.calls.values(), *tree.attempts.values()):
        assert 0 <= node.seconds < 10
    (root,) = tree.roots
    assert root.seconds >= sum(child.seconds for child in root.children)


async def test_concurrent_calls_are_told_apart_and_carry_their_labels(
    gateway: SandboxGateway,
) -> None:
    tree = TreeBuilder()
    labels: dict[str, set[str | None]] = {}
    questions: dict[str, str] = {}

    class Labels:
        def on_event(self, event: Event) -> None:
            labels.setdefault(event.call_id, set()).add(event.label)
            if event.resolves is not None:
                questions[event.call_id] = event.resolves

    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply", times=5)
    async with client_of(gateway, tree, Labels()) as client:
        calls = [
            client.with_options(label=f"merchant {number}").apply(
                AuditApply(app_version=f"{number}", version_desc="many at once")
            )
            for number in range(10)
        ]
        await asyncio.gather(*calls)
    assert len(tree.roots) == 10
    assert sum(len(root.children) for root in tree.roots) == 10 + 5
    applies = [seen for call_id, seen in labels.items() if call_id not in questions]
    assert sorted(map(sorted, applies)) == [[f"merchant {number}"] for number in range(10)]
    assert len(questions) == 5
    for question, call in questions.items():
        assert labels[question] == labels[call]


async def test_a_label_stays_with_its_view_and_must_be_a_text(gateway: SandboxGateway) -> None:
    seen: list[str | None] = []

    class Labels:
        def on_event(self, event: Event) -> None:
            if isinstance(event, CallStarted):
                seen.append(event.label)

    async with client_of(gateway, Labels()) as client:
        labelled = client.with_options(label="order 7")
        await labelled.version_detail("1")
        await labelled.with_options(timeouts=Timeouts()).version_detail("1")
        await client.version_detail("1")
        with pytest.raises(TypeError, match=r"^label: "):
            client.with_options(label=7)  # type: ignore[arg-type]
    assert seen == ["order 7", "order 7", None]


async def test_a_view_can_unset_the_token(gateway: SandboxGateway) -> None:
    async with client_of(gateway) as client:
        merchant = client.with_options(app_auth_token="merchant-token")
        await merchant.apply(REQUEST)
        own = merchant.with_options(app_auth_token=NO_TOKEN)
        await own.apply(REQUEST)
        await merchant.apply(AuditApply(app_version="2", version_desc="x"), app_auth_token=NO_TOKEN)
    tokens = [submission.app_auth_token for submission in gateway.submissions]
    assert tokens == ["merchant-token", None, None]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.throttled(0), Outcome.REFUSED),
        (Fault.CLOSE_AFTER_BODY, Outcome.UNKNOWN),
        (Fault.EARLY_401, Outcome.REFUSED),
    ],
)
async def test_the_end_of_a_failed_call_tells_its_outcome(
    gateway: SandboxGateway, fault: Fault, outcome: Outcome
) -> None:
    ended: list[CallEnded] = []

    class Ends:
        def on_event(self, event: Event) -> None:
            if isinstance(event, CallEnded):
                ended.append(event)

    gateway.faults.add(fault, times=None)
    async with client_of(gateway, Ends(), attempts=1, resolve=False) as client:
        with pytest.raises(AuditError) as caught:
            await client.apply(REQUEST)
    (end,) = ended
    assert (end.outcome, end.error, end.attempts) == (outcome, caught.value, 1)
    assert caught.value.outcome is outcome


async def test_a_call_that_fails_before_an_attempt_ends_too(gateway: SandboxGateway) -> None:
    events: list[Event] = []

    class Recorder:
        def on_event(self, event: Event) -> None:
            events.append(event)

    async with client_of(gateway, Recorder()) as client:
        with pytest.raises(ValidationError):
            await client.apply(REQUEST, {"app_logo": "there is no such file.png"})
        with pytest.raises(ValidationError):
            await client.cancel("1\n")
    kinds = [type(event) for event in events]
    assert kinds == [CallStarted, CallEnded, CallStarted, CallEnded]
    assert [event.operation for event in events] == ["apply", "apply", "cancel", "cancel"]
    for end in events[1::2]:
        assert isinstance(end, CallEnded)
        assert (end.outcome, end.attempts, type(end.error)) == (
            Outcome.NOT_SENT,
            0,
            ValidationError,
        )


async def test_a_cancel_between_attempts_keeps_the_unknown_outcome(
    gateway: SandboxGateway,
) -> None:
    ended: list[CallEnded] = []

    class CancelsAfterTheAnswer:
        def on_event(self, event: Event) -> None:
            if isinstance(event, OutcomeResolved):
                call.cancel()
            if isinstance(event, CallEnded) and event.resolves is None:
                ended.append(event)

    gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
    async with client_of(gateway, CancelsAfterTheAnswer(), initial_delay=5) as client:
        call = asyncio.create_task(client.apply(REQUEST))
        with pytest.raises(asyncio.CancelledError):
            await call
    (end,) = ended
    assert end.outcome is Outcome.UNKNOWN
    assert isinstance(end.error, asyncio.CancelledError)


async def test_closing_the_client_does_not_clear_up_a_doubt(gateway: SandboxGateway) -> None:
    ended: list[CallEnded] = []

    class ClosesWhenLost:
        def on_event(self, event: Event) -> None:
            if isinstance(event, AttemptFailed):
                closing.append(asyncio.ensure_future(client.aclose()))
            if isinstance(event, CallEnded) and event.operation == "apply":
                ended.append(event)

    closing: list[asyncio.Future[None]] = []
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING)
    gateway.faults.add(Fault.HANG, operation="detail")
    client = client_of(gateway, ClosesWhenLost())
    with pytest.raises(ReplyLost) as caught:
        await client.apply(REQUEST)
    await asyncio.gather(*closing)
    (end,) = ended
    assert gateway.accepted("1") == 1
    assert caught.value.outcome is end.outcome is Outcome.UNKNOWN


async def test_closing_before_the_next_attempt_does_not_clear_up_a_doubt(
    gateway: SandboxGateway,
) -> None:
    ended: list[CallEnded] = []

    class ClosesBeforeTheNext:
        def on_event(self, event: Event) -> None:
            if isinstance(event, RetryScheduled) and event.resolves is None:
                closing.append(asyncio.ensure_future(client.aclose()))
            if isinstance(event, CallEnded) and event.resolves is None:
                ended.append(event)

    closing: list[asyncio.Future[None]] = []
    gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
    client = client_of(gateway, ClosesBeforeTheNext(), initial_delay=0.05)
    with pytest.raises(AuditError) as caught:
        await client.apply(REQUEST)
    await asyncio.gather(*closing)
    (end,) = ended
    assert caught.value.outcome is end.outcome is Outcome.UNKNOWN


async def test_what_a_hook_raises_leaves_the_outcome_in_doubt(
    gateway: SandboxGateway,
) -> None:
    ended: list[CallEnded] = []

    class Ends:
        def on_event(self, event: Event) -> None:
            if isinstance(event, CallEnded) and event.resolves is None:
                ended.append(event)

    async def break_off(*_: object) -> None:
        raise KeyError("a hook of the user's")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(break_off)
    config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
    async with (
        aiohttp.ClientSession(trace_configs=[trace]) as session,
        AuditClient(gateway.credentials, config, session=session, observers=[Ends()]) as client,
    ):
        with pytest.raises(ReplyLost) as caught:
            await client.apply(REQUEST)
    assert isinstance(caught.value.__cause__, KeyError)
    (end,) = ended
    assert gateway.accepted("1") == 1
    assert (end.outcome, type(end.error)) == (Outcome.UNKNOWN, ReplyLost)


PARENT: contextvars.ContextVar[str] = contextvars.ContextVar("PARENT", default="nothing")


class CancelsWhenSent:
    """Cancels a call as soon as its request has left."""

    call: asyncio.Task[Any]

    def on_event(self, event: Event) -> None:
        if isinstance(event, RequestSent) and event.label == "to be cancelled":
            self.call.cancel()


class Tracer:
    """What a tracer does: a span around each call, a parent found through a context variable."""

    def __init__(self) -> None:
        self.spans: list[str] = []
        self.ended_with: list[type[BaseException] | None] = []
        self.parents_of_signatures: list[str] = []

    def on_event(self, event: Event) -> None:
        self.spans.append(f"{PARENT.get()}: {event.event}")

    @contextlib.contextmanager
    def on_call(self, event: CallStarted) -> Iterator[None]:
        token = PARENT.set(f"{PARENT.get()}/{event.operation}")
        try:
            yield
        except BaseException as error:
            self.ended_with.append(type(error))
            raise
        else:
            self.ended_with.append(None)
        finally:
            PARENT.reset(token)


async def test_a_tracer_is_the_parent_of_what_happens_inside(gateway: SandboxGateway) -> None:
    tracer = Tracer()
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
    async with client_of(gateway, tracer) as client:
        await client.apply(REQUEST)
    assert PARENT.get() == "nothing"
    inside = "nothing/apply/detail"
    assert [span for span in tracer.spans if span.startswith(inside)] == [
        f"{inside}: call.started",
        f"{inside}: attempt.started",
        f"{inside}: request.sent",
        f"{inside}: reply.received",
        f"{inside}: call.ended",
    ]
    assert tracer.spans[0] == "nothing/apply: call.started"
    assert tracer.spans[-1] == "nothing/apply: call.ended"
    assert tracer.ended_with == [None, None]


async def test_a_tracer_sees_what_the_caller_gets(gateway: SandboxGateway) -> None:
    tracer = Tracer()
    gateway.faults.add(Fault.BAD_GATEWAY)
    canceller = CancelsWhenSent()
    async with client_of(gateway, tracer, canceller, resolve=False) as client:
        with pytest.raises(ServiceUnavailable):
            await client.apply(REQUEST)
        gateway.faults.add(Fault.HANG)
        view = client.with_options(label="to be cancelled")
        canceller.call = asyncio.create_task(view.version_detail("1"))
        with pytest.raises(asyncio.CancelledError):
            await canceller.call
    assert tracer.ended_with == [ServiceUnavailable, asyncio.CancelledError]


class Hostile:
    """A context that does whatever a context must not."""

    def __init__(self, where: str) -> None:
        self.where = where

    def on_event(self, event: Event) -> None:
        pass

    def on_call(self, _: CallStarted) -> Any:
        if self.where == "on_call":
            raise RuntimeError("on_call")
        return self if self.where != "none" else None

    def __enter__(self) -> None:
        if self.where == "enter":
            raise RuntimeError("enter")

    def __exit__(self, *_: object) -> bool:
        if self.where == "exit":
            raise RuntimeError("exit")
        if self.where == "cancels":
            raise asyncio.CancelledError
        if self.where == "exits":
            raise GeneratorExit
        return True


class HostileProperty:
    def on_event(self, event: Event) -> None:
        raise asyncio.CancelledError(event.event)

    @property
    def on_call(self) -> Any:
        raise RuntimeError("on_call")


async def test_an_observer_whose_attributes_raise_breaks_no_call(
    gateway: SandboxGateway, caplog: pytest.LogCaptureFixture
) -> None:
    tracer = Tracer()
    async with client_of(gateway, HostileProperty(), tracer) as client:
        await client.apply(REQUEST)
    told = {record.getMessage() for record in audit_records(caplog)}
    assert told == {"observer.failed HostileProperty"}
    assert tracer.spans[-1] == "nothing/apply: call.ended"


@pytest.mark.parametrize(
    "where", ["on_call", "enter", "exit", "cancels", "exits", "swallows", "none"]
)
async def test_a_context_can_neither_break_a_call_nor_swallow_its_error(
    gateway: SandboxGateway, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    tracer = Tracer()
    async with client_of(gateway, Hostile(where), tracer, attempts=1, resolve=False) as client:
        await client.apply(REQUEST)
        gateway.faults.add(Fault.BAD_GATEWAY)
        with pytest.raises(ServiceUnavailable):
            await client.version_detail("1")
    expected = 0 if where in ("swallows", "none") else 2
    told = [record.getMessage() for record in audit_records(caplog)]
    assert told == ["observer.failed Hostile"] * expected
    assert tracer.ended_with == [None, ServiceUnavailable], "the other observer is not harmed"


async def test_every_log_record_can_be_written_as_json(
    gateway: SandboxGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.faults.add(Fault.throttled(0), operation="apply")
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
    canceller = CancelsWhenSent()
    async with client_of(gateway, LoggingObserver(), canceller) as client:
        await client.with_options(label="商户 7").apply(REQUEST)
        gateway.faults.add(Fault.HANG)
        view = client.with_options(label="to be cancelled")
        canceller.call = asyncio.create_task(view.cancel("1"))
        with pytest.raises(asyncio.CancelledError):
            await canceller.call
    facts = [json.loads(json.dumps(record.audit)) for record in audit_records(caplog)]
    names = {record.getMessage().split()[0] for record in audit_records(caplog)}
    assert names == {
        "call.started",
        "attempt.started",
        "request.sent",
        "reply.received",
        "attempt.failed",
        "attempt.cancelled",
        "retry.scheduled",
        "outcome.resolved",
        "call.ended",
    }
    throttled = next(fact for fact in facts if fact.get("code"))
    assert (throttled["error"], throttled["code"]) == ("RateLimited", "app-call-limited")
    assert throttled["label"] == "商户 7"
    assert facts[-1]["outcome"] == "unknown"
    assert facts[-1]["error"] == "CancelledError"


def audit_records(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [record for record in caplog.records if record.name == "alipay_mini_audit"]


class UploadProgress:
    def __init__(self) -> None:
        self.told: list[tuple[float, BytesSent]] = []
        self.sent_at: list[float] = []

    def on_event(self, event: Event) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(event, BytesSent):
            self.told.append((now, event))
        if isinstance(event, RequestSent):
            self.sent_at.append(now)


SLOW_SIZE = 8_000_000


async def read_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take about 6 MB a second, and answer nothing."""
    received = 0
    while received < SLOW_SIZE and (piece := await reader.read(64 * 1024)):
        received += len(piece)
        await asyncio.sleep(0.01)
    writer.close()


async def test_a_slow_upload_tells_its_progress_at_most_ten_times_a_second(
    gateway: SandboxGateway,
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    progress = UploadProgress()
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
        retry=RetryPolicy(attempts=1, resolve=False),
    )
    async with (
        await asyncio.start_server(read_slowly, sock=listener, limit=64 * 1024),
        AuditClient(gateway.credentials, config, observers=[progress]) as client,
    ):
        with pytest.raises(AuditError):
            await client.apply(REQUEST, {"test_file_name": b"PK\x03\x04" + bytes(SLOW_SIZE)})
    times = [time for time, _ in progress.told]
    assert len(times) >= 3
    assert all(later - earlier >= 0.0999 for earlier, later in itertools.pairwise(times))
    assert times[-1] <= progress.sent_at[0]
    amounts = [event.sent for _, event in progress.told]
    assert amounts == sorted(set(amounts))
    (total,) = {event.total for _, event in progress.told}
    assert SLOW_SIZE < total < SLOW_SIZE + 2000
    assert 0 < amounts[0] <= amounts[-1] <= total


async def test_a_quick_call_tells_no_progress(gateway: SandboxGateway) -> None:
    progress = UploadProgress()
    async with client_of(gateway, progress) as client:
        await client.apply(REQUEST, {"app_logo": b"\x89PNG\r\n\x1a\n"})
    assert progress.told == []
    assert len(progress.sent_at) == 1
