"""Each state of the platform against what it means, and when the next question is due."""

import datetime

import pytest

from alipay_mini_audit import Poll, VerdictKind, VersionDetail, VersionStatus
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.verdicts import Target, Watched
from alipay_mini_audit.verdicts.watched import kind_of

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
NOON = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)
MEANING = {
    "INIT": VerdictKind.WITHDRAWN,
    "AUDITING": None,
    "WAIT_RELEASE": VerdictKind.PASSED,
    "BASE_AUDIT_PASS": VerdictKind.PASSED,
    "AUDIT_REJECT": VerdictKind.REJECTED,
    "PROMOTE_AUDIT_REJECT": VerdictKind.REJECTED,
    "RELEASE": VerdictKind.PASSED,
    "GRAY": VerdictKind.PASSED,
    "OFFLINE": VerdictKind.TAKEN_OVER,
    "AUDIT_OFFLINE": VerdictKind.TAKEN_OVER,
}


def answer(
    status: str | None, submitted: datetime.datetime | None = NOON, **more: object
) -> VersionDetail:
    return VersionDetail(status=status, gmt_apply_audit=submitted, meta=META, **more)  # type: ignore[arg-type]


def watched(**more: object) -> Watched:
    target = Target(app_version="1.0.0")
    return Watched(target=target, poll=Poll(60, 2, 240), **more)  # type: ignore[arg-type]


def test_each_state_has_a_meaning() -> None:
    assert set(MEANING) == set(VersionStatus.__members__)
    assert {status: kind_of(answer(status)) for status in MEANING} == MEANING
    assert kind_of(answer("A_STATUS_OF_TOMORROW")) is None
    assert kind_of(answer(None)) is None
    assert kind_of(answer("PROMOTE_AUDIT_REJECT", can_release=True)) is VerdictKind.PASSED


def test_what_was_in_audit_and_is_in_development_was_withdrawn() -> None:
    one = watched()
    assert one.saw(answer("AUDITING")) is None
    verdict = one.saw(answer("INIT"))
    assert verdict is not None
    assert verdict.kind is VerdictKind.WITHDRAWN


def looked(one: Watched, now: float, detail: VersionDetail) -> VerdictKind | None:
    one.asking()
    one.asked(now)
    verdict = one.saw(detail)
    return None if verdict is None else verdict.kind


def test_what_was_just_submitted_may_still_seem_in_development() -> None:
    one = watched()
    assert looked(one, 5.0, answer("INIT", None)) is None
    assert looked(one, 65.0, answer("AUDITING")) is None
    twice = watched()
    assert looked(twice, 5.0, answer("INIT", None)) is None
    twice.rang(5.1, is_certain=True)
    assert looked(twice, 5.1, answer("INIT", None)) is None, "a message makes it no surer"
    assert looked(twice, 64.9, answer("INIT", None)) is None
    assert looked(twice, 65.0, answer("INIT", None)) is VerdictKind.WITHDRAWN


@pytest.mark.parametrize("submitted", [None, NOON - datetime.timedelta(hours=3)])
def test_a_machine_that_lags_makes_no_withdrawal(submitted: datetime.datetime | None) -> None:
    one = watched()
    assert looked(one, 0.0, answer("INIT", submitted)) is None
    assert looked(one, 5.0, answer("AUDITING")) is None
    assert looked(one, 65.0, answer("INIT", submitted)) is None, "as before it was submitted"
    assert looked(one, 70.0, answer("WAIT_RELEASE")) is VerdictKind.PASSED
    other = watched()
    assert looked(other, 5.0, answer("AUDITING")) is None
    assert looked(other, 65.0, answer("INIT", submitted)) is None
    assert looked(other, 185.0, answer("INIT", submitted)) is VerdictKind.WITHDRAWN


@pytest.mark.parametrize("status", ["AUDITING", "WAIT_RELEASE", "AUDIT_REJECT", "OFFLINE"])
def test_an_earlier_submission_may_still_be_shown(status: str) -> None:
    before = answer(status, NOON - datetime.timedelta(minutes=1))
    for given in ({"earliest": NOON}, {"since": NOON}):
        one = watched(**given)
        assert looked(one, 5.0, before) is None
        assert looked(one, 6.0, before) is None
        assert looked(one, 65.0, answer("AUDIT_REJECT")) is VerdictKind.REJECTED
        other = watched(**given)
        assert looked(other, 5.0, before) is None
        assert looked(other, 65.0, before) is VerdictKind.TAKEN_OVER


@pytest.mark.parametrize("status", ["AUDITING", "WAIT_RELEASE", "AUDIT_REJECT", "RELEASE"])
def test_what_was_submitted_again_since_is_taken_over(status: str) -> None:
    one = watched()
    assert one.saw(answer("AUDITING")) is None
    verdict = one.saw(answer(status, NOON + datetime.timedelta(seconds=1)))
    assert verdict is not None
    assert verdict.kind is VerdictKind.TAKEN_OVER


@pytest.mark.parametrize(("minutes", "is_ours"), [(-1, False), (0, True), (5, True), (6, False)])
def test_the_first_answer_has_to_be_about_what_was_sent(minutes: int, *, is_ours: bool) -> None:
    one = watched(earliest=NOON, latest=NOON + datetime.timedelta(minutes=5))
    detail = answer("WAIT_RELEASE", NOON + datetime.timedelta(minutes=minutes))
    kind = looked(one, 0.0, detail) or looked(one, 60.0, detail)
    assert (kind is VerdictKind.PASSED) == is_ours


def test_silence_makes_the_intervals_grow() -> None:
    one, now, found = watched(), 1000.0, []
    assert one.due <= now
    for _ in range(6):
        one.asking()
        one.asked(now)
        found.append(one.due - now)
        now = one.due
    assert found == [60, 120, 240, 240, 240, 240]


def test_a_message_costs_two_questions_and_leaves_the_others_where_they_are() -> None:
    one = watched()
    for now in (0.0, 60.0, 180.0):
        one.asking()
        one.asked(now)
    assert one.due == 420
    assert one.rang(200.0, is_certain=True)
    assert one.due == 200
    one.asking()
    one.asked(200.0)
    assert one.due == 260  # the state may show it later
    one.asking()
    one.asked(260.0)
    assert one.due == 420


def test_a_message_while_the_platform_is_asked_makes_the_answer_an_old_one() -> None:
    one = watched()
    one.asking()
    one.rang(0.5, is_certain=True)
    one.asked(1.0)
    assert one.due == 1.0


def test_messages_that_may_be_about_another_are_heeded_once_between_two_questions() -> None:
    one = watched()
    one.asking()
    one.asked(0.0)
    assert one.rang(1.0, is_certain=False)
    one.asking()
    one.asked(1.0)
    assert not any(one.rang(2.0 + second, is_certain=False) for second in range(50))
    assert one.rang(55.0, is_certain=True)
    one.asking()
    one.asked(60.0)
    assert one.rang(61.0, is_certain=False)
