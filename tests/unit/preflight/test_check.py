"""All rules together, and what the settings make of what they find."""

from collections.abc import Iterator

import pytest
from support.languages import assert_told_in_chinese
from support.preflight_findings import subject_of

from alipay_mini_audit import ConfigurationError, Preflight, Problem, Severity
from alipay_mini_audit.preflight import Subject, find_problems, refused

BAD = {"service_phone": "1", "memo": "测试", "app_version": "1.0"}


def codes(subject: Subject) -> list[tuple[str, str]]:
    return [(each.code, each.severity.value) for each in find_problems(subject)]


def test_everything_is_found_at_once_in_the_order_of_the_fields() -> None:
    assert codes(subject_of(BAD)) == [
        ("version_format", "warning"),
        ("placeholder_text", "warning"),
        ("INVALID_MINI_APP_SERVICE_TEL", "error"),
    ]


def test_levels_change_the_weight_of_a_rule() -> None:
    levels = {
        "version_format": "error",
        "placeholder_text": "skip",
        "INVALID_MINI_APP_SERVICE_TEL": "warning",
    }
    preflight = Preflight(levels=levels)  # type: ignore[arg-type]  # a dict of such words
    assert codes(subject_of(BAD, preflight=preflight)) == [
        ("version_format", "error"),
        ("INVALID_MINI_APP_SERVICE_TEL", "warning"),
    ]


@pytest.mark.parametrize(
    ("least", "expected"), [(Severity.ERROR, 1), (Severity.WARNING, 3), (None, 0)]
)
def test_what_stops_a_submission_is_a_setting(least: Severity | None, expected: int) -> None:
    preflight = Preflight(refuse=least)
    assert len(refused(find_problems(subject_of(BAD)), preflight)) == expected


def test_a_rule_of_ones_own_is_asked_too() -> None:
    def no_fridays(subject: Subject) -> Iterator[Problem]:
        if subject.request.memo:
            yield Problem("memo", "no_memo", "we write no memos.")

    preflight = Preflight(extra_rules=(no_fridays,))
    assert ("no_memo", "error") in codes(subject_of({"memo": "x y z"}, preflight=preflight))


def broken(_: Subject) -> list[Problem]:
    raise KeyError("license_no 4711")


def odd(_: Subject) -> list[str]:
    return ["not a problem"]


def mute(_: Subject) -> list[Problem]:
    return [Problem(None, None, None)]  # type: ignore[arg-type]


def unweighed(_: Subject) -> list[Problem]:
    return [Problem("memo", "no_memo", "we write none.", severity="bad")]  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", [broken, odd, mute, unweighed])
def test_a_rule_that_fails_is_named(rule: object) -> None:
    preflight = Preflight(extra_rules=(rule,))  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"broken|odd|mute|unweighed") as caught:
        find_problems(subject_of({}, preflight=preflight))
    assert caught.value.setting == "Preflight.extra_rules[0]"
    assert "4711" not in str(caught.value)


def test_every_problem_is_there_in_chinese() -> None:
    subject = subject_of(BAD, preflight=Preflight(first_submission=True))
    for problem in find_problems(subject):
        assert_told_in_chinese(problem)
