"""JSON Lines: what is one object a line, and what only looks like it."""

import pytest

from alipay_mini_audit.batch.manifest.json_lines import read_json_lines
from alipay_mini_audit.batch.manifest.record import Record


def read(*lines: str) -> list[Record]:
    return list(read_json_lines(iter(f"{line}\n" for line in lines), "night.jsonl"))


def found(*lines: str) -> list[tuple[str, str]]:
    return [(each.path, each.code) for record in read(*lines) for each in record.problems]


def test_an_object_a_line_with_its_number_and_its_text() -> None:
    first, second = read('{"key": "a", "memo": null}', "", '  {"key": "b", "memo": ""}')
    assert (first.line, first.values, first.raw) == (
        1,
        {"key": "a"},
        '{"key": "a", "memo": null}\n',
    )
    assert (second.line, second.values) == (3, {"key": "b"})


@pytest.mark.parametrize(
    "line", ["[1]", "7", '"a"', "{", '{"a": 1', '{"a": 1}{"b": 2}', "[" * 100_000, "9" * 5000]
)
def test_what_is_no_object_is_told(line: str) -> None:
    assert found('{"key": "a"}', line) == [("night.jsonl:2", "not_json")]
    assert not read("{}", line)[1].is_usable


def test_a_key_that_is_there_twice_is_told_in_places_too() -> None:
    twice = '{"key": "a", "key": "b", "service_region_info": [{"x": "1", "x": "2"}]}'
    assert found(twice) == [
        ("night.jsonl:1:x", "duplicate_column"),
        ("night.jsonl:1:key", "duplicate_column"),
    ]


def test_what_python_alone_takes_for_json_is_told() -> None:
    assert found('{"priority": NaN, "memo": -Infinity}') == [
        ("night.jsonl:1:priority", "not_json"),
        ("night.jsonl:1:memo", "not_json"),
    ]


def test_json_over_several_lines_is_told_once() -> None:
    assert found("", "[", '{"key": "a"},', "]") == [("night.jsonl:2", "not_json")]
