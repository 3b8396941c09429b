"""What the platform may answer that the sandbox does not."""

import asyncio
import datetime

import pytest

from alipay_mini_audit.lifecycle.release import ReleaseKind, ReleasePolicy
from alipay_mini_audit.lifecycle.releasing import release
from alipay_mini_audit.models import ReplyMeta, Verdict, VerdictKind, VersionDetail

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
NOW = datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)


class Platform:
    """Answers one state after another, the last one for ever."""

    def __init__(self, *states: tuple[str | None, str | None]) -> None:
        self.states = list(states)
        self.told: list[str] = []

    async def detail(self) -> VersionDetail:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return VersionDetail(app_version="1", status=state[0], gray_strategy=state[1], meta=META)

    async def gray_online(self, share: str) -> None:
        self.told.append(share)

    async def gray_cancel(self) -> None:
        self.told.append("gray_cancel")

    async def online(self) -> None:
        self.told.append("online")


async def run(platform: Platform, policy: ReleasePolicy) -> ReleaseKind:
    verdict = Verdict(app_version="1", kind=VerdictKind.PASSED, status="WAIT_RELEASE")
    found = await release(platform, verdict, policy, lambda: NOW, asyncio.Event())
    return found.kind


@pytest.mark.parametrize("share", ["p70", ""])
async def test_a_share_that_nobody_knows_is_left_alone(share: str) -> None:
    platform = Platform(("GRAY", share))
    policy = ReleasePolicy(wave=["p10"], pause=0.001)
    assert await run(platform, policy) is ReleaseKind.TAKEN_OVER
    assert platform.told == []


@pytest.mark.parametrize("status", [None, "FROZEN", "INIT", "AUDITING"])
async def test_a_state_from_which_nothing_goes_online_is_left_alone(status: str | None) -> None:
    platform = Platform((status, None))
    assert await run(platform, ReleasePolicy()) is ReleaseKind.TAKEN_OVER
    assert platform.told == []


async def test_an_answer_without_the_share_is_no_smaller_one() -> None:
    platform = Platform(("WAIT_RELEASE", None), ("GRAY", None))
    policy = ReleasePolicy(wave=["p10", "p30"], pause=0.001)
    assert await run(platform, policy) is ReleaseKind.RELEASED
    assert platform.told == ["p10", "p30", "online"]


async def test_what_was_answered_counts_before_the_list_shows_it() -> None:
    platform = Platform(("WAIT_RELEASE", None))
    assert await run(platform, ReleasePolicy()) is ReleaseKind.RELEASED
    assert platform.told == ["online"]
