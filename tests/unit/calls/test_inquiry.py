"""When the platform is asked, how long is waited in between, and whose clock counts."""

import asyncio
import datetime
from typing import Any

import attrs
import pytest

from alipay_mini_audit.calls.attempt import Answer
from alipay_mini_audit.calls.inquiry import Inquiry
from alipay_mini_audit.calls.resolution import Claim
from alipay_mini_audit.calls.state import Doubt
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.protocol import APPLY

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
CLAIM = Claim(operation=APPLY, about={"app_version": "1"})
NOON = datetime.datetime(2026, 11, 24, 4, 0, 0, tzinfo=datetime.UTC)
"""Noon in Beijing, and what the platform's clock says at moment 1000 of the loop."""


def answer(status: str, submitted: str | None = None, received_at: float = 1000.0) -> Answer:
    fields: dict[str, object] = {"app_version": "1", "status": status}
    if submitted is not None:
        fields["gmt_apply_audit"] = f"2026-11-24 {submitted}"
    return Answer(fields=fields, meta=META, platform_time=NOON, received_at=received_at)


def doubt(began: float = 990.0, *, arriving: bool = True, ended: float | None = None) -> Doubt:
    ended = asyncio.get_running_loop().time() if ended is None else ended
    return Doubt(began=began, ended=ended, may_still_arrive=arriving)


@attrs.define
class Platform:
    answers: list[Answer]
    waited: list[float] = attrs.Factory(list)
    can_wait: bool = True

    async def ask(self) -> Answer:
        return self.answers.pop(0)

    async def wait(self, until: float) -> bool:
        self.waited.append(until)
        return self.can_wait

    def inquiry(self, **changes: Any) -> Inquiry:
        return Inquiry(claim=CLAIM, ask=self.ask, wait=self.wait, window=5.0, **changes)


async def test_a_positive_answer_counts_at_once() -> None:
    platform = Platform([answer("AUDITING", "11:59:50")])
    found = await platform.inquiry().resolve([doubt()])
    assert found.landed is True
    assert found.answer is not None
    assert platform.waited == []


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (answer("INIT"), False),
        (answer("AUDITING", "11:59:51"), True),
        (answer("AUDITING", "11:00:00"), None),
    ],
    ids=["nothing came", "it came late", "somebody else's"],
)
async def test_a_negative_answer_is_asked_for_again_when_nothing_can_arrive_any_more(
    second: Answer, expected: bool | None
) -> None:
    platform = Platform([answer("INIT"), second])
    given_up = doubt()
    assert (await platform.inquiry().resolve([given_up])).landed is expected
    assert platform.waited == [given_up.ended + 5.0]


async def test_without_the_time_to_wait_the_outcome_stays_unknown() -> None:
    platform = Platform([answer("INIT")], can_wait=False)
    found = await platform.inquiry().resolve([doubt()])
    assert found.landed is None
    assert found.answer is not None


async def test_what_was_surely_cut_needs_no_wait() -> None:
    platform = Platform([answer("INIT")])
    assert (await platform.inquiry().resolve([doubt(arriving=False)])).landed is False
    assert platform.waited == []


async def test_a_question_that_was_put_after_the_window_needs_no_second_one() -> None:
    platform = Platform([answer("INIT")])
    assert (await platform.inquiry().resolve([doubt(ended=-10.0)])).landed is False
    assert platform.waited == []


async def test_what_was_cleared_up_before_needs_no_wait() -> None:
    platform = Platform([answer("INIT")])
    assert (await platform.inquiry().resolve([doubt()], is_in_doubt=False)).landed is False
    assert platform.waited == []


async def test_what_was_surely_cut_cannot_have_landed() -> None:
    platform = Platform([answer("AUDITING", "11:59:55")])
    assert (await platform.inquiry().resolve([doubt(arriving=False)])).landed is None


@pytest.mark.parametrize(
    ("submitted", "expected"), [("11:59:49", True), ("11:59:48", True), ("11:59:47", None)]
)
async def test_since_is_the_earliest_first_byte_by_the_platforms_clock(
    submitted: str, expected: bool | None
) -> None:
    # The first attempt began ten seconds before the answer, which says that it is noon.
    platform = Platform([answer("AUDITING", submitted)])
    found = await platform.inquiry().resolve([doubt(990.0), doubt(998.0)])
    assert found.landed is expected


async def test_what_was_surely_cut_does_not_count_as_the_earliest() -> None:
    platform = Platform([answer("AUDITING", "11:59:52")])
    found = await platform.inquiry().resolve([doubt(990.0, arriving=False), doubt(998.0)])
    assert found.landed is None


async def test_without_the_platforms_clock_nobody_can_say() -> None:
    unsure = attrs.evolve(answer("AUDITING", "11:59:55"), platform_time=None)
    assert (await Platform([unsure]).inquiry().resolve([doubt()])).landed is None


async def test_a_clock_at_the_end_of_time_is_none() -> None:
    first = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
    unsure = attrs.evolve(answer("AUDITING", "11:59:55"), platform_time=first)
    assert (await Platform([unsure]).inquiry().resolve([doubt()])).landed is None
