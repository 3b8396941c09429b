"""`told`: a problem in both languages."""

from alipay_mini_audit import Severity
from alipay_mini_audit.problems import told


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
