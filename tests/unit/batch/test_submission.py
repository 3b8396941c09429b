"""What a submission takes, which entry it is, and that no token is kept or shown."""

import datetime
from typing import Any

import pytest
from support.leaks import find_leaks

from alipay_mini_audit.attachments import Attachments
from alipay_mini_audit.batch.journal.row import Identity
from alipay_mini_audit.batch.submission import Submission, mini_app_of
from alipay_mini_audit.models import AuditApply

REQUEST = AuditApply(app_version="1.0")
NAIVE = datetime.datetime(2026, 3, 4)  # noqa: DTZ001  # what is refused


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("key", ["", None, 7, b"a"]),
        ("request", [None, {"app_version": "1"}]),
        ("attachments", [[], "logo.png", 7]),
        ("app_auth_token", [7, b"t"]),
        ("mini_app", [7]),
        ("template_id", [7]),
        ("priority", [None, True, 1.0, "1"]),
        ("not_before", [NAIVE, "2026-03-04", 7.0]),
    ],
)
def test_another_type_is_a_mistake_that_is_named(name: str, values: list[Any]) -> None:
    for value in values:
        given: dict[str, Any] = {"key": "a", "request": REQUEST, name: value}
        with pytest.raises(TypeError, match=rf"^Submission\.{name}: expected "):
            Submission(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"attachments": Attachments()},
        {"attachments": {"app_logo": b"x"}},
        {"priority": -(10**30), "not_before": NAIVE.replace(tzinfo=datetime.UTC)},
        {"app_auth_token": "t", "mini_app": "", "template_id": ""},
    ],
)
def test_what_is_of_the_right_type_is_taken(given: dict[str, Any]) -> None:
    submission = Submission("a", REQUEST, **given)
    assert {name: getattr(submission, name) for name in given} == given


def test_key_version_and_application_tell_which_entry_it_is() -> None:
    assert Submission("a", REQUEST).identity == Identity("a", "1.0", "")
    other = AuditApply(app_version="1.0", bundle_id="com.alipay.iot.xpaas")
    assert Submission("a", other).identity == Identity("a", "1.0", "com.alipay.iot.xpaas")
    assert Submission("a", AuditApply()).identity == Identity("a", "", "")


def test_the_wallet_is_the_same_application_whether_it_is_named_or_not() -> None:
    named = AuditApply(app_version="1.0", bundle_id="com.alipay.alipaywallet")
    assert Submission("a", named).identity == Submission("a", REQUEST).identity


def test_a_token_says_whose_version_it_is_and_is_not_kept() -> None:
    first, second = mini_app_of(None, "token-1"), mini_app_of(None, "token-2")
    assert first != second
    assert first == mini_app_of(None, "token-1")
    assert "token-1" not in first
    assert mini_app_of("2021", "token-1") == "2021"
    assert mini_app_of(None, None) == ""


def test_no_token_is_shown() -> None:
    submission = Submission("a", REQUEST, app_auth_token="token-of-a-merchant")
    assert "token-of-a-merchant" not in repr(submission)
    assert find_leaks([mini_app_of(None, "token-of-a-merchant")], ["token-of-a-merchant"]) == []
