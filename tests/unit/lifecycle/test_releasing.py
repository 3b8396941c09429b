"""What the platform may answer that the sandbox does not."""

import asyncio
import datetime
from collections.abc import AsyncIterator
from typing import Any

import pytest

from alipay_mini_audit.lifecycle.release_policy import Halt, ReleaseKind, ReleasePolicy
from alipay_mini_audit.lifecycle.releasing import release
from alipay_mini_audit.models import ReplyMeta, Verdict, VerdictKind, VersionDetail

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
NOW = datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)


class Platform:
    """Answers one state after another, the last one for ever."""

    def __init__(self, *states: tuple[str | None, str | None]) -> None:
        self.states = list(states)
        self.submitted_at: datetime.datetime | None = None
        self.told: list[str] = []

    async def detail(self) -> VersionDetail:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return VersionDetail(
            app_version="1",
            status=state[0],
            gray_strategy=state[1],
            gmt_apply_audit=self.submitted_at,
            meta=META,
        )

    async def gray_online(self, share: str) -> None:
        self.told.append(share)

    async def gray_cancel(self) -> None:
        self.told.append("gray_cancel")

    async def online(self) -> None:
        self.told.append("online")


async def no_pause(stop: asyncio.Event, seconds: float) -> bool:
    assert seconds > 0
    return stop.is_set()


async def run(platform: Platform, policy: ReleasePolicy) -> ReleaseKind:
    verdict = Verdict(
        app_version="1", kind=VerdictKind.PASSED, status="WAIT_RELEASE", submitted_at=NOW
    )
    found = await release(platform, verdict, policy, lambda: NOW, asyncio.Event(), no_pause)
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


@pytest.mark.parametrize("is_healthy", [True, False])
@pytest.mark.parametrize("moved", [("WAIT_RELEASE", None), ("GRAY", "p50"), ("INIT", None)])
async def test_what_is_moved_while_its_health_is_asked_for_is_left_alone(
    moved: tuple[str, str | None], is_healthy: bool
) -> None:
    platform = Platform(("GRAY", "p10"))

    async def health(_: VersionDetail) -> bool:
        platform.states = [moved]
        return is_healthy

    policy = ReleasePolicy(wave=["p10", "p30"], health=health, halt=Halt.CANCEL)
    assert await run(platform, policy) is ReleaseKind.TAKEN_OVER
    assert platform.told == []


async def test_a_health_may_be_a_plain_function() -> None:
    platform = Platform(("WAIT_RELEASE", None), ("GRAY", "p10"))
    policy = ReleasePolicy(wave=["p10"], pause=0.001, health=lambda _: True)
    assert await run(platform, policy) is ReleaseKind.RELEASED
    assert platform.told == ["p10", "online"]


async def generator(_: VersionDetail) -> AsyncIterator[bool]:
    yield True


@pytest.mark.parametrize(
    "health", [generator, lambda _: None, lambda _: 1, lambda _: "no"], ids=["", "None", "1", "no"]
)
async def test_an_answer_that_is_neither_yes_nor_no_halts(health: Any) -> None:
    platform = Platform(("GRAY", "p10"))
    policy = ReleasePolicy(wave=["p10"], pause=0.001, health=health, halt=Halt.CANCEL)
    with pytest.raises(TypeError, match="health: expected True or False"):
        await run(platform, policy)
    assert platform.told == ["gray_cancel"]


async def test_what_is_moved_is_left_alone_by_a_health_that_raises() -> None:
    platform = Platform(("GRAY", "p10"))

    async def health(_: VersionDetail) -> bool:
        platform.states = [("GRAY", "p50")]
        raise LookupError

    policy = ReleasePolicy(wave=["p10", "p30"], health=health, halt=Halt.CANCEL)
    with pytest.raises(LookupError):
        await run(platform, policy)
    assert platform.told == []


@pytest.mark.parametrize("share", ["p10", "p50"])
async def test_a_share_that_somebody_else_has_set_is_left_alone(share: str) -> None:
    platform = Platform(("GRAY", "p30"), ("GRAY", share))
    assert await run(platform, ReleasePolicy(wave=["p30", "p50"])) is ReleaseKind.TAKEN_OVER
    assert platform.told == []


@pytest.mark.parametrize("status", ["WAIT_RELEASE", "GRAY"])
async def test_what_was_submitted_again_since_its_verdict_is_left_alone(status: str) -> None:
    platform = Platform((status, "p10"))
    platform.submitted_at = NOW + datetime.timedelta(hours=1)
    assert await run(platform, ReleasePolicy()) is ReleaseKind.TAKEN_OVER
    assert platform.told == []
