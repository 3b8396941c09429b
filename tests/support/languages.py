"""Whether a text is Chinese, as a reader of Chinese expects it."""

import functools
import re
from collections.abc import Sequence

from alipay_mini_audit import Problem

CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH_SENTENCE = re.compile(r"(?:(?<![`\w.])[A-Za-z]{2,}(?![`\w.]) ){2}[A-Za-z]{2,}")
ODD_BLANKS = re.compile(r"[\u4e00-\u9fff，。；：、（）] +[\u4e00-\u9fff，。；：、（）]")
WESTERN_MARKS = re.compile("[\u4e00-\u9fff][,;:!?.()]")
VARIABLE = re.compile(r"\{\w*\}")


def chinese_faults(text: str) -> list[str]:
    """Return what a text has that no Chinese sentence has."""
    faults = [] if CHINESE.search(text) else ["nothing Chinese"]
    faults += [] if text.endswith(("。", "？")) else ["no full stop"]
    for pattern in (ENGLISH_SENTENCE, ODD_BLANKS, WESTERN_MARKS, VARIABLE):
        faults += [found[0] for found in pattern.finditer(text)]
    return faults


def assert_told_in_chinese(problem: Problem, given: Sequence[str] = ()) -> None:
    """Check that message and advice of a problem are there in Chinese.

    Args:
        problem: in English.
        given: values of the user's in its texts, in whatever language they are.
    """
    chinese = problem.in_language("zh")
    assert (chinese.path, chinese.code) == (problem.path, problem.code)
    assert chinese.severity is problem.severity
    assert not CHINESE.search(problem.advice)
    for english, text in ((problem.message, chinese.message), (problem.advice, chinese.advice)):
        assert bool(english) == bool(text), problem
        assert [each for each in given if (each in english) != (each in text)] == []
        rest = functools.reduce(lambda left, each: left.replace(each, "X"), given, text)
        assert not rest or chinese_faults(rest) == [], text
