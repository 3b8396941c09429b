"""What a call has learnt so far never becomes more certain."""

import itertools

import pytest

from alipay_mini_audit.calls.runner import _CallState
from alipay_mini_audit.errors import CallError, Outcome, ReplyLost, SigningError

ORDER = [Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE, Outcome.REFUSED, Outcome.NOT_SENT]


def failed(outcome: Outcome) -> CallError:
    return ReplyLost("x", outcome=outcome)


@pytest.mark.parametrize("outcomes", list(itertools.product(Outcome, repeat=3)), ids=str)
def test_the_most_serious_outcome_stands(outcomes: tuple[Outcome, ...]) -> None:
    *earlier, last = outcomes
    state = _CallState(errors=[failed(each) for each in earlier], interrupted=last)
    assert state.outcome is min(outcomes, key=ORDER.index)


def test_a_call_that_has_tried_nothing_has_sent_nothing() -> None:
    assert _CallState().outcome is Outcome.NOT_SENT


def test_the_last_error_knows_the_earlier_ones_and_keeps_their_doubt() -> None:
    lost = failed(Outcome.UNKNOWN)
    refused = failed(Outcome.REFUSED)
    state = _CallState(errors=[lost, refused], attempts=2)
    last = state.finish(refused)
    assert last is refused
    assert isinstance(last, CallError)
    assert (last.earlier, last.attempts, last.outcome) == ((lost,), 2, Outcome.UNKNOWN)


def test_an_error_without_doubt_before_it_keeps_its_outcome() -> None:
    refused = failed(Outcome.REFUSED)
    state = _CallState(errors=[failed(Outcome.NOT_SENT), refused], attempts=2)
    assert state.finish(refused).outcome is Outcome.REFUSED


def test_a_signing_error_after_doubt_is_in_doubt() -> None:
    failure = SigningError("x")
    state = _CallState(errors=[failed(Outcome.UNKNOWN), failure], attempts=2)
    assert state.finish(failure).outcome is Outcome.UNKNOWN
