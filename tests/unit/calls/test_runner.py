"""What a call has learnt so far never becomes more certain."""

import itertools
from collections.abc import Callable

import pytest

from alipay_mini_audit.calls.runner import _CallState
from alipay_mini_audit.errors import (
    AuditError,
    CallError,
    ConfigurationError,
    Outcome,
    ReplyLost,
    SigningError,
)

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
    assert (last.earlier, last.attempts) == ((lost,), 2)
    state.temper(last)
    assert last.outcome is Outcome.UNKNOWN


def test_an_error_without_doubt_before_it_keeps_its_outcome() -> None:
    refused = failed(Outcome.REFUSED)
    state = _CallState(errors=[failed(Outcome.NOT_SENT), refused], attempts=2)
    state.temper(state.finish(refused))
    assert refused.outcome is Outcome.REFUSED


@pytest.mark.parametrize("doubt", [Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE])
@pytest.mark.parametrize(
    "make",
    [
        lambda: SigningError("x"),
        lambda: ConfigurationError("client", "it is closed."),
        lambda: failed(Outcome.NOT_SENT),
        lambda: failed(Outcome.REFUSED),
    ],
)
@pytest.mark.parametrize("is_broken_off", [True, False])
def test_what_was_left_in_doubt_no_later_error_clears_up(
    make: Callable[[], AuditError], doubt: Outcome, is_broken_off: bool
) -> None:
    state = _CallState(interrupted=doubt) if is_broken_off else _CallState(errors=[failed(doubt)])
    error = make()
    state.temper(error)
    assert error.outcome is doubt


def test_an_unknown_outcome_is_not_called_accepted_by_an_earlier_one() -> None:
    error = failed(Outcome.UNKNOWN)
    _CallState(errors=[failed(Outcome.ACCEPTED_UNREADABLE)]).temper(error)
    assert error.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("earlier", [Outcome.NOT_SENT, Outcome.REFUSED])
def test_without_doubt_an_error_says_what_it_knows(earlier: Outcome) -> None:
    error = failed(Outcome.NOT_SENT)
    _CallState(errors=[failed(earlier)]).temper(error)
    assert error.outcome is Outcome.NOT_SENT
