"""The limits that docstrings state are those of the tables, and every limit is stated."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from alipay_mini_audit.attachments.parts import PARTS, parts_of
from alipay_mini_audit.models.fields import FIELDS, Counting

PACKAGE = Path(__file__).parents[2] / "alipay_mini_audit"
LENGTH = re.compile(r"(?:(\d+) to|[Uu]p to) (\d+) characters( \(2\))?")
SIZE = re.compile(r"at most (\d+) MiB(?: and (\d+) by (\d+) pixels)?")
COUNT = re.compile(r"Up to (\w+) ")
REFERENCE = re.compile(r"limits as for `(\w+)`")
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
EXTENSIONS = {"PNG": {"png"}, "JPEG": {"jpg", "jpeg"}, "ZIP": {"zip"}, "RAR": {"rar"}}
MIB = 1_048_576


class Limits(NamedTuple):
    """What a part's docstring says of every file in it."""

    max_bytes: int
    max_width: int | None
    max_height: int | None
    formats: frozenset[str]


def attribute_docstrings(module: str, class_name: str) -> dict[str, str]:
    """Return the docstrings under the attributes of a class, each on one line."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    (body,) = (
        node.body
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name == class_name
    )
    found = {}
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            text = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                text = str(following.value.value)
            found[statement.target.id] = " ".join(text.split())
    return found


OF_FIELDS = attribute_docstrings("models/apply.py", "AuditApply")
OF_FILES = attribute_docstrings("attachments/model.py", "Attachments")


def limits_of(field: str) -> Limits:
    """Read a docstring of `Attachments`, or the one that it refers to."""
    text = OF_FILES[field]
    if reference := REFERENCE.search(text):
        return limits_of(reference[1])
    size = SIZE.search(text)
    assert size, f"{field} states no size"
    named = [extensions for word, extensions in EXTENSIONS.items() if word in text]
    return Limits(
        max_bytes=int(size[1]) * MIB,
        max_width=int(size[2]) if size[2] else None,
        max_height=int(size[3]) if size[3] else None,
        formats=frozenset().union(*named),
    )


def test_the_docstrings_are_found() -> None:
    assert list(OF_FIELDS) == [*FIELDS, "extra"]
    assert list(OF_FILES) == [
        *dict.fromkeys(part.field for part in PARTS.values()),
        "extra",
        "parts",
    ]
    assert OF_FIELDS["version_desc"].endswith("Needed on every call.")


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_states_its_length(name: str) -> None:
    length = FIELDS[name].length
    stated = LENGTH.findall(OF_FIELDS[name])
    if length is None:
        assert stated == []
        assert not re.search(r"\b(to|most|least) \d", OF_FIELDS[name])
        return
    minimum = "" if length.minimum == 1 else str(length.minimum)
    mark = " (2)" if length.counting is Counting.CHINESE_TWICE else ""
    assert stated == [(minimum, str(length.maximum), mark)]


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_states_its_characters_and_whether_every_call_needs_it(name: str) -> None:
    spec, text = FIELDS[name], OF_FIELDS[name]
    if spec.characters is not None:
        assert f": {spec.characters.value}." in text
    assert (f"Needed {spec.need.value}." in text) == (spec.need.name == "ALWAYS")
    assert ("never printed" in text) == spec.is_secret


@pytest.mark.parametrize("name", PARTS)
def test_a_field_of_files_states_the_limits_of_its_parts(name: str) -> None:
    part = PARTS[name]
    assert limits_of(part.field) == Limits(
        part.max_bytes, part.max_width, part.max_height, frozenset(part.formats)
    )


@pytest.mark.parametrize("field", dict.fromkeys(part.field for part in PARTS.values()))
def test_a_field_of_files_states_how_many_it_takes(field: str) -> None:
    parts = parts_of(field)
    stated = COUNT.findall(OF_FILES[field])
    assert stated == ([] if parts[0].position is None else [NUMBERS[len(parts) - 1]])
