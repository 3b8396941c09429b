"""What a call has learnt so far never becomes more certain, unless the platform says so."""

import itertools
from collections.abc import Callable

import pytest

from alipay_mini_audit.calls.state import CallState, Doubt
from alipay_mini_audit.errors import (
    AuditError,
    CallError,
    ConfigurationError,
    Outcome,
    RateLimited,
    ReplyLost,
    SigningError,
)

ORDER = [Outcome.ACCEPTED_UNREADABLE, Outcome.UNKNOWN, Outcome.REFUSED, Outcome.NOT_SENT]
DOUBT = Doubt(began=1.0, ended=2.0, may_still_arrive=True)
IN_DOUBT = [Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE]


def failed(outcome: Outcome) -> CallError:
    return ReplyLost("x", outcome=outcome)


def state_after(*errors: CallError | SigningError, interrupted: Outcome | None = None) -> CallState:
    state = CallState(started=0.0)
    for error in errors:
        state.attempts += 1
        state.fail(error, DOUBT)
    state.interrupted = interrupted
    return state


@pytest.mark.parametrize("outcomes", list(itertools.product(Outcome, repeat=3)), ids=str)
def test_the_most_serious_outcome_stands(outcomes: tuple[Outcome, ...]) -> None:
    *earlier, last = outcomes
    state = state_after(*map(failed, earlier), interrupted=last)
    assert state.outcome is min(outcomes, key=ORDER.index)


def test_a_call_that_has_tried_nothing_has_sent_nothing() -> None:
    assert state_after().outcome is Outcome.NOT_SENT


def test_the_last_error_knows_the_earlier_ones_and_keeps_their_doubt() -> None:
    lost = failed(Outcome.UNKNOWN)
    refused = failed(Outcome.REFUSED)
    last = state_after(lost, refused).final_error(refused)
    assert last is refused
    assert (refused.earlier, refused.attempts) == ((lost,), 2)
    assert refused.outcome is Outcome.UNKNOWN


def test_a_signing_error_knows_the_earlier_ones_too() -> None:
    unreachable = failed(Outcome.NOT_SENT)
    unsigned = SigningError("The signer failed.")
    assert state_after(unreachable, unsigned).final_error(unsigned) is unsigned
    assert (unsigned.earlier, unsigned.attempts) == ((unreachable,), 2)
    assert str(unsigned) == "The signer failed. (outcome: not sent, attempt 2)"


@pytest.mark.parametrize("doubt", IN_DOUBT)
@pytest.mark.parametrize(
    "make", [lambda: SigningError("x"), *(lambda o=o: failed(o) for o in Outcome)]
)
def test_what_was_left_in_doubt_no_later_error_clears_up(
    make: Callable[[], CallError | SigningError], doubt: Outcome
) -> None:
    error = make()
    outcome = error.outcome
    state_after(failed(doubt), error).final_error(error)
    assert error.outcome is min((doubt, outcome), key=ORDER.index)
    assert not error.is_repeatable


@pytest.mark.parametrize("outcome", Outcome)
def test_what_befell_a_call_after_a_failed_attempt_hides_nothing(outcome: Outcome) -> None:
    error = failed(outcome)
    closed: AuditError = ConfigurationError("client", "it is closed.")
    assert state_after(error).final_error(closed) is error
    assert error.outcome is outcome


def test_a_call_that_never_began_ends_with_what_ended_it() -> None:
    closed = ConfigurationError("client", "it is closed.")
    assert state_after().final_error(closed) is closed
    assert closed.outcome is Outcome.NOT_SENT


def test_a_refusal_after_what_the_platform_cleared_up_is_a_refusal() -> None:
    state = state_after(failed(Outcome.UNKNOWN))
    state.clear()
    refused = failed(Outcome.REFUSED)
    state.fail(refused, DOUBT)
    state.final_error(refused)
    assert (state.is_in_doubt, refused.outcome) == (False, Outcome.REFUSED)


@pytest.mark.parametrize(
    "error", [failed(Outcome.NOT_SENT), SigningError("x"), RateLimited("app-call-limited", "")]
)
def test_nobody_is_told_to_send_again_what_may_yet_arrive(
    error: CallError | SigningError,
) -> None:
    state = state_after(failed(Outcome.UNKNOWN))
    state.clear()
    state.fail(error, DOUBT)
    assert state.final_error(error).outcome is Outcome.UNKNOWN
    assert not error.is_repeatable


def test_what_the_platform_accepted_stays_accepted() -> None:
    state = state_after(failed(Outcome.ACCEPTED_UNREADABLE))
    state.clear()
    assert (state.is_in_doubt, state.outcome) == (True, Outcome.ACCEPTED_UNREADABLE)


def test_errors_of_questions_are_kept_and_decide_nothing() -> None:
    refused = failed(Outcome.REFUSED)
    state = state_after(refused)
    question = failed(Outcome.UNKNOWN)
    state.errors.append(question)
    assert state.outcome is Outcome.REFUSED
    state.final_error(refused)
    assert (refused.outcome, refused.earlier) == (Outcome.REFUSED, (question,))


def test_the_note_of_a_cancelled_call_says_what_to_ask_about() -> None:
    state = state_after(interrupted=Outcome.UNKNOWN)
    state.request_id = "a1b2"
    assert state.note("apply") == (
        "alipay_mini_audit: apply was cancelled; outcome: unknown, request a1b2"
    )
    assert "no request was sent" in CallState(started=0.0).note("apply")
