"""What became of a demo, as values."""

import pytest

from alipay_mini_audit.cli.demo.report import DemoReport, VersionResult
from alipay_mini_audit.cli.exits import CommandFailed


def report(*problems: str) -> DemoReport:
    results = (
        VersionResult(version="0.0.1", files=16, size=1000),
        VersionResult(version="0.0.2", files=14, size=900),
        VersionResult(version="0.0.3"),
    )
    return DemoReport(results=results, cancelled=None, seconds=1.0, problems=problems)


def test_files_and_sizes_are_added_up() -> None:
    assert (report().files, report().size) == (30, 1900)


def test_a_report_without_problems_raises_nothing() -> None:
    report().raise_for_problems("en")


@pytest.mark.parametrize(
    ("problems", "text"),
    [
        (["0.0.1: a"], "The demo failed. 0.0.1: a"),
        (["0.0.1: a", "0.0.2: b"], "The demo failed. 0.0.1: a (and 1 more)"),
        (["0.0.1: a", "0.0.2: b", "0.0.3: c"], "The demo failed. 0.0.1: a (and 2 more)"),
    ],
)
def test_the_first_problem_is_named_and_the_others_are_counted(
    problems: list[str], text: str
) -> None:
    with pytest.raises(CommandFailed) as failed:
        report(*problems).raise_for_problems("en")
    assert str(failed.value) == text


def test_it_is_told_in_chinese() -> None:
    with pytest.raises(CommandFailed) as failed:
        report("0.0.1: 一", "0.0.2: 二").raise_for_problems("zh")
    assert str(failed.value) == "演示失败。0.0.1: 一（另有 1 个问题）"
