"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, final

from alipay_mini_audit.batch.manifest.record import Record, shown
from alipay_mini_audit.problems import Problem, told

__all__ = ["read_json_lines"]

_NOT_JSON: Final = (
    ("this line is no JSON object; it fails at column {column}.", "Write one object a line."),
    ("该行不是 JSON 对象：第 {column} 列有错误。", "请每行写一个完整的对象。"),
)
_NO_OBJECT: Final = (
    ("this line is no JSON object.", "Write one object a line."),
    ("该行不是 JSON 对象。", "请每行写一个完整的对象。"),
)
_SPREAD: Final = (
    ("this is JSON over several lines.", "Write one object a line, no list around them."),
    ("JSON 写成了多行。", "请每行写一个完整的对象，外面不要加列表。"),
)
_NUMBER: Final = (
    ("NaN and Infinity are no values of JSON.", "Write the value in quotes, or null."),
    ("NaN 和 Infinity 不是合法的 JSON 值。", "请写成带引号的文本，或 null。"),
)
_TWICE: Final = (
    ("the object has this key twice.", "Leave one of them out."),
    ("对象中该键出现了两次。", "请去掉其中一个。"),
)


_NO_NUMBER: Final = object()


def read_json_lines(lines: Iterator[str], file: str) -> Iterator[Record]:
    """Yield a record for each line that is not blank.

    Args:
        lines: of the manifest, with their line breaks.
        file: its name.
    """
    is_first = True
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        place = f"{file}:{number}"
        if is_first and text in ("[", "{"):
            problem = told(place, "not_json", *_SPREAD)
            yield Record(file=file, line=number, raw=line, problems=(problem,), is_usable=False)
            return
        is_first = False
        parser = _Parser(place)
        values = parser.parse(text)
        yield Record(
            file=file,
            line=number,
            values={} if values is None else values,
            raw=line,
            problems=tuple(parser.problems),
            is_usable=values is not None,
        )


@final
class _Parser:
    """Parses one line, and notes what the parser of Python takes and JSON does not.

    Args:
        place: where the line is.

    Attributes:
        problems: what is wrong.
    """

    def __init__(self, place: str) -> None:
        self.problems: list[Problem] = []
        self._place = place

    def parse(self, text: str) -> dict[str, object] | None:
        """Return the values that are given; `None` if it is no object."""
        try:
            found = json.loads(
                text, object_pairs_hook=self._object, parse_constant=lambda _: _NO_NUMBER
            )
        except json.JSONDecodeError as error:
            column = {"column": error.colno}
            self.problems = [told(self._place, "not_json", *_NOT_JSON, values=column)]
            return None
        except (ValueError, RecursionError):  # thousands of digits, or of brackets
            found = None
        if not isinstance(found, dict):
            self.problems = [told(self._place, "not_json", *_NO_OBJECT)]
            return None
        return {name: value for name, value in found.items() if is_given(value)}

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, given in pairs:
            path = f"{self._place}:{shown(name)}"
            if name in found:
                self.problems.append(told(path, "duplicate_column", *_TWICE))
            value = given
            if value is _NO_NUMBER:
                value = None
                self.problems.append(told(path, "not_json", *_NUMBER))
            found[name] = value
        return found


def is_given(value: object) -> bool:
    """Say whether a value is one: `null`, a blank text and an empty list are none."""
    return not (value is None or value == [] or (isinstance(value, str) and not value.strip()))
