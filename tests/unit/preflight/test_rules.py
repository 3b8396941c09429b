"""`Preflight`: what it takes."""

import pickle
from typing import Any

import pytest

from alipay_mini_audit import ConfigurationError, Preflight, Problem, Severity
from alipay_mini_audit.preflight import Subject


def test_off_is_off_and_everything_else_is_on() -> None:
    assert Preflight().is_on
    assert not Preflight.OFF.is_on
    assert Preflight().refuse is Severity.ERROR
    assert pickle.loads(pickle.dumps(Preflight(levels={"gap": "skip"}))) == Preflight(  # noqa: S301
        levels={"gap": "skip"}
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


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("SCREEN_SHOT_NUM_INVALID", "SCREEN_SHOT_NUM_IS_INVALID"),
        ("same_pictures", "same_picture"),
        ("file_not_found", "extra_rules"),
        ("screen_shot_num_is_invalid", "SCREEN_SHOT_NUM_IS_INVALID"),
        ("ANIMATED", "animated"),
        ("\x1b", "extra_rules"),
    ],
)
def test_a_code_that_no_rule_finds_is_refused_with_the_nearest(code: str, advice: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Preflight(levels={"gap": "skip", code: "skip"})
    assert (caught.value.setting, caught.value.code) == ("Preflight.levels", "unknown_code")
    assert advice in caught.value.advice
    assert str(caught.value).isprintable()
    assert code in caught.value.args[0] or not code.isprintable()


def test_rules_of_ones_own_may_have_any_code() -> None:
    def own(_: Subject) -> tuple[Problem, ...]:
        return ()

    assert Preflight(levels={"no_fridays": "skip"}, extra_rules=(own,)).levels


def test_levels_are_a_copy() -> None:
    levels: dict[str, Any] = {"gap": "skip"}
    preflight = Preflight(levels=levels)
    levels["a"] = "nonsense"
    assert preflight.levels == {"gap": "skip"}


def test_it_may_be_a_key() -> None:
    assert hash(Preflight(levels={"gap": "skip"})) == hash(Preflight(levels={"gap": "skip"}))
    assert {Preflight(): 1}[Preflight()] == 1
