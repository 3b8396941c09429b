"""Text files that people made: their encoding, their lines, and whether they stay the same."""

import codecs
import os
from pathlib import Path

import pytest

from alipay_mini_audit import ValidationError
from alipay_mini_audit.files.text_file import TextFile

CHINESE = "版本号,说明\n0.0.1,修复退款金额\n"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "night.csv"
    path.write_bytes(content)
    return path


def refusal(path: Path, encoding: str | None = None) -> tuple[str, str]:
    with pytest.raises(ValidationError) as caught, TextFile(path, encoding=encoding) as file:
        list(file.lines())
    (problem,) = caught.value.problems
    return problem.path, problem.code


@pytest.mark.parametrize(
    ("content", "given", "encoding"),
    [
        (CHINESE.encode(), None, "utf-8"),
        (codecs.BOM_UTF8 + CHINESE.encode(), None, "utf-8-sig"),
        (codecs.BOM_UTF8 + CHINESE.encode(), "gbk", "utf-8-sig"),
        (CHINESE.encode("gbk"), None, "gb18030"),
        (CHINESE.encode("gbk"), "GB2312", "gb18030"),
        (CHINESE.encode("gbk"), "cp936", "gb18030"),
        (codecs.BOM_UTF16_LE + CHINESE.encode("utf-16-le"), None, "utf-16"),
        (codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be"), None, "utf-16"),
        (CHINESE.encode("big5", "replace"), "big5", "big5"),
    ],
)
def test_an_encoding_is_found_out_or_taken(
    tmp_path: Path, content: bytes, given: str | None, encoding: str
) -> None:
    with TextFile(written(tmp_path, content), encoding=given) as file:
        assert file.encoding == encoding
        assert next(file.lines()).endswith("\n")


def test_lines_are_counted_as_a_text_editor_does(tmp_path: Path) -> None:
    content = "a\r\nb\rc\n\x0bd\u2028e\n\nf".encode()
    with TextFile(written(tmp_path, content)) as file:
        assert list(file.lines()) == ["a\r\n", "b\r", "c\n", "\x0bd\u2028e\n", "\n", "f"]


@pytest.mark.parametrize(
    ("content", "path", "code"),
    [
        ("说明\n修复\n退".encode() + b"\xff\n", "night.csv:3", "bad_encoding"),
        (b"a\r\nb\r\n\xff\xff\xff\n", "night.csv:3", "bad_encoding"),
        (codecs.BOM_UTF8 + b"a\n\xb0\xa1", "night.csv:2", "bad_encoding"),
        (b"a\nb\0", "night.csv:2", "not_a_text"),
        (CHINESE.encode("utf-16-le"), "night.csv:1", "not_a_text"),
        (b"PK\x03\x04 and so on", "night.csv", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "night.csv", "workbook"),
        (b"a\n" + b"x" * 1_000_001, "night.csv:2", "line_too_long"),
    ],
)
def test_what_is_no_text_is_told_with_its_line(
    tmp_path: Path, content: bytes, path: str, code: str
) -> None:
    assert refusal(written(tmp_path, content)) == (path, code)


def test_an_encoding_that_was_given_is_the_only_one(tmp_path: Path) -> None:
    path = written(tmp_path, CHINESE.encode("gbk"))
    assert refusal(path, "utf-8") == ("night.csv:1", "bad_encoding")
    assert refusal(path, "martian") == ("encoding", "bad_encoding")
    assert refusal(path, "base64") == ("encoding", "bad_encoding")


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "night.csv") == ("night.csv", "file_not_found")
    (tmp_path / "folder.csv").mkdir()
    assert refusal(tmp_path / "folder.csv") == ("folder.csv", "is_a_directory")
    assert refusal(tmp_path / "a\0b.csv")[1] == "unreadable"
    os.mkfifo(tmp_path / "pipe.csv")
    assert refusal(tmp_path / "pipe.csv") == ("pipe.csv", "not_a_file")


def test_a_change_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\n" * 100_000)
    with TextFile(path) as file:
        lines = file.lines()
        next(lines)
        with path.open("ab") as other:
            other.write(b"b\n")
        with pytest.raises(ValidationError) as caught:
            list(lines)
    assert [(each.path, each.code) for each in caught.value.problems] == [
        ("night.csv", "file_changed")
    ]


@pytest.mark.parametrize("change", ["replaced", "removed"])
def test_another_file_of_its_name_is_told(tmp_path: Path, change: str) -> None:
    path = written(tmp_path, b"a\nb\n")
    with TextFile(path) as file:
        if change == "replaced":
            (tmp_path / "new").write_bytes(b"a\nb\n")
            (tmp_path / "new").replace(path)
        else:
            path.unlink()
        with pytest.raises(ValidationError):
            list(file.lines())


def test_a_file_that_is_not_what_it_was_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\n")
    with TextFile(path) as file:
        state = file.state
    with TextFile(path, state=state) as file:
        assert list(file.lines()) == ["a\n"]
    path.write_bytes(b"a\nb\n")
    with pytest.raises(ValidationError):
        TextFile(path, state=state)
