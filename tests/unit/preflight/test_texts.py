"""`told` and `retold`: a problem in both languages."""

from alipay_mini_audit import Severity
from alipay_mini_audit.problems import Problem, retold, told


def test_values_are_filled_into_both_languages() -> None:
    english, chinese = ("it has {count}.", "Use {least}."), ("有 {count} 个。", "至少 {least} 个。")
    problem = told("memo", "X", english, chinese, Severity.WARNING, {"count": 1, "least": 2})
    assert (problem.message, problem.advice) == ("it has 1.", "Use 2.")
    translated = problem.in_language("zh")
    assert (translated.message, translated.advice) == ("有 1 个。", "至少 2 个。")
    assert translated.severity is Severity.WARNING


def test_braces_in_a_value_stay() -> None:
    problem = told("memo", "X", ("{what}", ""), ("{what}", ""), values={"what": "{0}{x}"})
    assert problem.message == "{0}{x}"


def test_a_problem_is_told_in_other_words_around_its_own() -> None:
    problem = told("x", "X", ("no {z}.", "Go."), ("没有 {z}。", "请走。"), values={"z": "{y}"})
    texts = ("{which}: {message}", ""), ("{which}：{message}", "好。")
    other = retold(problem, *texts, Severity.WARNING, {"which": 2})
    assert other == Problem("x", "X", "2: no {y}.", "", Severity.WARNING)
    assert other.in_language("zh").message == "2：没有 {y}。"
    assert other.in_language("zh").advice == "好。"
    assert retold(problem, *texts, values={"which": 2}).severity is Severity.ERROR
