"""Whenever messages come, the number of questions stays under the bound that is stated."""

from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit import Poll, Verdict, VerdictKind
from alipay_mini_audit.models import AuditRecord, Memo
from alipay_mini_audit.verdicts import Target, Watched

TEXTS = st.none() | st.text(max_size=5)
LISTS = st.lists(st.text(max_size=5), max_size=3)
MEMOS = st.builds(Memo, memo=TEXTS, memo_image_list=LISTS)
RECORDS = st.none() | st.builds(AuditRecord, audit_images=LISTS, memos=st.lists(MEMOS, max_size=3))
SECONDS = st.floats(0.1, 5000)
POLLS = st.builds(Poll, SECONDS, st.floats(0.5, 4), SECONDS)


def questions(poll: Poll, seconds: float, messages: list[float], *, is_certain: bool) -> int:
    """Count what is asked in so many seconds, if nothing but a message changes anything."""
    watched = Watched(target=Target(app_version="1.0.0"), poll=poll)
    now, count, left = 0.0, 0, sorted(messages)
    while True:
        due = max(watched.due, now)
        if left and left[0] <= due:
            now = max(now, left.pop(0))
            watched.rang(now, is_certain=is_certain)
            continue
        if due > seconds:
            return count
        now = due
        watched.asking()
        count += 1
        watched.asked(now)


@given(POLLS, st.floats(0, 100_000), st.lists(st.floats(0, 100_000), max_size=8))
def test_a_message_costs_two_questions_at_the_most(
    poll: Poll, seconds: float, messages: list[float]
) -> None:
    longest = 300 * poll.first
    asked = questions(poll, min(seconds, longest), messages, is_certain=True)
    assert asked <= poll.questions(min(seconds, longest)) + 2 * len(messages)


@given(POLLS, st.floats(1, 300))
def test_messages_that_may_be_about_others_never_flood(poll: Poll, intervals: float) -> None:
    seconds = intervals * poll.first
    flood = [seconds * number / 500 for number in range(500)]
    asked = questions(poll, seconds, flood, is_certain=False)
    assert asked <= 3 * poll.questions(seconds)


@given(RECORDS, RECORDS, TEXTS)
def test_a_verdict_comes_back_from_its_journal(
    base: AuditRecord | None, promote: AuditRecord | None, reason: str | None
) -> None:
    verdict = Verdict(
        app_version="1.0.0",
        kind=VerdictKind.REJECTED,
        status="AUDIT_REJECT",
        reject_reason=reason,
        base_audit_record=base,
        promote_audit_record=promote,
    )
    again = Verdict.from_json(verdict.to_json())
    assert (again.reasons, again.pictures) == (verdict.reasons, verdict.pictures)
    assert len(set(verdict.pictures)) == len(verdict.pictures)
