import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.lifecycle.numbering import number_of


@pytest.mark.parametrize(
    ("older", "newer"),
    [("0.0.9", "0.0.10"), ("0.0.1", "0.1.0"), ("1.9.9", "2.0.0"), ("1.0", "1.0.1"), ("9", "10")],
)
def test_which_is_newer(older: str, newer: str) -> None:
    first, second = number_of(older), number_of(newer)
    assert first is not None
    assert second is not None
    assert first < second


def test_the_same_number_is_not_newer() -> None:
    assert number_of("1.0") == number_of("1.0.0") == number_of("01.0.0")


@pytest.mark.parametrize(
    "text", ["", "1.0.0-beta", "v1", "1..0", ".1", "1.", "1.2.3.4.5", "\uff11.0", "1.0\n", "-1.0"]
)
def test_what_is_no_number_cannot_be_compared(text: str) -> None:
    assert number_of(text) is None


@given(st.lists(st.integers(0, 2**31 - 1), min_size=3, max_size=3), st.integers(0, 2))
def test_a_larger_part_makes_it_newer(parts: list[int], place: int) -> None:
    larger = [*parts]
    larger[place] += 1
    first = number_of(".".join(map(str, parts)))
    second = number_of(".".join(map(str, larger)))
    assert first is not None
    assert second is not None
    assert first < second
