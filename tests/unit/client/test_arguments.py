"""Arguments of the front door: what is a mistake in the program, and what cannot be sent."""

from collections.abc import Callable
from typing import Any

import pytest

from alipay_mini_audit import LoggingObserver, ValidationError
from alipay_mini_audit.client.arguments import (
    expect,
    expect_observers,
    fields_of_cancel,
    query_of,
    version_of,
)


def problems(do: Callable[..., object], *given: object, **named: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        do(*given, **named)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_a_wrong_type_names_the_argument_and_what_it_wants() -> None:
    expect("retry", 3, int, "a number")
    expect("retry", None, int | None, "a number or None")
    with pytest.raises(TypeError) as caught:
        expect("retry", "3", int | None, "a number or None")
    assert str(caught.value) == "retry: expected a number or None, not str"


def test_observers_are_a_sequence_of_objects_that_watch() -> None:
    expect_observers(())
    expect_observers([LoggingObserver()])
    for given in (None, 5, LoggingObserver(), {LoggingObserver()}, iter([LoggingObserver()])):
        with pytest.raises(TypeError, match=r"^observers: expected a sequence of observers"):
            expect_observers(given)
    for item, called in ((print, "builtin_function"), (LoggingObserver, "the class LoggingObs")):
        with pytest.raises(TypeError, match=rf"^observers\[1\]: .*on_event.* not {called}"):
            expect_observers([LoggingObserver(), item])
    with pytest.raises(TypeError, match=r"^observers\[0\]: "):
        expect_observers("log")


def test_a_version_is_what_was_given_of_it() -> None:
    assert version_of("1.0.0", None) == {"app_version": "1.0.0"}
    assert version_of("1.0.0", "com.x") == {"app_version": "1.0.0", "bundle_id": "com.x"}
    assert version_of(None, None) == {}


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000"])
def test_a_blank_version_is_not_a_version_left_out(blank: str) -> None:
    assert problems(version_of, blank, None) == [("app_version", "APP_VERSION_IS_BLANK")]
    assert problems(version_of, None, blank) == [("bundle_id", "blank_bundle_id")]
    assert len(problems(version_of, blank, blank)) == 2


def test_the_advice_is_for_the_version() -> None:
    with pytest.raises(ValidationError) as caught:
        version_of("", None, advice=("Leave it out.", "可以不传。"))
    assert str(caught.value) == "app_version: it is blank. Leave it out."


def test_newer_fields_go_with_a_cancel() -> None:
    about = {"app_version": "1.0.0"}
    assert fields_of_cancel(about, None) == about
    assert fields_of_cancel(about, {"new": [1]}) == {"app_version": "1.0.0", "new": [1]}


@pytest.mark.parametrize("name", ["app_version", "bundle_id"])
@pytest.mark.parametrize("about", [{}, {"app_version": "1.0.0"}])
def test_a_newer_field_cannot_name_another_version(name: str, about: dict[str, str]) -> None:
    found = problems(fields_of_cancel, about, {name: "2.0.0", "new": 1})
    assert found == [(f"extra['{name}']", "known_field")]


@pytest.mark.parametrize("name", [1, None, True, b"new", ("new",)])
def test_the_name_of_a_newer_field_is_a_text(name: object) -> None:
    assert problems(fields_of_cancel, {}, {name: 1}) == [("extra", "wrong_type")]


@pytest.mark.parametrize("extra", [["new"], "new", 5, [("new", 1)]])
def test_newer_fields_are_a_mapping(extra: object) -> None:
    with pytest.raises(TypeError, match=r"^extra: expected a mapping"):
        fields_of_cancel({}, extra)  # type: ignore[arg-type]


def test_a_query_is_what_is_not_none() -> None:
    assert query_of(None) == {}
    query = {"a": "1", "b": None, "self": "x", "values": "y", "empty": ""}
    assert query_of(query) == {"a": "1", "self": "x", "values": "y", "empty": ""}


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ({1: "x"}, "query", "wrong_type"),
        ({None: "x"}, "query", "wrong_type"),
        ({b"a": "x"}, "query", "wrong_type"),
        ({("a",): "x"}, "query", "wrong_type"),
        ({10**5000: "x"}, "query", "wrong_type"),
        ({"\ud800": "x"}, "query['\\ud800']", "bad_character"),
        ({"a\0": "x"}, "query['a\\x00']", "bad_character"),
        ({"a": 1}, "query['a']", "wrong_type"),
        ({"a": "\ud800"}, "query['a']", "bad_character"),
    ],
)
def test_odd_names_and_values_of_a_query_are_told(query: Any, path: str, code: str) -> None:
    assert problems(query_of, query) == [(path, code)]


@pytest.mark.parametrize("query", [["a"], "a=1", 5, [("a", "1")]])
def test_a_query_is_a_mapping(query: object) -> None:
    with pytest.raises(TypeError, match=r"^query: expected a mapping"):
        query_of(query)  # type: ignore[arg-type]
