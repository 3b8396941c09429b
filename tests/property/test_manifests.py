"""Whatever a manifest holds, it is records with lines, each right or with a problem."""

from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.batch.manifest.annotation import Annotator
from alipay_mini_audit.batch.manifest.building import Builder
from alipay_mini_audit.batch.manifest.csv_table import read_csv
from alipay_mini_audit.batch.manifest.json_lines import read_json_lines
from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.batch.manifest.tokens import Tokens
from alipay_mini_audit.batch.manifest.toml_tables import read_toml
from alipay_mini_audit.batch.submission import Submission

Reader = Callable[[Iterator[str], str], Iterator[Record]]

WORDS = st.sampled_from(
    [
        *("key", "app_version", "memo", "auto_online", "not_before", "priority", "screen_shots"),
        *("reason", "[[submission]]\n", "[defaults]\n", '"', '""', "'''", '"""', ",", ";", "\n"),
        *("\r\n", "=", " = ", "{", "}", ":", "[", "]", "1", "0.0.1", "是", "1E+10", "，", "#"),
        *("null", "NaN", "2026/11/25", "0001-01-01", "9999-12-31 23:59", "a", " ", "\\", "\ufeff"),
    ]
)
TEXTS = st.lists(WORDS, max_size=40).map("".join)


def read(reader: Reader, text: str, name: str) -> list[Submission]:
    """Read a text, and again what is written of its lines."""
    records = list(reader(iter(text.splitlines(keepends=True)), name))
    builder = Builder(Path("/nowhere"), Tokens({}, {}))
    annotator = Annotator(None)
    found = []
    for record in records:
        assert 1 <= record.line <= len(text.splitlines()) + 1
        assert all(each.path.startswith(f"{name}:") for each in record.problems)
        if not record.is_entry:
            annotator = Annotator(record)
            continue
        outcome = builder.build(record)
        annotator.annotated(record, "why", "CODE")
        if outcome.submission is not None:
            assert outcome.submission.identity == outcome.identity
            found.append(outcome.submission)
        else:
            assert outcome.problems or not record.is_usable
    return found


@given(TEXTS)
def test_any_table(text: str) -> None:
    read(read_csv, text, "night.csv")
    read(read_csv, f"key,app_version,memo\n{text}", "night.csv")


@given(TEXTS)
def test_any_lines_of_json(text: str) -> None:
    read(read_json_lines, text, "night.jsonl")


@given(TEXTS)
def test_any_toml(text: str) -> None:
    read(read_toml, text, "night.toml")
    read(read_toml, f'[[submission]]\napp_version = "1"\n{text}', "night.toml")


@given(st.lists(st.text("ab,;\n\"' 甲", min_size=1, max_size=8), min_size=1, max_size=4))
def test_what_is_exported_is_read_again(memos: list[str]) -> None:
    rows = [
        'k{},0.0.{},"{}"\n'.format(number, number, memo.replace('"', '""'))
        for number, memo in enumerate(memos)
    ]
    text = "key,app_version,memo\n" + "".join(rows)
    head, *records = read_csv(iter(text.splitlines(keepends=True)), "night.csv")
    annotator = Annotator(head)
    written = annotator.head + "".join(
        annotator.annotated(each, 'a "reason", of two\nlines', "CODE") for each in records
    )
    assert read(read_csv, written, "night.csv") == read(read_csv, text, "night.csv")
    assert len(read(read_csv, text, "night.csv")) == len(memos)
