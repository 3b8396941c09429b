"""Validators for the numbers of settings: attrs calls them, and a bad value is named."""

from __future__ import annotations

from typing import Final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["as_number", "number_from_zero", "positive_count", "positive_number"]

_POSITIVE: Final = (
    ("expected a number greater than 0, not {given}.", ""),
    ("应为大于 0 的数，而不是 {given}。", ""),
)
_FROM_ZERO: Final = (
    ("expected a number of at least 0, not {given}.", ""),
    ("应为不小于 0 的数，而不是 {given}。", ""),
)
_COUNT: Final = (
    ("expected a whole number greater than 0, not {given}.", ""),
    ("应为大于 0 的整数，而不是 {given}。", ""),
)


def positive_number(owner: object, field: attrs.Attribute[float], value: object) -> None:
    """Accept a finite number greater than 0.

    Raises:
        ConfigurationError: it is something else; `setting` is the class and the field.
    """
    number = as_number(value)
    if number is None or number <= 0:
        raise _refusal(owner, field, value, _POSITIVE)


def number_from_zero(owner: object, field: attrs.Attribute[float], value: object) -> None:
    """Accept a finite number of at least 0.

    Raises:
        ConfigurationError: it is something else; `setting` is the class and the field.
    """
    number = as_number(value)
    if number is None or number < 0:
        raise _refusal(owner, field, value, _FROM_ZERO)


def positive_count(owner: object, field: attrs.Attribute[int], value: object) -> None:
    """Accept a whole number greater than 0.

    Raises:
        ConfigurationError: it is something else; `setting` is the class and the field.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _refusal(owner, field, value, _COUNT)


def as_number(value: object) -> float | None:
    """Return a finite number; `None` for anything else."""
    # bool is a subclass of int, and `attempts=True` or `total=False` is a mistake.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number may be larger than any float
        return None
    return number if float("-inf") < number < float("inf") else None


def _refusal(
    owner: object,
    field: attrs.Attribute[float] | attrs.Attribute[int],
    value: object,
    texts: tuple[tuple[str, str], tuple[str, str]],
) -> ConfigurationError:
    setting = f"{type(owner).__name__}.{field.name}"
    try:
        given = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, a list in lists
        given = type(value).__name__
    problem = told(setting, "bad_number", *texts, values={"given": given})
    return ConfigurationError.from_problem(problem)
