"""TOML, table by table: what belongs to which, and the line in which it goes wrong."""

import pytest

from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.batch.manifest.toml_tables import read_toml


def read(text: str) -> list[Record]:
    return list(read_toml(iter(text.splitlines(keepends=True)), "night.toml"))


def found(text: str) -> list[tuple[str, str]]:
    return [(each.path, each.code) for record in read(text) for each in record.problems]


def test_tables_with_defaults_and_lines() -> None:
    head, first, second = read(
        "[defaults]\nauto_online = true\nmemo = 'a'\n\n"
        '[[submission]]\nkey = "a"\nmemo = ""\n'
        '[[ "submission" ]] # another\n"key" = "b"\nmemo = "c"\n'
    )
    assert not head.is_entry
    assert first.values == {"auto_online": True, "memo": "a", "key": "a"}
    assert (first.line, first.at("key"), first.at("auto_online")) == (
        5,
        "night.toml:6:key",
        "night.toml:2:auto_online",
    )
    assert (second.line, second.values["memo"], second.at("memo")) == (
        8,
        "c",
        "night.toml:10:memo",
    )


@pytest.mark.parametrize(
    "text",
    [
        'memo = """\n[[submission]]\n"""',
        "memo = '''\n[[submission]]\n'''",
        'memo = """ \\"""\n[[submission]]\n """ # """',
        "memo = \"it's '''\" # '''",
        'memo = \'"""\'',
        'service_region_info = [\n  {province_code = "1"},\n]',
    ],
)
def test_quotes_hold_lines_together(text: str) -> None:
    _, first, second = read(f'\n[[submission]]\n{text}\n[[submission]]\nkey = "b"\n')
    assert not first.problems
    assert len(first.values) == 1
    assert second.values == {"key": "b"}


def test_a_table_in_a_table_belongs_to_it() -> None:
    (record,) = read(
        '[[submission]]\nkey = "a"\n[[submission.service_region_info]]\nkey = "x"\nmemo = "y"\n'
    )
    assert record.values == {"key": "a", "service_region_info": [{"key": "x", "memo": "y"}]}
    assert record.at("service_region_info") == "night.toml:3:service_region_info"
    assert record.at("memo") == "night.toml:1:memo"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[submission]]\nkey = \n", [("night.toml:2", "not_toml")]),
        ('[[submission]]\nkey = "a"\nkey = "b"\n', [("night.toml:3", "not_toml")]),
        ('[[submission]]\nkey = "a\n[[submission]]\nkey = 1', [("night.toml:2", "not_toml")]),
        ('[[submission]]\nmemo = """\n[[submission]]\n', [("night.toml:2", "not_toml")]),
        ("[[submission]\nkey = 1\n", [("night.toml:1", "not_toml")]),
        ("[[submission]]\nkey = 'a'\n[other]\n", [("night.toml:1", "unknown_table")]),
        ("title = 1\n[[submission]]\nkey = 'a'\n", [("night.toml:1", "unknown_table")]),
        ("[defaults]\nmemmo = 1\n[[submission]]\n", [("night.toml:2:memmo", "unknown_column")]),
        ("submission = [{}]\n", [("night.toml:1", "unknown_table")]),
        ("[[submission]]\n" + "a.b.c = 1\n" * 120_000, [("night.toml:1", "line_too_long")]),
        ("[[submission]]\nx = " + "[" * 5000, [("night.toml:2", "not_toml")]),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_without_readable_defaults_no_table_counts() -> None:
    head, record = read("[defaults]\nmemo = \n[[submission]]\nkey = 'a'\n")
    assert [each.path for each in head.problems] == ["night.toml:2"]
    assert not record.is_usable


def test_a_name_of_many_parts_is_told_at_once() -> None:
    assert found("[[submission]]\nkey = 'a'\n" + "a." * 50_000 + "b = 1\n") == [
        ("night.toml:3", "not_toml")
    ]
    assert not found("[[submission]]\nmemo = '''\n" + "." * 200 + "\n'''\n")
