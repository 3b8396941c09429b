"""The judge's count in its short form; `support.judge` says how to run the long one."""

from collections import Counter
from collections.abc import Sequence

import attrs
import pytest
from support.judge import failures, play, report
from support.judge_story import AFTER, BEFORE, make_story
from support.judge_verdict import Claim, Deed, End, judge

from alipay_mini_audit import Outcome
from alipay_mini_audit.sandbox import Fault

SEED = 20261125
CALLS = 150
PLACE = ("merchant", "1.0.0")
OURS, THEIRS, UNDONE = "call 0.0.1", "another", "undone"


def claim(**told: object) -> Claim:
    """A call that ended as told, of which the event says the same."""
    common = {"mark": OURS, "operation": "apply", "place": PLACE, "told": told.get("outcome")}
    return Claim(**(common | told))


def deeds(*marks: str) -> list[Deed]:
    """What the platform did: accepted a call, or refused it if its mark begins with a minus."""
    return [
        Deed(
            place=PLACE,
            mark=mark.removeprefix("-"),
            accepted=not mark.startswith("-"),
            ends_audit=mark == UNDONE,
        )
        for mark in marks
    ]


def error(outcome: Outcome, **told: object) -> Claim:
    return claim(end=End.ERROR, outcome=outcome, **told)


def left(outcome: Outcome | None, **told: object) -> Claim:
    return claim(end=End.LEFT, outcome=outcome, **told)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [0, 1], ids=["asyncio", "uvloop"])
def test_every_call_is_told_the_truth_whatever_goes_wrong(number: int) -> None:
    result = play(SEED, number, CALLS)
    ends = Counter((claim.end, claim.outcome) for claim in result.claims)
    assert len(result.claims) >= CALLS
    # On a machine that others load more calls are late; there must be some of each kind.
    assert ends[End.REPLY, None] >= CALLS // 20, ends
    assert ends[End.ERROR, Outcome.UNKNOWN] >= CALLS // 50, ends
    assert ends[End.ERROR, Outcome.REFUSED] >= 1, ends
    assert any(claim.end is End.LEFT for claim in result.claims)
    assert failures([result]) == 0, "\n".join([f"seed {SEED}", *report([result])])


@pytest.mark.parametrize(
    ("told", "done"),
    [
        (claim(end=End.REPLY), [OURS]),
        (claim(end=End.REPLY, is_resolved=True), [OURS, UNDONE, THEIRS]),
        (error(Outcome.REFUSED), ["-" + OURS]),
        (error(Outcome.REFUSED), [THEIRS, "-" + OURS]),
        (error(Outcome.NOT_SENT, is_repeatable=True), []),
        (error(Outcome.ACCEPTED_UNREADABLE), [OURS]),
        (error(Outcome.UNKNOWN), []),
        (error(Outcome.UNKNOWN, is_asked_later=True, landed_later=True), [OURS]),
        (error(Outcome.UNKNOWN, is_asked_later=True), [OURS]),
        (error(Outcome.UNKNOWN, is_asked_later=True, landed_later=False), [THEIRS]),
        (left(Outcome.UNKNOWN), [OURS]),
        (left(Outcome.NOT_SENT), []),
        (left(None, is_started=False, is_told=False, has_note=False), []),
        (claim(end=End.REPLY, operation="cancel", is_resolved=True), [THEIRS, UNDONE]),
    ],
)
def test_the_judge_finds_nothing_where_the_truth_was_told(told: Claim, done: Sequence[str]) -> None:
    assert judge([told], deeds(*done)) == []


@pytest.mark.parametrize(
    ("told", "done", "kind"),
    [
        (
            claim(end=End.REPLY),
            [],
            "success that the platform does not have from it (read a reply)",
        ),
        (
            claim(end=End.REPLY, is_resolved=True),
            [THEIRS, "-" + OURS],
            "success that the platform does not have from it (asked the platform)",
        ),
        (error(Outcome.NOT_SENT), [OURS], "NOT_SENT though accepted"),
        (error(Outcome.REFUSED), [OURS, UNDONE, THEIRS], "REFUSED though accepted"),
        (left(Outcome.NOT_SENT), [OURS], "NOT_SENT though accepted"),
        (
            error(Outcome.ACCEPTED_UNREADABLE),
            ["-" + OURS],
            "ACCEPTED_UNREADABLE though not accepted",
        ),
        (claim(end=End.REPLY), [OURS, UNDONE, "-" + OURS], "sent again though accepted"),
        (error(Outcome.UNKNOWN, is_repeatable=True), [OURS], "repeatable though accepted"),
        (claim(end=End.FOREIGN), [], "raised what is not of the tree"),
        (claim(end=End.HUNG), [], "did not end"),
        (error(Outcome.UNKNOWN, is_told=False), [], "ended without CallEnded"),
        (
            error(Outcome.UNKNOWN, told=Outcome.REFUSED),
            [],
            "CallEnded has another outcome than the caller",
        ),
        (left(None), [], "CallEnded of a cancelled call has no outcome"),
        (
            left(Outcome.UNKNOWN, has_note=False),
            [],
            "the CancelledError has no note with the outcome",
        ),
        (
            left(None, is_started=False, is_told=False),
            [OURS],
            "arrived without having started",
        ),
        (
            error(Outcome.UNKNOWN, is_asked_later=True, landed_later=True),
            [THEIRS],
            "resolve_apply says landed, and it had not",
        ),
        (
            error(Outcome.UNKNOWN, is_asked_later=True, landed_later=False),
            [OURS],
            "resolve_apply says not landed, and it had",
        ),
    ],
)
def test_the_judge_finds_each_kind_of_lie(told: Claim, done: Sequence[str], kind: str) -> None:
    (found,) = judge([told], deeds(*done))
    assert (found.kind, found.mark, found.beyond) == (f"apply: {kind}", OURS, False)


def test_the_judge_tells_apart_what_no_client_could_know() -> None:
    twice = claim(end=End.REPLY, seems_lost=True)
    found = judge([twice], deeds(OURS, UNDONE, OURS))
    assert {each.kind for each in found} == {
        "apply: sent again though accepted",
        "apply: accepted twice by one call",
    }
    assert all(each.beyond for each in found)
    asked_later = error(Outcome.UNKNOWN, is_asked_later=True, landed_later=False)
    assert [each.beyond for each in judge([asked_later], deeds(OURS, UNDONE))] == [True]
    # Without a question of its own it could have known; and a new submission shows its time.
    assert not any(each.beyond for each in judge([claim(end=End.REPLY)], deeds(OURS, UNDONE, OURS)))
    cancelled = claim(end=End.REPLY, seems_lost=True, operation="cancel")
    done = deeds(OURS, THEIRS, OURS)
    assert all(each.beyond for each in judge([cancelled], done)), "in the same second"
    done[1] = attrs.evolve(done[1], second=1)
    assert not any(each.beyond for each in judge([cancelled], done))


def test_every_fault_of_the_sandbox_is_among_the_treatments() -> None:
    made = {"close_in_body", "slow_answer", "clock_skew", "throttled"}
    constants = {name for name in vars(Fault) if name.isupper() and name[0] != "_"}
    # A change of certificate belongs to a round, not to a request.
    assert {fault.name for fault in (*BEFORE, *AFTER)} == (constants | made) - {
        "CERTIFICATE_CHANGE"
    }


def test_a_story_is_the_same_for_the_same_seed() -> None:
    one, other = make_story(SEED, 3, 141), make_story(SEED, 3, 141)
    assert one == other
    assert [one.next_treatment() for _ in range(9)] == [other.next_treatment() for _ in range(9)]
    assert make_story(SEED + 1, 3, 141) != one


def test_a_withdrawal_is_a_lie_while_the_version_is_in_audit() -> None:
    told = claim(end=End.REPLY, operation="cancel", is_resolved=True)
    (found,) = judge([told], deeds(THEIRS))
    assert found.kind == (
        "cancel: success that the platform does not have from it (asked the platform)"
    )
