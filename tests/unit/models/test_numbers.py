"""Which numbers settings may be; what they are refused with."""

from typing import Any

import attrs
import pytest

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.models.numbers import number_from_zero, positive_count, positive_number

NOT_FINITE = [float("nan"), float("inf"), float("-inf")]
NOT_A_NUMBER = [True, False, None, "5", 1j, [1]]


@attrs.frozen
class Limits:
    """One field of each kind."""

    seconds: Any = attrs.field(default=1.0, validator=positive_number)
    delay: Any = attrs.field(default=0.0, validator=number_from_zero)
    count: Any = attrs.field(default=1, validator=positive_count)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seconds", 1),
        ("seconds", 0.001),
        ("seconds", 10**300),
        ("delay", 0),
        ("delay", 0.0),
        ("delay", 5),
        ("count", 1),
        ("count", 10**400),
    ],
)
def test_a_number_that_fits_is_kept_as_it_is(name: str, value: object) -> None:
    assert getattr(Limits(**{name: value}), name) is value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, value) for name in ("seconds", "count") for value in (0, -1, -0.5)],
        ("delay", -1),
        ("delay", -0.001),
        ("seconds", 10**400),  # no clock can add it to its time
        ("delay", 10**400),
        ("count", 1.0),
        *[(name, value) for name in ("seconds", "delay", "count") for value in NOT_FINITE],
        *[(name, value) for name in ("seconds", "delay", "count") for value in NOT_A_NUMBER],
    ],
    ids=repr,
)
def test_another_value_is_refused_with_class_and_field(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Limits(**{name: value})
    assert (caught.value.setting, caught.value.code) == (f"Limits.{name}", "bad_number")
    assert caught.value.problem.endswith(f", not {value!r}.")


def test_the_refusal_says_what_is_expected() -> None:
    expected = {
        "seconds": "expected a number greater than 0, not -1.",
        "delay": "expected a number of at least 0, not -1.",
        "count": "expected a whole number greater than 0, not -1.",
    }
    for name, problem in expected.items():
        with pytest.raises(ConfigurationError) as caught:
            Limits(**{name: -1})
        assert caught.value.problem == problem


@pytest.mark.parametrize("name", ["seconds", "delay", "count"])
def test_what_python_cannot_write_out_is_refused_by_its_type(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Limits(**{name: -(10**5000)})
    assert caught.value.problem.endswith(", not int.")
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ConfigurationError) as caught:
        Limits(**{name: deep})
    assert caught.value.problem.endswith(", not list.")
