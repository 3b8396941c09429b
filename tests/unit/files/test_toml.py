"""TOML files of a person's."""

import os
from pathlib import Path

import pytest
from support.languages import assert_told_in_chinese

from alipay_mini_audit import ValidationError
from alipay_mini_audit.files.toml import read_toml

BROKEN = {
    "a = 1\nb = \n": (2, 5),
    "a = 1\n\nb = 'x\n": (3, 7),
    "a = 1\na = 2\n": (2, 6),
    "[a\n": (1, 3),
    'a = """x\n': (1, 9),
    "": None,
    f"a = {'[' * 5000}": (1, 5005),
    f"{'a.' * 5000}a = 1": (1, 1),
    "# notes\na b\n": (2, 3),
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_the_place_of_a_mistake_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.toml"
    file.write_text(text, encoding="utf-8")
    place = BROKEN[text]
    if place is None:
        assert read_toml(file) == {}
        return
    with pytest.raises(ValidationError) as caught:
        read_toml(file)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == (str(file), "not_toml")
    assert f"line {place[0]}, column {place[1]})" in problem.message
    assert_told_in_chinese(problem, given=[str(file)])


def test_a_mark_and_windows_lines_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes("\ufeffa = '测试'\r\nb = 1\r\n".encode())
    assert read_toml(file) == {"a": "测试", "b": 1}


def test_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes("a = 1\nb = '测试'\n".encode("gbk"))
    with pytest.raises(ValidationError, match=r"not UTF-8 \(line 2\)\. Save it as UTF-8") as caught:
        read_toml(file)
    assert_told_in_chinese(caught.value.problems[0])


def test_a_password_in_a_broken_line_is_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text('test_password = "hunter2\n')
    with pytest.raises(ValidationError) as caught:
        read_toml(file)
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "submission.toml")
    with pytest.raises(ValidationError) as caught:
        read_toml(tmp_path / "submission.toml")
    assert [each.code for each in caught.value.problems] == ["not_a_file"]


def test_what_is_not_a_file_or_far_too_large_is_told(tmp_path: Path) -> None:
    with (tmp_path / "large.toml").open("wb") as file:
        file.truncate(8 * 1024 * 1024 + 1)
    for name, code in {"none": "file_not_found", "large.toml": "not_toml"}.items():
        with pytest.raises(ValidationError) as caught:
            read_toml(tmp_path / name)
        assert [each.code for each in caught.value.problems] == [code]
