"""Waits with a platform that is played by the test, and the time of the event loop."""

import asyncio
from collections import Counter

import pytest

from alipay_mini_audit import (
    ApiError,
    ConfigurationError,
    Inbox,
    Poll,
    ReplyLost,
    Verdict,
    VerdictKind,
    VerdictPending,
    VersionDetail,
)
from alipay_mini_audit.batch.pace import MemoryPaceBook, Pace
from alipay_mini_audit.errors import AuditError
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.notifications import AuditPassed
from alipay_mini_audit.verdicts import Poller, Target, Watched, wait_for

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
NEVER = Poll(3600.0)


class Played:
    """A platform: a status or an error for each question, the last of them again and again."""

    def __init__(self, *answers: str | AuditError) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, target: Target) -> VersionDetail:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await asyncio.sleep(0)
        if isinstance(found, AuditError):
            raise found
        return VersionDetail(app_version=target.app_version, status=found, meta=META)


def poller() -> Poller:
    return Poller(Pace(MemoryPaceBook(), ceiling=None))


def watched(poll: Poll, version: str = "1.0.0") -> Watched:
    return Watched(target=Target(app_version=version, mini_app_id="app"), poll=poll)


async def wait(
    platform: Played, poll: Poll, inbox: Inbox | None = None, seconds: float | None = None
) -> Verdict:
    return await wait_for(poller(), watched(poll), platform, inbox, seconds)


async def test_silence_is_filled_with_questions() -> None:
    platform = Played("AUDITING", ReplyLost("x"), "AUDITING", "WAIT_RELEASE")
    verdict = await wait(platform, Poll(0.01, 1.0))
    assert (verdict.kind, verdict.status) == (VerdictKind.PASSED, "WAIT_RELEASE")
    assert platform.asked == 4


async def test_a_message_ends_the_wait_for_the_next_question() -> None:
    platform, inbox = Played("AUDITING", "AUDIT_REJECT"), Inbox()
    waiting = asyncio.create_task(wait(platform, NEVER, inbox))
    while platform.asked < 1:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.001)
    inbox.put(AuditPassed(notify_id="n", mini_app_id="app"))  # and is not believed
    assert (await waiting).kind is VerdictKind.REJECTED
    assert platform.asked == 2


async def test_a_message_that_came_before_counts() -> None:
    platform, inbox = Played("AUDITING", "WAIT_RELEASE"), Inbox()
    inbox.put(AuditPassed(notify_id="n", mini_app_id="app"))
    poll = Poll(0.05, 100.0, 3600.0)
    await asyncio.wait_for(wait(platform, poll, inbox), 10)


async def test_what_fails_for_good_is_raised() -> None:
    platform = Played(ReplyLost("x"), ApiError("APP_VERSION_IS_BLANK", ""))
    with pytest.raises(ApiError):
        await wait(platform, Poll(0.01))


async def test_the_end_of_patience_tells_what_was_last_seen() -> None:
    platform = Played("AUDITING", ReplyLost("x"))
    with pytest.raises(VerdictPending) as raised:
        await wait(platform, Poll(0.01, 1.0), seconds=0.1)
    assert raised.value.last is not None
    assert raised.value.last.status == "AUDITING"
    assert isinstance(raised.value.failure, ReplyLost)
    assert raised.value.__cause__ is None


async def test_closing_and_cancelling_leave_nothing() -> None:
    platform, inbox, shared = Played("AUDITING"), Inbox(), poller()
    before = asyncio.all_tasks()
    waits = [
        asyncio.create_task(wait_for(shared, watched(NEVER, f"1.0.{n}"), platform, inbox, None))
        for n in range(50)
    ]
    while platform.asked < 50:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.001)
    for each in waits[:25]:
        each.cancel()
    shared.close()
    ended = await asyncio.gather(*waits, return_exceptions=True)
    kinds = Counter(type(each) for each in ended)
    assert kinds == {asyncio.CancelledError: 25, ConfigurationError: 25}
    assert asyncio.all_tasks() == before
    assert not inbox._rings
    with pytest.raises(ConfigurationError):
        await wait_for(shared, watched(NEVER), platform, inbox, None)
    assert platform.asked == 50


async def test_a_thousand_silent_waits_stay_under_the_bound() -> None:
    asyncio.get_running_loop().set_debug(False)
    poll, shared, platform = Poll(0.2, 2.0, 0.8), poller(), Played("AUDITING")
    waits = [wait_for(shared, watched(poll, f"1.0.{n}"), platform, None, 1.5) for n in range(1000)]
    ended = await asyncio.gather(*waits, return_exceptions=True)
    assert {type(each) for each in ended} == {VerdictPending}
    assert 0 < platform.asked <= 1000 * poll.questions(1.5)
