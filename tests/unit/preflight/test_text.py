"""The width of a text, against all of Unicode and a second, slow reading of the rule."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.preflight.text import width

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("改a \n\r\U0001f680，\uff42")
)


def naive(text: str) -> tuple[int, int]:
    """Count one character after another, as the docstring says it."""

    def is_han(character: str) -> bool:
        return "CJK UNIFIED IDEOGRAPH" in unicodedata.name(character, "") or (
            "CJK COMPATIBILITY IDEOGRAPH" in unicodedata.name(character, "")
        )

    inner = text.strip()
    least = sum(2 if is_han(each) else 1 for each in inner.replace("\r\n", "\n"))
    most = sum(1 if " " <= each <= "~" else 2 for each in text)
    return least, most


@given(TEXTS)
def test_it_is_what_a_naive_count_says(text: str) -> None:
    least, most = width(text)
    slow_least, slow_most = naive(text)
    unassigned = sum(unicodedata.category(each) == "Cn" for each in text)
    assert slow_least <= least <= slow_least + unassigned
    assert most == slow_most
    assert least <= most


def test_every_character_counts_one_or_two() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) == "Cs":
            continue
        least, most = width(f"a{character}a")
        kind = unicodedata.east_asian_width(character)
        name = unicodedata.name(character, "")
        assert 3 <= least <= most <= 4
        if name.startswith("CJK UNIFIED IDEOGRAPH"):
            assert (kind, least, most) == ("W", 4, 4), hex(number)
        elif " " <= character <= "~":
            assert (kind, least, most) == ("Na", 3, 3), hex(number)
        elif name and "IDEOGRAPH" not in name:
            assert (least, most) == (3, 4), hex(number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 0)),
        ("abc", (3, 3)),
        ("改版", (4, 4)),
        ("改版a", (5, 5)),
        ("，", (1, 2)),
        (" a ", (1, 3)),
        ("a\r\nb", (3, 6)),
        ("\U0001f680", (1, 2)),
        ("e\u0301", (2, 3)),
    ],
)
def test_known_widths(text: str, expected: tuple[int, int]) -> None:
    assert width(text) == expected
