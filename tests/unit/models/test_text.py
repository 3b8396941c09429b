"""Characters that the wire cannot carry."""

import datetime
import sys
import unicodedata

import pytest

from alipay_mini_audit.errors import Problem
from alipay_mini_audit.models import text_problems


@pytest.mark.parametrize(
    "text", ["", "plain", "咖啡 🚀", "  ", "a\u2028b", "\ufeff", "\u200d", "e\u0301"]
)
def test_a_usable_text_has_no_problems(text: str) -> None:
    assert text_problems("p", text) == []
    assert text_problems("p", text, lines=True) == []


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "\t"])
def test_line_breaks_and_tabs_are_for_texts_of_several_lines(text: str) -> None:
    assert text_problems("p", text, lines=True) == []
    assert [problem.code for problem in text_problems("p", text)] == ["bad_character"]


def test_only_the_first_bad_character_is_named() -> None:
    assert text_problems("memo", "ab\x00\x01") == [
        Problem(
            "memo",
            "bad_character",
            "there is a control character (U+0000) at position 2.",
            "Remove it.",
        )
    ]


def test_half_a_character_is_named() -> None:
    assert text_problems("memo", "\udfff") == [
        Problem(
            "memo",
            "bad_character",
            "there is a lone surrogate (U+DFFF) at position 0.",
            "Remove it.",
        )
    ]


def test_control_characters_and_surrogates_are_those_of_unicode() -> None:
    bad = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cs")
    ]
    assert [code for code in range(sys.maxunicode + 1) if text_problems("memo", chr(code))] == bad
    in_lines = [code for code in range(0xE000) if text_problems("memo", chr(code), lines=True)]
    assert in_lines == [code for code in bad if chr(code) not in "\r\n\t"]


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (True, "true or false", "布尔值"),
        (5, "a number", "数字"),
        (1.5, "a number", "数字"),
        (["text"], "a list", "列表"),
        ({}, "a table", "表"),
        (datetime.date(2026, 1, 2), "a day", "日期"),
        (datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), "a moment", "时间"),
        (b"text", "bytes", " bytes"),
    ],
)
def test_another_kind_is_called_as_a_person_would(
    value: object, english: str, chinese: str
) -> None:
    (problem,) = text_problems("memo", value)
    assert problem == Problem("memo", "wrong_type", f"expected a text, not {english}.")
    assert problem.in_language("zh").message == f"应为文本，而不是{chinese}。"
