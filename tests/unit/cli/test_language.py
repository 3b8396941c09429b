"""What commands say in English and Chinese."""

import errno
import io
import sys

import pytest

from alipay_mini_audit.cli.language import (
    called,
    chosen,
    documented,
    reason_of,
    said,
    take_any_character,
)
from alipay_mini_audit.errors import ConfigurationError


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")


@pytest.mark.usefixtures("in_chinese")
def test_what_was_chosen_wins_over_the_environment() -> None:
    assert said("yes", "是") == "是"
    assert said("yes", "是", "en") == "yes"


def test_without_anything_it_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALIPAY_MINI_AUDIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert said("yes", "是") == "yes"
    assert said("yes", "是", "zh") == "是"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert said("yes", "是") == "是"


def command() -> None:
    """Do something."""


def test_a_docstring_is_the_english_help() -> None:
    assert documented("做点什么。")(command).__doc__ == "Do something."


@pytest.mark.usefixtures("in_chinese")
def test_a_command_is_documented_in_chinese() -> None:
    def command() -> None:
        """Do something."""

    assert documented("做点什么。")(command).__doc__ == "做点什么。"


def test_a_language_that_there_is_not_is_told_of_the_option() -> None:
    assert (chosen("zh"), chosen("en"), chosen(None)) == ("zh", "en", "en")
    with pytest.raises(ConfigurationError) as caught:
        chosen("fr")
    assert (caught.value.setting, caught.value.code) == ("--lang", "unknown_language")


def test_only_the_setting_in_question_is_called_otherwise() -> None:
    for setting, name in (("encrypt_key", "--encrypt-key"), ("port", "port")):
        with pytest.raises(ConfigurationError) as caught, called("--encrypt-key", "encrypt_key"):
            raise ConfigurationError(setting, "is bad.", "Mend it.", code="bad")
        error = caught.value
        assert (error.setting, error.problem, error.advice) == (name, "is bad.", "Mend it.")
        assert error.code == "bad"


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (OSError(errno.ENOENT, "No such file"), "No such file", "文件或目录不存在"),
        (OSError(errno.EXDEV, "Cross-device link"), "Cross-device link", "Cross-device link"),
        (OSError("no number"), "no number", "no number"),
    ],
)
def test_why_the_system_refused(error: OSError, english: str, chinese: str) -> None:
    assert reason_of(error) == english
    assert reason_of(error, "zh") == chinese


@pytest.mark.parametrize(
    ("encoding", "language", "written"),
    [
        ("ascii", "zh", "咖é".encode()),
        ("US-ASCII", "en", b"\\u5496\\xe9"),
        ("latin-1", "zh", b"\\u5496\xe9"),
        ("gbk", "zh", "咖é".encode("gbk")),
        ("utf-8", "en", "咖é".encode()),
    ],
)
def test_no_character_is_an_error(
    monkeypatch: pytest.MonkeyPatch, encoding: str, language: str, written: bytes
) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", language)
    taken = io.BytesIO()
    with monkeypatch.context() as patched, io.TextIOWrapper(taken, encoding=encoding) as stream:
        patched.setattr(sys, "stdout", stream)
        patched.setattr(sys, "stderr", None)  # pythonw has none
        take_any_character()
        stream.write("咖é")
        stream.flush()
        assert taken.getvalue() == written
