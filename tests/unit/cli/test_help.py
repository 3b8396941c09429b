"""Lines of help with wide characters."""

import pytest

from alipay_mini_audit.cli.help import wrapped


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("短", 2, ["短"]),
        ("一二三四五", 4, ["一二", "三四", "五"]),
        ("一二三四五", 5, ["一二", "三四", "五"]),
        ("一二三，四", 6, ["一二", "三，四"]),
        ("看 README 一", 8, ["看", "README", "一"]),
        ("看 README 一", 9, ["看 README", "一"]),
        ("看 README。", 9, ["看", "README。"]),
        ("一二（三）四", 6, ["一二", "（三）", "四"]),
        ("a-very-long-word 一", 6, ["a-very-long-word", "一"]),
    ],
)
def test_a_line_is_as_wide_as_the_terminal_at_most(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines
