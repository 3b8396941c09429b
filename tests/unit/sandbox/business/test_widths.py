import pytest

from alipay_mini_audit.sandbox.business.widths import Width, width_of


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("abc ~", 5, 5),
        ("咖啡x", 5, 5),
        ("㐀豈\U00020000", 6, 6),
        ("😀", 1, 2),
        ("\uff41。のé한", 5, 10),
        ("e\u0301", 2, 3),
        (" ab\u3000", 2, 5),
        ("a\r\nb", 3, 6),
        ("a\nb", 3, 4),
        ("ab\r\n", 2, 6),
        ("   ", 0, 3),
    ],
)
def test_what_a_text_counts(text: str, least: int, most: int) -> None:
    assert width_of(text) == Width(least, most)


def test_it_is_outside_only_if_no_reading_brings_it_in() -> None:
    assert Width(4, 9).is_surely_outside(10, 20)
    assert not Width(4, 10).is_surely_outside(10, 20)
    assert not Width(20, 99).is_surely_outside(10, 20)
    assert Width(21, 99).is_surely_outside(10, 20)
