"""The policy as a table: no clock, no waiting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.codes import CATALOGUE, ERROR_CLASSES
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    ConfigurationError,
    ConnectionFailed,
    InvalidRequest,
    MalformedReply,
    Outcome,
    RateLimited,
    ReplyLost,
    SendInterrupted,
    ServiceUnavailable,
    SigningError,
    StateConflict,
    UntrustedReply,
    ValidationError,
)
from alipay_mini_audit.retry import GiveUp, Resolve, Retry, RetryPolicy

POLICY = RetryPolicy(attempts=3, initial_delay=2.0, max_delay=30.0)
NOT_SENT = ConnectionFailed("refused")
LOST = ReplyLost("lost")
REFUSED = InvalidRequest("LOGO_IS_BLANK", "no logo")
REPEAT = StateConflict("SUBMIT_REPEAT", "again")
UNREADABLE = MalformedReply("not JSON", outcome=Outcome.ACCEPTED_UNREADABLE)
THROTTLED = RateLimited("app-call-limited", "slow down", retry_after=7.0)


@pytest.mark.parametrize(
    ("error", "attempt", "expected"),
    [
        (NOT_SENT, 1, Retry(2.0)),
        (NOT_SENT, 2, Retry(4.0)),
        (NOT_SENT, 3, GiveUp()),
        (SigningError("hsm"), 1, Retry(2.0)),
        (THROTTLED, 1, Retry(7.0)),
        (RateLimited("method-call-limited", ""), 2, Retry(4.0)),
        (THROTTLED, 3, GiveUp()),
        (LOST, 1, Resolve()),
        (LOST, 3, Resolve()),
        (SendInterrupted("cut"), 1, Resolve()),
        (SendInterrupted("cut", outcome=Outcome.NOT_SENT), 1, Retry(2.0)),
        (SendInterrupted("gone", path="attachments.app_logo"), 1, Resolve()),
        (
            SendInterrupted("gone", path="attachments.app_logo", outcome=Outcome.NOT_SENT),
            1,
            GiveUp(),
        ),
        (ServiceUnavailable("SYSTEM_ERROR", ""), 1, Resolve()),
        (UntrustedReply("unsigned"), 1, Resolve()),
        (UNREADABLE, 1, Resolve()),
        (REFUSED, 1, GiveUp()),
        (REFUSED, 2, GiveUp()),
        (REPEAT, 1, GiveUp()),
        (REPEAT, 2, Resolve()),
        (StateConflict("CAN_NOT_SUBMIT_WITH_AUDIT", ""), 2, Resolve()),
        (StateConflict("CAN_NOT_SUBMIT_WITHOUT_INIT", ""), 3, Resolve()),
        (StateConflict("AUDITING_VERSION_NOT_EXIST", ""), 2, Resolve()),
        (StateConflict("MINI_APP_INFO_AUDIT_CONTAINS", ""), 2, GiveUp()),
        (ApiError("BRAND_NEW", ""), 1, GiveUp()),
        (ValidationError([]), 1, GiveUp()),
        (ConfigurationError("client", "it is closed."), 1, GiveUp()),
    ],
    ids=str,
)
def test_the_policy_decides_by_outcome(error: AuditError, attempt: int, expected: object) -> None:
    assert POLICY.decide(error, attempt, 0.0, in_doubt=attempt > 1) == expected


PERHAPS_LANDED = {
    "SUBMIT_REPEAT",
    "CAN_NOT_SUBMIT_WITH_AUDIT",
    "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY",
    "CAN_NOT_SUBMIT_WITHOUT_INIT",
    "MINI_APP_VERSION_ITERATION_EXIST",
    "MINI_APP_PACKAGE_INFO_NOT_EXIST",
    "AUDITING_VERSION_NOT_EXIST",
    "INVALID_VERSION_STATUS",
    "TINYAPP_STATUS_INVALID",
    "MULTI_CLIENT_NOT_PACKAGED_STATUS",
    "CAN_NOT_BACK_DEV_WITHOUT_AUDIT",
    "CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE",
    "CAN_NOT_OFFLINE_WITHOUT_ONLINE",
    "CAN_NOT_ROLLBACK_WITHOUT_ONLINE",
    "CAN_NOT_CONTINUOUS_ROLLBACK",
    "GRAY_STRATEGY_NOT_ALLOW_REDUCE",
    "CAN_NOT_END_GRAY_WITHOUT_GRAY",
    "MINI_APP_VERSION_STATUS_ILLEGAL",
    "CAN_NOT_DELETE_WITHOUT_DEV",
}
"""Written out by hand: what a second attempt may be told because the first one landed."""
FAULTS_OF_THE_PLATFORM = {
    "SYSTEM_ERROR",
    "APPSTORE_RPC_INVOKE_ERROR",
    "unknow-error",
    "access-data-time-out",
    "upload-fail",
    "invalid-response-data",
    "POLLING_BUILDING_ERROR",
    "APP_OPERATOR_QUERY_ERROR",
    "CREATE_GRAY_RULE_ERROR",
    "EXECUTE_GRAY_FAILED",
}


def expected_decision(code: str, *, in_doubt: bool) -> object:
    if code in FAULTS_OF_THE_PLATFORM or (in_doubt and code in PERHAPS_LANDED):
        return Resolve()
    if code in ("app-call-limited", "method-call-limited"):
        return Retry(4.0)
    return GiveUp()


@pytest.mark.parametrize("in_doubt", [True, False])
@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_is_decided_by_its_outcome_and_by_what_may_have_landed(
    code: str, in_doubt: bool
) -> None:
    kind = CATALOGUE[code].kind
    error = ERROR_CLASSES[kind](code, "", kind=kind)
    decision = POLICY.decide(error, 2, 0.0, in_doubt=in_doubt)
    assert decision == expected_decision(code, in_doubt=in_doubt)


def test_a_question_that_is_refused_is_never_resolved() -> None:
    for code in PERHAPS_LANDED:
        error = StateConflict(code, "")
        assert POLICY.decide(error, 2, 0.0, repeatable=True, in_doubt=True) == GiveUp()


def test_without_resolving_a_second_refusal_is_raised() -> None:
    policy = RetryPolicy(resolve=False)
    for code in PERHAPS_LANDED:
        assert policy.decide(StateConflict(code, ""), 2, 0.0, in_doubt=True) == GiveUp()


@pytest.mark.parametrize("error", [LOST, UNREADABLE], ids=str)
def test_without_resolving_an_unknown_outcome_is_raised(error: AuditError) -> None:
    assert RetryPolicy(resolve=False).decide(error, 1, 0.0) == GiveUp()


def test_a_question_is_repeated_even_if_its_outcome_is_unknown() -> None:
    assert POLICY.decide(LOST, 1, 0.0, repeatable=True) == Retry(2.0)
    assert POLICY.decide(LOST, 3, 0.0, repeatable=True) == GiveUp()
    assert POLICY.decide(REFUSED, 1, 0.0, repeatable=True) == GiveUp()


@pytest.mark.parametrize(
    ("error", "attempt", "expected"),
    [
        (LOST, 1, Retry(2.0)),
        (LOST, 3, GiveUp()),
        (ServiceUnavailable("SYSTEM_ERROR", ""), 2, Retry(4.0)),
        (REPEAT, 2, GiveUp()),  # a refusal is final
        (REFUSED, 2, GiveUp()),
        (UNREADABLE, 1, GiveUp()),  # and what was accepted is never sent again
        (SendInterrupted("changed", path="attachments.app_logo"), 1, GiveUp()),
    ],
    ids=str,
)
def test_after_a_miss_only_what_got_no_answer_is_sent_again(
    error: AuditError, attempt: int, expected: object
) -> None:
    assert POLICY.decide_after_miss(error, attempt, 0.0) == expected


def test_after_a_miss_the_total_wins_too() -> None:
    assert POLICY.decide_after_miss(LOST, 1, 8.0, total=10.0) == GiveUp()


@pytest.mark.parametrize(
    ("elapsed", "expected"), [(7.9, Retry(2.0)), (8.0, GiveUp()), (20.0, GiveUp())]
)
def test_the_total_always_wins(elapsed: float, expected: object) -> None:
    assert POLICY.decide(NOT_SENT, 1, elapsed, total=10.0) == expected


@pytest.mark.parametrize(
    ("attempt", "jitter", "delay"),
    [
        (1, 1.0, 2.0),
        (1, 0.0, 1.0),
        (2, 0.5, 3.0),
        (3, 1.0, 8.0),
        (5, 1.0, 30.0),
        (10_000, 0.0, 15.0),
    ],
)
def test_delays_double_up_to_the_longest_and_are_spread(
    attempt: int, jitter: float, delay: float
) -> None:
    assert POLICY.delay_after(attempt, NOT_SENT, jitter) == delay


@given(st.integers(1, 10**9), st.floats(0, 1), st.floats(0, 10**6))
def test_a_delay_is_never_shorter_than_the_platform_asks_nor_longer_than_both(
    attempt: int, jitter: float, asked: float
) -> None:
    delay = POLICY.delay_after(
        attempt, RateLimited("app-call-limited", "", retry_after=asked), jitter
    )
    assert asked <= delay <= max(asked, 30.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attempts", 0),
        ("attempts", 1.5),
        ("attempts", True),
        ("initial_delay", -1),
        ("initial_delay", "1"),
        ("max_delay", float("inf")),
        ("max_delay", float("nan")),
        ("unknown_window", -0.1),
    ],
)
def test_an_unusable_setting_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=rf"RetryPolicy\.{name}"):
        RetryPolicy(**{name: value})  # type: ignore[arg-type]
