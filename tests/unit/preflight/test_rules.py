"""`Preflight`: what it takes."""

import pickle
from typing import Any

import pytest

from alipay_mini_audit import ConfigurationError, Preflight, Severity


def test_off_is_off_and_everything_else_is_on() -> None:
    assert Preflight().is_on
    assert not Preflight.OFF.is_on
    assert Preflight().refuse is Severity.ERROR
    assert pickle.loads(pickle.dumps(Preflight(levels={"a": "skip"}))) == Preflight(  # noqa: S301
        levels={"a": "skip"}
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("refuse", "error!"),
        ("levels", {"A": "off"}),
        ("levels", ["A"]),
        ("levels", {1: "skip"}),
        ("first_submission", "yes"),
        ("placeholders", "test"),
        ("placeholders", (1,)),
        ("other_platforms", [""]),
        ("extra_rules", (1,)),
        ("extra_rules", print),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(setting: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Preflight(**{setting: value})
    assert caught.value.setting == f"Preflight.{setting}"


def test_levels_are_a_copy() -> None:
    levels: dict[str, Any] = {"a": "skip"}
    preflight = Preflight(levels=levels)
    levels["a"] = "nonsense"
    assert preflight.levels == {"a": "skip"}


def test_it_may_be_a_key() -> None:
    assert hash(Preflight(levels={"a": "skip"})) == hash(Preflight(levels={"a": "skip"}))
    assert {Preflight(): 1}[Preflight()] == 1
