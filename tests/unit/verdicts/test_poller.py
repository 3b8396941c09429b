import asyncio

import pytest

from alipay_mini_audit import Poll, VersionDetail
from alipay_mini_audit.batch.pace import MemoryPaceBook, Pace
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    ConfigurationError,
    ConnectionFailed,
    MalformedReply,
    RateLimited,
    ReplyLost,
    ReplyTimeout,
    ServiceUnavailable,
    SigningError,
    UntrustedReply,
)
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.verdicts import Poller, Target, Watched
from alipay_mini_audit.verdicts.poller import CONCURRENCY, is_passing

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)


def watched(number: int = 1) -> Watched:
    return Watched(target=Target(app_version=f"0.0.{number}"), poll=Poll())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionFailed("x"), True),
        (ReplyTimeout("x"), True),
        (ReplyLost("x"), True),
        (SigningError("x"), True),
        (RateLimited("app-call-limited", ""), True),
        (ServiceUnavailable("SYSTEM_ERROR", ""), True),
        (MalformedReply("a gateway's page", http_status=502), True),
        (MalformedReply("a page", http_status=200), False),
        (UntrustedReply("x"), False),
        (ApiError("APP_VERSION_IS_BLANK", ""), False),
        (ConfigurationError("client", "closed"), False),
    ],
)
def test_which_questions_are_put_again(error: AuditError, *, expected: bool) -> None:
    assert is_passing(error) is expected


async def test_few_questions_are_under_way_at_once() -> None:
    under_way, most = 0, 0

    async def ask(target: Target) -> VersionDetail:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return VersionDetail(app_version=target.app_version, meta=META)

    async with Pace(MemoryPaceBook(), ceiling=None) as pace:
        poller = Poller(pace)
        found = await asyncio.gather(*(poller.look(watched(n), ask) for n in range(100)))
    assert [detail.app_version for detail in found] == [f"0.0.{n}" for n in range(100)]
    assert most == CONCURRENCY


async def test_what_is_throttled_slows_all_of_them() -> None:
    loop, asked_at = asyncio.get_running_loop(), []

    async def ask(_: Target) -> VersionDetail:
        asked_at.append(loop.time())
        if len(asked_at) == 1:
            raise RateLimited("app-call-limited", "", retry_after=0.3)
        return VersionDetail(meta=META)

    async with Pace(MemoryPaceBook(), ceiling=None) as pace:
        poller, one = Poller(pace), watched()
        with pytest.raises(RateLimited):
            await poller.look(one, ask)
        assert one.due > loop.time()  # it is asked for again, later
        await poller.look(watched(2), ask)
    assert asked_at[1] - asked_at[0] >= 0.3
