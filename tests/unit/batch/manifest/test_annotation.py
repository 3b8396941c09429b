"""Lines as they were, with a reason: what is written again is read again."""

import tomllib

import pytest

from alipay_mini_audit.batch.manifest.annotation import Annotator
from alipay_mini_audit.batch.manifest.csv_table import read_csv
from alipay_mini_audit.batch.manifest.json_lines import read_json_lines
from alipay_mini_audit.batch.manifest.toml_tables import read_toml

READERS = {"csv": read_csv, "jsonl": read_json_lines, "toml": read_toml}
REASON, CODE = 'the logo, "its" edge', "LOGO_BAD"


def annotated(kind: str, text: str, reason: str = REASON) -> str:
    records = list(READERS[kind](iter(text.splitlines(keepends=True)), f"night.{kind}"))
    head = next((each for each in records if not each.is_entry), None)
    annotator = Annotator(head)
    lines = [annotator.annotated(each, reason, CODE) for each in records if each.is_entry]
    return annotator.head + "".join(lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'key;memo\r\na;"b\r\nc"\r\n',
            'key;memo;reason;code\r\na;"b\r\nc";"the logo, ""its"" edge";LOGO_BAD\r\n',
        ),
        ("sep=;\nkey;memo\na;b", "sep=;\nkey;memo;reason;code\na;b;{};LOGO_BAD\n"),
        ("key,,\na\n", "key,,,reason,code\na,,,{},LOGO_BAD\n"),
        ("key,,\na,,,,,\n", "key,,,reason,code\na,,,{},LOGO_BAD\n"),
        ("key,Reason,memo\na,old,b\n", "key,Reason,memo,code\na,{},b,LOGO_BAD\n"),
        ("code,key,reason\nold,a,old\n", "code,key,reason\nLOGO_BAD,a,{}\n"),
        ("key\ta\nb\tc\n", "key\ta\treason\tcode\nb\tc\t{}\tLOGO_BAD\n"),
        ("key,memo\na,b,c\n", "key,memo,reason,code\na,b,c\n"),
        ('key,memo\na,"b\n', 'key,memo,reason,code\na,"b\n'),
    ],
)
def test_a_table_gets_two_columns(text: str, expected: str) -> None:
    quoted = '"the logo, ""its"" edge"'
    assert annotated("csv", text) == expected.replace("{}", quoted)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"key": "a"}\n', '{"key": "a", "reason": "because", "code": "LOGO_BAD"}\n'),
        ('  {"key":"甲" } \r\n', '  {"key":"甲", "reason": "because", "code": "LOGO_BAD"}\r\n'),
        ("{}", '{"reason": "because", "code": "LOGO_BAD"}\n'),
        (
            '{"reason": "old", "key": "a"}\n',
            '{"reason": "because", "key": "a", "code": "LOGO_BAD"}\n',
        ),
        ("[1]", "[1]\n"),
    ],
)
def test_an_object_gets_two_keys(text: str, expected: str) -> None:
    assert annotated("jsonl", text, "because") == expected


def test_a_table_of_toml_gets_two_lines_behind_its_head() -> None:
    text = (
        '[defaults]\nmemo = "x"\n[[submission]] # first\nkey = "a"\n\n'
        "[[submission.service_region_info]]\nx = 1"
    )
    once = annotated("toml", text, 'a "b" \\ \x7f\n')
    assert (
        once
        == text.replace(
            "# first\n", '# first\nreason = "a \\"b\\" \\\\ \\u007f\\n"\ncode = "LOGO_BAD"\n'
        )
        + "\n"
    )
    assert tomllib.loads(once)["submission"][0]["reason"] == 'a "b" \\ \x7f\n'


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("csv", 'key,memo\na,"b,c"\n'),
        ("csv", "key,memo\na\n"),
        ("jsonl", '{"key": "a"}\n'),
        ("toml", '[[submission]]\r\nkey = "a"\r\n'),
    ],
)
def test_a_second_note_replaces_the_first(kind: str, text: str) -> None:
    first = annotated(kind, text, "one")
    assert annotated(kind, annotated(kind, text, "two"), "one") == first
