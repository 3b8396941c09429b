"""`explain`: every code, in both languages."""

import pickle
import re

import pytest
from support.languages import CHINESE, chinese_faults
from support.reply_reader import read_reply

from alipay_mini_audit import (
    ApiError,
    ConfigurationError,
    ErrorKind,
    RateLimited,
    explain,
)
from alipay_mini_audit.codes import CATALOGUE
from alipay_mini_audit.codes.remedies import TEXTS
from alipay_mini_audit.protocol import RawReply


class NeverAsked:
    """The verifier of replies that are not signed."""

    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        raise AssertionError((message, signature, alipay_cert_sn))


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
        assert chinese_faults(text) == [], text
    assert (english.fields, english.kind) == (chinese.fields, chinese.kind)


def test_no_text_is_missing_and_none_is_left_over() -> None:
    assert set(TEXTS["zh"]) == set(TEXTS["en"])
    assert {row.remedy for row in CATALOGUE.values()} == set(TEXTS["en"])


@pytest.mark.parametrize("remedy", sorted(TEXTS["en"]))
def test_names_and_numbers_are_the_same_in_both_languages(remedy: str) -> None:
    english, chinese = TEXTS["en"][remedy], TEXTS["zh"][remedy]
    for fact in ("`[a-z_]+`", r"(?<![A-Za-z\d])\d+(?![A-Za-z\d])"):
        assert set(re.findall(fact, english)) == set(re.findall(fact, chinese))


@pytest.mark.parametrize(("language", "word"), [("en", "know"), ("zh", "不认识")])
def test_a_code_that_is_not_known_is_explained_as_that(language: str, word: str) -> None:
    found = explain("NO_SUCH_CODE", language)
    assert (found.is_known, found.kind) == (False, ErrorKind.UNKNOWN)
    assert word in found.meaning


def test_what_may_be_repeated_and_what_may_have_landed() -> None:
    assert explain("app-call-limited", "en").is_repeatable
    assert not explain("SUBMIT_REPEAT", "en").is_repeatable
    assert explain("SUBMIT_REPEAT", "en").may_have_landed
    assert explain("SYSTEM_ERROR", "en").may_have_landed
    assert not explain("INVALID_LOGO", "en").may_have_landed
    assert explain("INVALID_LOGO", "en").fields == ("app_logo",)


@pytest.mark.parametrize(
    ("status", "kind", "is_repeatable", "may_have_landed"),
    [
        (400, ErrorKind.UNKNOWN, False, False),
        (403, ErrorKind.PERMISSION, False, False),
        (429, ErrorKind.THROTTLED, True, False),
        (500, ErrorKind.UNAVAILABLE, False, True),
    ],
)
def test_of_a_new_code_the_status_tells_the_rest(
    status: int, kind: ErrorKind, *, is_repeatable: bool, may_have_landed: bool
) -> None:
    body = b'{"code":"BRAND_NEW_CODE","message":"x"}'
    with pytest.raises(ApiError) as caught:
        read_reply(RawReply(status, {}, body), NeverAsked())
    found = caught.value.explanation("zh")
    assert (found.is_known, found.kind) == (False, kind)
    assert (found.is_repeatable, found.may_have_landed) == (is_repeatable, may_have_landed)
    assert "不认识" in found.meaning


def test_what_is_not_documented_is_said_to_be_so() -> None:
    assert explain("SUBMIT_REPEAT", "en").meaning.startswith("Not documented")
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
