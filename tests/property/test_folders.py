"""Whatever stands in a submission.toml: problems are told, and what is left can be used."""

import datetime
import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.languages import assert_told_in_chinese

from alipay_mini_audit import Attachments, AuditApply, Severity
from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.cli.folders.template import toml_value
from alipay_mini_audit.files.folder import read_draft
from alipay_mini_audit.models.fields import FIELDS

NAMES = [
    *(spec.wire_name for spec in FIELDS.values()),
    *PARTS,
    *("screen_shots", "license_pics", "app_sloga", "x y"),
]
ATTRIBUTES = {spec.wire_name: spec.attribute for spec in FIELDS.values()}
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
KEYS = st.text('ab. 键"', max_size=5)
VALUES = st.recursive(
    st.one_of(
        *(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), TEXTS),
        *(st.dates(), st.datetimes(), st.times()),
    ),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def written(value: object) -> str:
    """Write any value of TOML's on one line."""
    match value:
        case float() if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        case bool() | str():
            return toml_value(value)
        case int() | float():
            return repr(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case Mapping():
            pairs = (f"{toml_value(name)} = {written(each)}" for name, each in value.items())
            return f"{{ {', '.join(pairs)} }}"
        case list():
            return f"[{', '.join(map(written, value))}]"
    raise TypeError(type(value).__name__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
def test_what_can_be_used_is_used_and_the_rest_is_told(
    folder: Path, held: dict[str, object]
) -> None:
    lines = [f'"{name}" = {written(value)}' for name, value in held.items()]
    (folder / "submission.toml").write_text("\n".join(lines), encoding="utf-8")
    draft, errors = read_draft(folder)
    AuditApply.from_wire(draft.fields)
    Attachments.from_parts(draft.parts)
    told = {each.path.partition("[")[0].partition(".")[0] for each in errors}
    for name, value in held.items():
        known = ATTRIBUTES.get(name, name)
        may_be_empty = isinstance(value, str | list)
        is_used = name in draft.fields or name in draft.parts or may_be_empty
        assert is_used or known in told or repr(name) in told
    for problem in errors:
        assert problem.severity is Severity.ERROR
        assert problem.in_language("zh") != problem


@given(st.binary(max_size=200))
def test_any_bytes_are_a_submission_or_a_problem(folder: Path, content: bytes) -> None:
    file = folder / "any.toml"
    file.write_bytes(content)
    draft, errors = read_draft(file)
    for problem in errors:
        if problem.code == "not_toml":
            assert_told_in_chinese(problem)
            assert not draft.fields
