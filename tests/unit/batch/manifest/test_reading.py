"""A manifest from its first line to its last."""

from pathlib import Path

import pytest

from alipay_mini_audit import ValidationError
from alipay_mini_audit.batch.manifest.building import Outcome
from alipay_mini_audit.batch.manifest.reading import Settings, read_outcomes


def outcomes(folder: Path, text: str, name: str = "night.jsonl") -> list[Outcome]:
    path = folder / name
    path.write_text(text)
    return list(read_outcomes(Settings(path=path)))


def codes(found: list[Outcome]) -> list[list[str]]:
    return [[f"{each.path} {each.code}" for each in outcome.problems] for outcome in found]


def test_entries_that_are_one_are_told_with_the_line_of_the_first(tmp_path: Path) -> None:
    found = outcomes(
        tmp_path,
        '{"key": "a", "app_version": "1", "mini_app": "m"}\n'
        '{"key": "a", "app_version": "2", "mini_app": "m"}\n'
        '{"key": "a", "app_version": "1", "mini_app": "n"}\n'
        '{"key": "b", "app_version": "1", "mini_app": "m"}\n'
        '{"key": "c", "app_version": "1", "mini_app": "m", "bundle_id": "com.amap.app"}\n',
    )
    assert codes(found) == [
        [],
        [],
        ["night.jsonl:3:key same_entry"],
        ["night.jsonl:4:app_version same_entry"],
        [],
    ]
    assert [each.submission is None for each in found] == [False, False, True, True, False]
    assert "line 1 " in found[2].problems[0].message
    assert "第 1 行" in found[3].problems[0].in_language("zh").message


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("night.xml", "", "manifest_format"),
        ("night", "", "manifest_format"),
        ("night.jsonl", "\n\n", "manifest_empty"),
        ("night.csv", "key,app_version\n,\n", "manifest_empty"),
        ("night.csv", "", "manifest_empty"),
        ("night.toml", "# nothing\n", "manifest_empty"),
    ],
)
def test_what_is_no_manifest_is_told(tmp_path: Path, name: str, text: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        outcomes(tmp_path, text, name)
    assert [(each.path, each.code) for each in caught.value.problems] == [(name, code)]


def test_a_header_that_is_wrong_is_enough(tmp_path: Path) -> None:
    assert codes(outcomes(tmp_path, "a,b\n", "night.csv")) == [["night.csv:1 header_missing"]]


def test_a_file_of_tokens_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "night.jsonl"
    path.write_text('{"app_version": "1", "mini_app": "m"}\n')
    settings = Settings(path=path, tokens=tmp_path / "tokens.toml")
    with pytest.raises(ValidationError) as caught:
        list(read_outcomes(settings))
    assert [each.path for each in caught.value.problems] == ["tokens.toml"]
    (tmp_path / "tokens.toml").write_text('m = "s3cret"\n')
    (outcome,) = read_outcomes(settings)
    assert outcome.submission is not None
    assert outcome.submission.app_auth_token == "s3cret"
    assert "s3cret" not in repr(outcome)
