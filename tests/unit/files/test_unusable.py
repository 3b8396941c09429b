"""What is said of a file that cannot be sent: the words of a reader, and no system's own."""

import errno
import io
import os
from pathlib import Path

import attrs
import pytest
from support.languages import assert_told_in_chinese, chinese_faults

from alipay_mini_audit.attachments import BytesSource, PathSource, StreamSource
from alipay_mini_audit.files.unusable import empty, nameless, not_a_file, unreadable, unsupported
from alipay_mini_audit.problems import Problem

LOGO = PathSource(Path("/srv/logo.png"))
OF_READING = (
    *("EBADF", "EBUSY", "EINVAL", "EIO", "ELOOP", "EMFILE", "ENAMETOOLONG", "ENFILE", "ENODEV"),
    *("ENOMEM", "ENOTDIR", "ENXIO", "EOVERFLOW", "ESPIPE", "ESTALE", "ETIMEDOUT"),
)


def in_chinese(problem: Problem) -> str:
    return problem.in_language("zh").message


def test_a_file_is_called_by_its_path_and_anything_else_by_its_type() -> None:
    assert empty("a", LOGO).message == "/srv/logo.png is empty."
    assert in_chinese(empty("a", LOGO)) == "/srv/logo.png 的内容为空。"
    stream = StreamSource(io.BytesIO())
    assert empty("a", stream).message == "the BytesIO is empty."
    assert in_chinese(empty("a", stream)) == "该 BytesIO 的内容为空。"
    assert "the BytesSource" in not_a_file("a", BytesSource(b"")).message


def test_braces_in_a_name_are_shown_as_they_are() -> None:
    braced = PathSource(Path("{called}/{}{0}.png"))
    assert in_chinese(unreadable("a", braced, FileNotFoundError())) == "{called}/{}{0}.png 不存在。"
    assert unreadable("a", braced, OSError("{x}")).message.endswith("cannot be read: {x}.")


def test_a_name_is_shown_on_one_line() -> None:
    assert in_chinese(empty("a", PathSource(Path("a\nb.png")))) == "a\\nb.png 的内容为空。"


@pytest.mark.parametrize("symbol", OF_READING)
def test_what_a_system_says_has_words_of_ours_in_chinese(symbol: str) -> None:
    number = getattr(errno, symbol)
    problem = unreadable("a", LOGO, OSError(number, os.strerror(number)))
    assert problem.code == "unreadable"
    assert os.strerror(number) in problem.message
    assert "系统错误" not in in_chinese(problem)
    assert in_chinese(problem).endswith(f"（{symbol}）。")
    assert_told_in_chinese(problem)


def test_what_has_no_words_of_ours_is_named_by_its_symbol_or_its_number() -> None:
    gone = unreadable("a", LOGO, OSError(errno.ENOLINK, os.strerror(errno.ENOLINK)))
    assert in_chinese(gone) == "/srv/logo.png 无法读取：系统错误（ENOLINK）。"
    assert in_chinese(unreadable("a", LOGO, OSError(9999, "?"))).endswith("系统错误（9999）。")


def test_what_is_raised_by_a_source_of_the_users_is_quoted() -> None:
    @attrs.frozen
    class Stored:
        filename: str = "a.png"
        size: int = 1

        def open(self) -> object:
            raise AssertionError

    problem = unreadable("a", Stored(), RuntimeError("no bucket of this name"))  # type: ignore[arg-type]
    assert problem.message == "the Stored cannot be read: no bucket of this name."
    message = in_chinese(problem)
    assert message == "该 Stored 无法读取：抛出了 RuntimeError（no bucket of this name）。"


@pytest.mark.parametrize("error", [ValueError("embedded null byte"), "\ud800".encode])
def test_a_path_that_no_system_can_have_is_told_without_the_words_of_python(error: object) -> None:
    if callable(error):
        with pytest.raises(UnicodeEncodeError) as caught:
            error()
        error = caught.value
    assert isinstance(error, ValueError)
    assert in_chinese(unreadable("a", LOGO, error)).endswith("路径含有系统不支持的字符。")


def test_what_can_be_given_a_name_is_told_how() -> None:
    stream = nameless("a", StreamSource(io.BytesIO()))
    assert stream.advice == (
        'Give it one with an extension, e.g. logo.png: StreamSource(file, filename="logo.png").'
    )
    assert stream.in_language("zh").advice.endswith(
        '例如 logo.png：StreamSource(file, filename="logo.png")。'
    )
    other = nameless("a", BytesSource(b"x"))
    assert other.advice == "Give it one with an extension, e.g. logo.png."
    assert chinese_faults(other.in_language("zh").advice) == []


def test_the_rest_is_told_in_both_languages() -> None:
    closed = io.BytesIO()
    closed.close()
    for problem in (
        unsupported("a"),
        not_a_file("a", LOGO),
        unreadable("a", LOGO, PermissionError()),
        unreadable("a", LOGO, IsADirectoryError()),
        unreadable("a", StreamSource(closed), ValueError("I/O operation on closed file")),
    ):
        assert_told_in_chinese(problem)
