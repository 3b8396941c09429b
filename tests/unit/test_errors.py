"""The tree of errors, what an error says, and that it survives a process boundary."""

import ast
import copy
import pickle
import sys
import traceback
import unicodedata
from pathlib import Path

import pytest

from alipay_mini_audit import errors
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    CallError,
    ConfigurationError,
    ConnectionFailed,
    ErrorKind,
    MalformedReply,
    Outcome,
    Problem,
    RateLimited,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
    ServiceUnavailable,
    Severity,
    SigningError,
    UntrustedReply,
    ValidationError,
)
from alipay_mini_audit.problems import printable, told

TREE = {
    "AuditError": "Exception",
    "ConfigurationError": "AuditError",
    "ValidationError": "AuditError",
    "SigningError": "AuditError",
    "CallError": "AuditError",
    "NotificationRejected": "AuditError",
    "BatchError": "AuditError",
    "ConnectionFailed": "CallError",
    "SendInterrupted": "CallError",
    "ReplyTimeout": "CallError",
    "ReplyLost": "CallError",
    "UntrustedReply": "CallError",
    "MalformedReply": "CallError",
    "ApiError": "CallError",
    "AuthenticationError": "ApiError",
    "PermissionDenied": "ApiError",
    "RateLimited": "ApiError",
    "ServiceUnavailable": "ApiError",
    "InvalidRequest": "ApiError",
    "StateConflict": "ApiError",
}


def test_the_tree_is_the_published_one() -> None:
    found = {
        name: value.__bases__[0].__name__
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert found == TREE


def test_the_docstring_draws_every_class_of_the_tree() -> None:
    assert errors.__doc__ is not None
    drawn = {
        word for line in errors.__doc__.splitlines() for word in line.replace("·", " ").split()
    }
    assert set(TREE) - {"Exception"} <= drawn


def test_the_module_imports_nothing_of_the_package_but_what_a_problem_is() -> None:
    tree = ast.parse(Path(errors.__file__).read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    ours = {name for name in imported if name is None or name.startswith("alipay")}
    assert ours == {"alipay_mini_audit.problems"}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ConfigurationError("x", "is wrong."), Outcome.NOT_SENT),
        (ValidationError([]), Outcome.NOT_SENT),
        (SigningError("x"), Outcome.NOT_SENT),
        (errors.BatchError("x"), Outcome.NOT_SENT),
        (CallError("x"), Outcome.UNKNOWN),
        (ConnectionFailed("x"), Outcome.NOT_SENT),
        (SendInterrupted("x"), Outcome.UNKNOWN),
        (ReplyTimeout("x"), Outcome.UNKNOWN),
        (ReplyLost("x"), Outcome.UNKNOWN),
        (UntrustedReply("x"), Outcome.UNKNOWN),
        (MalformedReply("x"), Outcome.UNKNOWN),
        (ApiError("CODE", "text"), Outcome.REFUSED),
        (errors.AuthenticationError("CODE", "text"), Outcome.REFUSED),
        (errors.PermissionDenied("CODE", "text"), Outcome.REFUSED),
        (RateLimited("CODE", "text"), Outcome.REFUSED),
        (ServiceUnavailable("CODE", "text"), Outcome.UNKNOWN),
        (errors.InvalidRequest("CODE", "text"), Outcome.REFUSED),
        (errors.StateConflict("CODE", "text"), Outcome.REFUSED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, AuditError) else value.name,
)
def test_an_error_knows_how_far_the_call_came(error: AuditError, outcome: Outcome) -> None:
    assert error.outcome is outcome


def test_the_outcome_may_be_given_for_one_error() -> None:
    assert (
        MalformedReply("x", outcome=Outcome.ACCEPTED_UNREADABLE).outcome
        is Outcome.ACCEPTED_UNREADABLE
    )
    assert MalformedReply("x").outcome is Outcome.UNKNOWN


def test_a_batch_error_has_a_code_for_programs() -> None:
    error = pickle.loads(pickle.dumps(errors.BatchError("Two\nlines.", code="disk_full")))  # noqa: S301
    assert (error.code, errors.BatchError("x").code) == ("disk_full", "")
    assert str(error) == error.reason
    assert "\n" not in error.reason


def test_the_text_of_a_call_error_holds_advice_outcome_status_and_ids() -> None:
    error = ReplyLost("The line broke.", advice="Ask first.", http_status=200, trace_id="trace-77")
    error.request_id = "request-5"
    error.attempts = 3
    assert str(error) == (
        "The line broke. Ask first. "
        "(outcome: unknown, HTTP 200, request id request-5, trace id trace-77, attempt 3)"
    )


def test_the_text_of_a_call_error_leaves_out_what_is_not_known() -> None:
    assert str(ConnectionFailed("No such host.")) == "No such host. (outcome: not sent)"


def test_the_text_of_a_call_error_follows_its_attributes() -> None:
    error = MalformedReply("Not JSON.", advice="Look.")
    assert error.reason == "Not JSON."
    error.reason, error.advice = "HTML.", ""
    assert str(error) == "HTML. (outcome: unknown)"


def test_the_text_of_an_api_error_holds_code_and_message() -> None:
    error = ApiError("SUBMIT_REPEAT", "重复提交", http_status=400, trace_id="t-1")
    assert error.reason == "SUBMIT_REPEAT: 重复提交"
    assert str(error) == "SUBMIT_REPEAT: 重复提交 (outcome: refused, HTTP 400, trace id t-1)"


def test_an_api_error_without_a_message_is_its_code() -> None:
    assert str(ApiError("SOME_CODE", "")) == "SOME_CODE (outcome: refused)"


def test_a_validation_error_lists_every_problem() -> None:
    problems = [
        Problem("app_version", "wrong_type", "expected a text."),
        Problem("attachments.app_logo", "empty_file", "logo.png is empty.", "Give another."),
    ]
    error = ValidationError(problems)
    assert error.problems == tuple(problems)
    assert str(error) == (
        "app_version: expected a text.\nattachments.app_logo: logo.png is empty. Give another."
    )


def test_a_problem_is_a_value() -> None:
    assert Problem("a", "b", "c") == Problem("a", "b", "c", "")
    assert len({Problem("a", "b", "c"), Problem("a", "b", "c")}) == 1
    with pytest.raises(AttributeError):
        Problem("a", "b", "c").path = "d"  # type: ignore[misc]


def test_a_problem_is_an_error_unless_it_is_called_a_warning() -> None:
    assert Problem("a", "b", "c").severity is Severity.ERROR
    assert Problem("a", "b", "c", severity=Severity.WARNING) != Problem("a", "b", "c")
    assert [severity.value for severity in Severity] == ["error", "warning"]


def test_a_configuration_error_says_what_a_problem_says() -> None:
    error = ConfigurationError.from_problem(Problem("app_id", "bad_app_id", "not digits.", "Copy."))
    assert (error.setting, error.code) == ("app_id", "bad_app_id")
    assert (error.problem, error.advice) == ("not digits.", "Copy.")
    assert str(error) == "app_id: not digits. Copy."


def test_a_configuration_error_is_english_and_gives_its_problem_back_in_every_language() -> None:
    problem = told("app_id", "bad_app_id", ("not digits.", "Copy."), ("不是数字。", "请复制。"))
    error = ConfigurationError.from_problem(problem)
    assert str(error) == "app_id: not digits. Copy."
    for each in (error, pickled(error), copy.deepcopy(error)):
        assert isinstance(each, ConfigurationError)
        assert each.as_problem() == problem
        chinese = each.as_problem("SHOP_APP_ID").in_language("zh")
        assert chinese == Problem("SHOP_APP_ID", "bad_app_id", "不是数字。", "请复制。")


def facts(error: AuditError) -> dict[str, object]:
    return {"type": type(error), "args": error.args, "text": str(error), "outcome": error.outcome}


def pickled(error: Exception) -> Exception:
    return pickle.loads(pickle.dumps(error))  # noqa: S301


@pytest.mark.parametrize("name", sorted(set(TREE) - {"ValidationError"}))
@pytest.mark.parametrize("through", [pickled, copy.copy, copy.deepcopy])
def test_every_error_survives_pickling_and_copying(name: str, through: object) -> None:
    cls = getattr(errors, name)
    takes_two = issubclass(cls, ApiError | ConfigurationError)
    error = cls("CODE", "text") if takes_two else cls("text")
    assert callable(through)
    assert facts(through(error)) == facts(error)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_api_error_keeps_every_attribute(protocol: int) -> None:
    earlier = ReplyTimeout("slow")
    earlier.request_id = "r-1"
    error = RateLimited(
        "app-call-limited",
        "调用频率超限",
        kind=ErrorKind.THROTTLED,
        advice="Wait.",
        links=[{"link": "https://example.org", "desc": "why"}],
        retry_after=2.0,
        http_status=429,
        trace_id="t-9",
    )
    error.request_id, error.attempts, error.earlier = "r-2", 2, (earlier,)
    error.add_note("a note")
    again = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301
    assert type(again) is RateLimited
    assert (again.code, again.message, again.kind) == (
        "app-call-limited",
        "调用频率超限",
        ErrorKind.THROTTLED,
    )
    assert again.links == [{"link": "https://example.org", "desc": "why"}]
    assert (again.retry_after, again.http_status, again.trace_id) == (2.0, 429, "t-9")
    assert (again.advice, again.outcome) == ("Wait.", Outcome.REFUSED)
    assert (again.request_id, again.attempts) == ("r-2", 2)
    assert again.reason == "app-call-limited: 调用频率超限"
    assert [(type(e), e.reason, e.args, e.request_id) for e in again.earlier] == [
        (ReplyTimeout, "slow", ("slow",), "r-1")
    ]
    assert again.__notes__ == ["a note"]
    assert str(again) == str(error)


def test_a_pickled_validation_error_keeps_its_problems() -> None:
    error = ValidationError([Problem("a", "b", "c", "d")])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert again.problems == (Problem("a", "b", "c", "d"),)
    assert str(again) == "a: c d"


def test_all_names_are_published_and_sorted() -> None:
    assert errors.__all__ == sorted(
        [*TREE, "ErrorKind", "Explanation", "Outcome", "Problem", "RejectionReason", "Severity"]
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain 中文 ✓ 🚀", "plain 中文 ✓ 🚀"),
        ("an ideographic\u3000and a hard\xa0blank", "an ideographic\u3000and a hard\xa0blank"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31m\x00\x7f\x9b", "\\x1b[31m\\x00\\x7f\\x9b"),
        ("\u202eabc\u2066\u200f\ufeff", "\\u202eabc\\u2066\\u200f\\ufeff"),
        ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"),
        ("\ud83d!", "\\ud83d!"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_a_printable_text_is_one_line_without_controls(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_no_character_that_controls_or_cannot_be_encoded_is_left() -> None:
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    text = printable("".join(map(chr, range(sys.maxunicode + 1))))
    assert {unicodedata.category(each) for each in set(text)} & bad == set()
    text.encode()


FORGERY = "\nforged \x1b[31m\u202e\ud800"


@pytest.mark.parametrize(
    "error",
    [
        CallError(FORGERY, trace_id=FORGERY),
        ApiError(FORGERY, FORGERY, trace_id=FORGERY),
        ConfigurationError(FORGERY, FORGERY, FORGERY),
        ValidationError([Problem(FORGERY, "x", FORGERY, FORGERY)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_printed_on_one_line_and_pickled_as_it_is(error: AuditError) -> None:
    for each in (error, pickle.loads(pickle.dumps(error))):  # noqa: S301  # our own
        assert str(each).isprintable()
        assert "forged" in str(each)
        "".join(traceback.format_exception(each)).encode()
