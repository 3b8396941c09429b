"""Hundreds of calls through random faults and random cancellations.

Never two, never lost, nothing left open. The long form:
`APPLIES=5000 python -m pytest tests/integration/test_chaos.py`.
"""

import asyncio
import math
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from alipay_mini_audit import (
    ApplyReply,
    Attachments,
    AuditApply,
    AuditClient,
    CallError,
    ClientConfig,
    Outcome,
    Preflight,
    RetryPolicy,
    Timeouts,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

FAULTS = [
    Fault.RESET,
    Fault.CLOSE_BEFORE_READING,
    Fault.close_in_body(700),
    Fault.CLOSE_AFTER_BODY,
    Fault.CLOSE_AFTER_ACCEPTING,
    Fault.HANG,
    Fault.HANG_AFTER_ACCEPTING,
    Fault.slow_answer(0.02),
    Fault.CUT_ANSWER,
    Fault.UNSIGNED,
    Fault.WRONGLY_SIGNED,
    Fault.HTML_413,
    Fault.BAD_GATEWAY,
    Fault.INTERNAL_ERROR,
    Fault.INTERNAL_ERROR_AFTER_ACCEPTING,
    Fault.throttled(0),
    Fault.clock_skew(3600),
]
APPLIES = int(os.environ.get("APPLIES", "400"))
LIMITS = Timeouts(connect=5, stall=5, reply=0.25, total=20)


@pytest.fixture
def files(tmp_path: Path) -> Attachments:
    pictures = [tmp_path / f"{i}.png" for i in range(2)]
    for picture in pictures:
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(3000))
    return Attachments(screen_shots=pictures)


@attrs.define
class Storm:
    """Makes a third of all requests fail, each time the same for the same seed and order."""

    randomness: random.Random
    gateway: SandboxGateway

    def gather(self, requests: int) -> None:
        for number in range(1, requests + 1):
            if self.randomness.random() < 0.33:
                self.gateway.faults.add(self.randomness.choice(FAULTS), call=number)


@pytest.mark.timeout(110)
async def test_applies_through_random_faults_are_accepted_once_or_not_at_all(
    files: Attachments, material: Material
) -> None:
    asyncio.get_running_loop().set_debug(False)
    ends: dict[str, ApplyReply | CallError] = {}
    async with SandboxGateway(strict=False, material=material) as gateway:
        Storm(random.Random(20261125), gateway).gather(APPLIES * 5 // 2)
        config = ClientConfig(
            preflight=Preflight.OFF,
            base_url=gateway.base_url,
            timeouts=LIMITS,
            retry=RetryPolicy(attempts=4, initial_delay=0.001, unknown_window=0.05),
        )
        async with AuditClient(gateway.credentials, config) as client:
            versions = iter(range(APPLIES))

            async def work() -> None:
                for number in versions:
                    request = AuditApply(
                        app_version=f"1.0.{number}", version_desc="A version in a storm."
                    )
                    try:
                        ends[f"1.0.{number}"] = await client.apply(request, files)
                    except CallError as error:
                        ends[f"1.0.{number}"] = error

            await asyncio.gather(*(work() for _ in range(16)))
        accepted = Counter(found.app_version for found in gateway.submissions)
    assert len(ends) == APPLIES
    assert max(accepted.values()) == 1
    for version, end in ends.items():
        if isinstance(end, ApplyReply) or end.outcome is Outcome.ACCEPTED_UNREADABLE:
            assert accepted[version] == 1, version
        elif end.outcome in (Outcome.NOT_SENT, Outcome.REFUSED):
            assert accepted[version] == 0, (version, end)
    replies = [end for end in ends.values() if isinstance(end, ApplyReply)]
    assert len(replies) > 0.75 * APPLIES
    assert sum(reply.meta.resolved for reply in replies) > 0.05 * APPLIES
    assert sum(reply.meta.attempts > 1 for reply in replies) > 0.05 * APPLIES


@pytest.mark.timeout(110)
async def test_cancelling_five_hundred_times_leaves_nothing_open_and_a_client_that_works(
    files: Attachments, material: Material, open_files: Callable[[], int]
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_debug(False)
    randomness = random.Random(20261124)
    tasks, before, cancelled = asyncio.all_tasks(), open_files(), 0
    async with SandboxGateway(strict=False, material=material) as gateway:
        config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url, timeouts=LIMITS)
        async with AuditClient(gateway.credentials, config) as client:

            async def apply(version: str) -> ApplyReply:
                request = AuditApply(app_version=version, version_desc="A version in a storm.")
                return await client.apply(request, files)

            quickest = math.inf
            for number in range(20):
                started = loop.time()
                await apply(f"1.0.{number}")
                quickest = min(quickest, loop.time() - started)
            Storm(randomness, gateway).gather(600)
            for number in range(500):
                call = asyncio.create_task(apply(f"2.0.{number}"))
                await asyncio.sleep(randomness.random() * 2 * quickest)
                call.cancel()
                (end,) = await asyncio.gather(call, return_exceptions=True)
                cancelled += isinstance(end, asyncio.CancelledError)
            gateway.faults.clear()
            assert (await apply("3.0.0")).meta.attempts == 1
        accepted = Counter(found.app_version for found in gateway.submissions)
    assert cancelled > 200
    assert max(accepted.values()) == 1
    assert asyncio.all_tasks() == tasks
    assert open_files() == before
