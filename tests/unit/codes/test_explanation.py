"""`explain`: every code, in both languages."""

import pickle
import re

import pytest

from alipay_mini_audit import (
    ApiError,
    ConfigurationError,
    ErrorKind,
    RateLimited,
    explain,
)
from alipay_mini_audit.codes import CATALOGUE
from alipay_mini_audit.codes.meanings import MEANINGS
from alipay_mini_audit.codes.remedies import TEXTS

ENGLISH_SENTENCE = re.compile(r"(?:(?<![`\w.])[A-Za-z]{2,}(?![`\w.]) ){2}[A-Za-z]{2,}")
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_is_explained_in_both_languages(code: str) -> None:
    english, chinese = explain(code, "en"), explain(code, "zh")
    assert english.is_known
    assert chinese.is_known
    for text in (english.meaning, english.advice):
        assert text.endswith(".")
        assert not CHINESE.search(text)
    for text in (chinese.meaning, chinese.advice):
        assert text.endswith("。")
        assert CHINESE.search(text)
        assert not ENGLISH_SENTENCE.search(text), text
    assert (english.fields, english.kind) == (chinese.fields, chinese.kind)


def test_no_text_is_missing_and_none_is_left_over() -> None:
    assert set(TEXTS["zh"]) == set(TEXTS["en"])
    assert set(MEANINGS) <= set(CATALOGUE)
    assert {row.remedy for row in CATALOGUE.values()} == set(TEXTS["en"])


def test_names_of_fields_are_the_same_in_both_languages() -> None:
    for remedy, english in TEXTS["en"].items():
        named = set(re.findall("`([a-z_]+)`", english))
        assert named == set(re.findall("`([a-z_]+)`", TEXTS["zh"][remedy])), remedy


@pytest.mark.parametrize(("language", "word"), [("en", "know"), ("zh", "不认识")])
def test_a_code_that_is_not_known_is_explained_as_that(language: str, word: str) -> None:
    found = explain("NO_SUCH_CODE", language)
    assert (found.is_known, found.kind) == (False, ErrorKind.UNKNOWN)
    assert word in found.meaning


def test_what_may_be_repeated_and_what_may_have_landed() -> None:
    assert explain("app-call-limited", "en").is_repeatable
    assert not explain("SUBMIT_REPEAT", "en").is_repeatable
    assert explain("SUBMIT_REPEAT", "en").may_have_landed
    assert explain("INVALID_LOGO", "en").fields == ("app_logo",)


def test_what_is_not_documented_is_said_to_be_so() -> None:
    assert "nothing" in explain("SUBMIT_REPEAT", "en").meaning
    assert "未公开" in explain("SUBMIT_REPEAT", "zh").meaning


def test_another_language_or_type_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        explain("SUBMIT_REPEAT", "fr")
    with pytest.raises(TypeError, match="code"):
        explain(1)  # type: ignore[arg-type]


def test_an_error_explains_itself_and_travels() -> None:
    error = RateLimited("app-call-limited", "x", kind=ErrorKind.THROTTLED, explain=explain)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert copy.explanation("zh") == explain("app-call-limited", "zh")
    assert str(error).isascii()


def test_an_error_of_somebody_elses_making_says_what_it_knows() -> None:
    error = ApiError("ODD", "texte", advice="Do this.")
    found = error.explanation()
    assert (found.code, found.is_known, found.advice) == ("ODD", False, "Do this.")
