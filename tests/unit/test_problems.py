"""`Problem`, and what is printed of it."""

import pytest

from alipay_mini_audit import Problem, Severity
from alipay_mini_audit.problems import joined


def test_a_language_that_nobody_wrote_changes_nothing() -> None:
    problem = Problem("memo", "X", "it is wrong.", "Correct it.")
    assert problem.in_language("zh") is problem
    assert problem.in_language("en") is problem


def test_a_translation_takes_the_place_of_message_and_advice() -> None:
    texts = {"zh": ("有误。", "请更正。")}
    problem = Problem("memo", "X", "it is wrong.", "", Severity.WARNING, translations=texts)
    assert str(problem.in_language("zh")) == "memo: 有误。请更正。"
    assert str(problem) == "memo: it is wrong."
    assert problem.in_language("zh").severity is Severity.WARNING


def test_translations_are_no_part_of_what_a_problem_is() -> None:
    texts = {"zh": ("有误。", "")}
    problem = Problem("memo", "X", "it is wrong.", translations=texts)
    assert problem == Problem("memo", "X", "it is wrong.")
    assert "有误" not in repr(problem)


def test_it_is_printed_as_one_line() -> None:
    assert "\n" not in str(Problem("memo\n", "X", "a\nb\x1b[31m", "c\r"))


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        (("It is wrong.", "Correct it."), "It is wrong. Correct it."),
        (("有误。", "请更正。"), "有误。请更正。"),
        (("是否有误？", "Correct it.", "See above."), "是否有误？Correct it. See above."),
        (("X: 有误", "请更正。"), "X: 有误 请更正。"),
        (("", "Correct it.", ""), "Correct it."),
        ((), ""),
    ],
)
def test_there_is_no_blank_behind_a_chinese_mark(sentences: tuple[str, ...], text: str) -> None:
    assert joined(*sentences) == text
