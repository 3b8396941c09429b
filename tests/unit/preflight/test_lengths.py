"""Lengths and characters; `test_corpus` has the boundaries of every field."""

import pytest
from support.preflight_findings import found, subject_of

from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.preflight.lengths import bad_characters, bad_lengths, surrounding_blanks

LENGTHS = {
    "version_desc": (30, 500),
    "app_name": (3, 40),
    "app_english_name": (3, 30),
    "app_slogan": (10, 32),
    "app_desc": (20, 400),
    "service_phone": (5, 30),
}


@pytest.mark.parametrize(("field", "limits"), LENGTHS.items())
def test_limits_are_those_of_the_platform(field: str, limits: tuple[int, int]) -> None:
    least, most = limits
    code = FIELDS[field].codes.length
    for size in (least - 1, most + 1):
        assert (field, code, "error") in found(bad_lengths, **{field: "1" * size})
    for size in (least, most):
        errors = [each for each in found(bad_lengths, **{field: "1" * size}) if each[2] == "error"]
        assert errors == []


def test_blank_texts_are_missing_and_not_short() -> None:
    assert found(bad_lengths, version_desc=" ", app_name="   ") == []
    assert found(bad_characters, app_name="   ") == []
    assert found(surrounding_blanks, app_name="   ") == []


def test_secrets_are_not_looked_at_for_blanks() -> None:
    assert found(surrounding_blanks, test_password=" x ", license_no=" 1") == []


@pytest.mark.parametrize("name", ["订单-2", "a+b", "カフェ", "Ünder", "订单٣"])
def test_what_some_text_may_allow_is_a_warning(name: str) -> None:
    assert found(bad_characters, app_name=name) == [
        ("app_name", "INVALID_MINI_APP_NAME", "warning")
    ]


@pytest.mark.parametrize("name", ["a b", "a.b", "订单!", "a\u200db", "（订单）", "a/b"])
def test_what_no_text_allows_is_an_error(name: str) -> None:
    assert found(bad_characters, app_name=name) == [("app_name", "INVALID_MINI_APP_NAME", "error")]


def test_a_length_is_told_as_the_platform_counts_it() -> None:
    (problem,) = bad_lengths(subject_of({"version_desc": "\u6d4b\u8bd5"}))
    assert "its length is 4" in problem.message
    assert "a Chinese one counting as two" in problem.message
    assert "（一个汉字计 2 个）" in problem.in_language("zh").message
    (phone,) = bad_lengths(subject_of({"service_phone": "1"}))
    assert "Chinese" not in phone.message


def test_older_limits_are_told_from_the_table() -> None:
    (problem,) = bad_lengths(subject_of({"app_name": "a" * 21}))
    assert (problem.severity, problem.code) == ("warning", "INVALID_MINI_APP_NAME_LENGTH")
    assert "takes 40, older ones 30/20" in problem.message
