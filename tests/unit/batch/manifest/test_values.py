"""Values as spreadsheet programs leave them."""

import datetime

import pytest

from alipay_mini_audit import Problem, Severity
from alipay_mini_audit.batch.manifest.values import (
    moment_of,
    number_of,
    spreadsheet_problem,
    tidied,
)

BEIJING = datetime.timezone(datetime.timedelta(hours=8))


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("auto_online", "是", "true"),
        ("speed_up", " 否 ", "false"),
        ("auto_online", "TRUE", "TRUE"),
        ("license_valid_date", "2026/1/5", "2026-01-05"),
        ("license_valid_date", "2026-11-25 00:00:00", "2026-11-25"),
        ("license_valid_date", "2026年11月25日", "2026-11-25"),
        ("license_valid_date", "长期", "9999-12-31"),
        ("license_valid_date", "25/11/2026", "25/11/2026"),
        ("license_valid_date", "2026-11-25 08:30", "2026-11-25 08:30"),
        ("memo", "是", "是"),
        ("memo", " a\r\nb\rc ", " a\nb\nc "),
        ("service_phone", '="057188888888"', "057188888888"),
        ("key", " a ", "a"),
        ("key", '="say ""no"""', 'say "no"'),
    ],
)
def test_what_is_surely_meant_is_put_right(column: str, text: str, expected: str) -> None:
    assert tidied(column, text) == expected


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("service_phone", "1.2E+10", "number_mangled"),
        ("mini_app", "2.021E+15", "number_mangled"),
        ("app_name", "1E+05", "number_mangled"),
        ("template_id", "2021000000000001.0", "number_mangled"),
        ("service_phone", "57188888888", "zero_lost"),
        ("service_phone", "1088888888", "zero_lost"),
        ("memo", "#N/A", "spreadsheet_error"),
        ("memo", "#######", "spreadsheet_error"),
        ("memo", "Err:509", "spreadsheet_error"),
    ],
)
def test_what_is_spoilt_is_told(column: str, text: str, code: str) -> None:
    problem = spreadsheet_problem("night.csv:2", column, text)
    assert problem is not None
    assert problem.code == code
    assert text not in str(problem)
    is_sure = code != "zero_lost"
    assert problem.severity is (Severity.ERROR if is_sure else Severity.WARNING)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("service_phone", "13800138000"),
        ("service_phone", "4008123456"),
        ("service_phone", "0571-88888888"),
        ("service_phone", "057188888888"),
        ("service_phone", "88888888"),
        ("service_phone", "95188"),
        ("app_version", "1.0"),
        ("app_version", "1.2.3"),
        ("test_password", "1E5"),
        ("license_no", "91330100MA2AXXXX0E"),
        ("memo", "# a title"),
    ],
)
def test_what_may_be_meant_so_is_left_alone(column: str, text: str) -> None:
    assert spreadsheet_problem("night.csv:2", column, text) is None
    assert tidied(column, text) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026/11/25", (2026, 11, 25, 0, 0, 0)),
        ("2026-11-25 22:00", (2026, 11, 25, 22, 0, 0)),
        ("2026/1/5 9:30", (2026, 1, 5, 9, 30, 0)),
        ("2026-11-25T22:00:05", (2026, 11, 25, 22, 0, 5)),
        ("2026年1月5日 22：00", (2026, 1, 5, 22, 0, 0)),
        (datetime.date(2026, 11, 25), (2026, 11, 25, 0, 0, 0)),
        (datetime.datetime(2026, 11, 25, 22), (2026, 11, 25, 22, 0, 0)),  # noqa: DTZ001
    ],
)
def test_a_moment_without_a_zone_is_beijings(value: object, expected: tuple[int, ...]) -> None:
    assert moment_of("night.csv:2", value) == datetime.datetime(*expected, tzinfo=BEIJING)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("value", ["2026-11-25T22:00:00Z", "2026-11-25 22:00+00:00"])
def test_a_moment_with_a_zone_is_its_own(value: str) -> None:
    assert moment_of("a", value) == datetime.datetime(2026, 11, 25, 22, tzinfo=datetime.UTC)


@pytest.mark.parametrize("value", ["tomorrow", "22:00", "46351", "2026-13-01", "25/11/2026", 7, []])
def test_what_is_no_moment_is_told(value: object) -> None:
    problem = moment_of("night.csv:2:not_before", value)
    assert isinstance(problem, Problem)
    assert (problem.path, problem.code) == ("night.csv:2:not_before", "bad_moment")


def test_whole_numbers() -> None:
    assert [number_of("a", each) for each in (3, "3", " -2 ", "+1")] == [3, 3, -2, 1]
    for value in ("1.5", "", "high", True, 1.0, None, "9" * 5000):
        assert isinstance(number_of("a", value), Problem)
