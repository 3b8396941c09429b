"""The way of a call with a transport that is a function: limits, waits, what must not escape."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from alipay_mini_audit.calls.call import CallOptions, CallSpec
from alipay_mini_audit.calls.runner import CallRunner
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import (
    CallError,
    ConfigurationError,
    ConnectionFailed,
    Outcome,
    RateLimited,
    SendInterrupted,
)
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.protocol import APPLY, CANCEL, RawReply
from alipay_mini_audit.retry import RetryPolicy
from alipay_mini_audit.transport import Phase, Progress
from alipay_mini_audit.transport.places import Places

SPEC = CallSpec(operation=CANCEL, about={"app_version": "1"}, fields={"app_version": "1"})


class Line:
    """A transport whose peer is a function."""

    def __init__(self, send: Callable[[Progress], Awaitable[RawReply]]) -> None:
        self._send = send
        self.calls = 0
        self.place = Places(4).place

    def check(self) -> None:
        pass

    async def send(self, _: object, __: object, ___: object, ____: float, p: Progress) -> RawReply:
        self.calls += 1
        return await self._send(p)


class Signs:
    async def sign(self, _: bytes) -> bytes:
        return b"signature"


class Believes:
    def verify(self, *_: object, **__: object) -> None:
        pass


def runner_of(line: Any) -> CallRunner:
    credentials = Credentials(app_id="2021", signer=Signs(), verifier=Believes())
    return CallRunner(credentials, line, UploadResources(buffers=BufferPool(1024)), [])


def options(*, total: float = 5.0, **policy: Any) -> CallOptions:
    return CallOptions(Timeouts(total=total), RetryPolicy(**policy))


async def unreachable(_: Progress) -> RawReply:
    raise ConnectionFailed("no")


async def test_attempts_are_counted_and_the_time_is_that_of_the_whole_call() -> None:
    replies = iter([RawReply(429, {}, b""), RawReply(200, {"alipay-signature": "c2ln"}, b"{}")])

    async def answer(_: Progress) -> RawReply:
        return next(replies)

    line = Line(answer)
    answer_of_call = await runner_of(line).run(SPEC, options(initial_delay=0.1))
    assert (answer_of_call.meta.attempts, line.calls) == (2, 2)
    assert 0.05 <= answer_of_call.meta.elapsed < 1


@pytest.mark.parametrize(
    ("phase", "outcome"), [(Phase.CONNECTING, Outcome.NOT_SENT), (Phase.WAITING, Outcome.UNKNOWN)]
)
async def test_nothing_escapes_the_tree_and_its_outcome_is_that_of_its_phase(
    phase: Phase, outcome: Outcome
) -> None:
    async def break_down(progress: Progress) -> RawReply:
        progress.phase = phase
        raise KeyError("canary")

    with pytest.raises(CallError) as caught:
        await runner_of(Line(break_down)).run(SPEC, options(attempts=1, resolve=False))
    assert caught.value.outcome is outcome
    assert isinstance(caught.value.__cause__, KeyError)
    assert "canary" not in str(caught.value)


async def test_closing_ends_the_wait_for_the_next_attempt() -> None:
    runner = runner_of(Line(unreachable))
    call = asyncio.create_task(runner.run(SPEC, options(total=90, initial_delay=60, max_delay=60)))
    await asyncio.sleep(0.02)
    await runner.aclose()
    with pytest.raises(ConnectionFailed):
        await asyncio.wait_for(call, 1)


class Hanging:
    """A source whose size is long in coming."""

    filename = "a.png"

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    @property
    def size(self) -> int:
        self.may_go_on.wait(10)
        return 1

    def open(self) -> Any:
        raise AssertionError("nothing is sent")


def submission(source: Hanging) -> CallSpec:
    return CallSpec(operation=APPLY, fields={}, attachments={"app_logo": source})


async def test_the_look_at_the_files_belongs_to_the_call() -> None:
    source = Hanging()
    started = time.monotonic()
    with pytest.raises(SendInterrupted) as caught:
        await runner_of(Line(unreachable)).run(submission(source), options(total=0.2))
    assert time.monotonic() - started < 2
    assert caught.value.outcome is Outcome.NOT_SENT
    source.may_go_on.set()


async def test_a_throttled_call_ends_before_a_wait_that_its_total_does_not_allow() -> None:
    async def throttle(_: Progress) -> RawReply:
        return RawReply(429, {"retry-after": "60"}, b"")

    with pytest.raises(RateLimited) as caught:
        await runner_of(Line(throttle)).run(SPEC, options(total=1))
    assert caught.value.attempts == 1


async def test_closing_ends_the_look_at_the_files() -> None:
    source, runner = Hanging(), runner_of(Line(unreachable))
    call = asyncio.create_task(runner.run(submission(source), options(total=90)))
    await asyncio.sleep(0.05)
    runner.stop_waiting()
    with pytest.raises(ConfigurationError) as caught:
        await asyncio.wait_for(call, 2)
    assert caught.value.code == "closed"
    source.may_go_on.set()
