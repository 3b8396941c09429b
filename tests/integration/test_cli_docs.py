"""`alipay-mini-audit docs`."""

import json
import sys
from collections.abc import Callable

import pytest
from support.guides import CHINESE, sections_of

from alipay_mini_audit import __main__

CHINESE_TEXT = CHINESE.read_text(encoding="utf-8")
Run = Callable[..., tuple[object, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", "docs", *arguments])
        with pytest.raises(SystemExit) as caught:
            __main__.main()
        printed = capsys.readouterr()
        return caught.value.code or 0, printed.out, printed.err

    return run


def test_the_guide_is_printed_in_chinese(run: Run) -> None:
    assert run("--lang", "zh") == (0, CHINESE_TEXT, "")


def test_the_guide_is_printed_in_english(run: Run) -> None:
    """As it was when the package was installed, which need not be today."""
    status, out, err = run("--lang", "en")
    assert (status, err) == (0, "")
    titles = [section.title for section in sections_of(out)]
    assert titles[1] == "alipay_mini_audit"
    assert titles[-1] == "Licence"


def test_the_language_is_that_of_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")
    assert run()[1] == CHINESE_TEXT


def test_a_program_reads_json(run: Run) -> None:
    status, out, _ = run("--lang", "zh", "--json")
    assert (status, json.loads(out)) == (0, {"language": "zh", "text": CHINESE_TEXT.strip()})


def test_another_language_is_refused(run: Run) -> None:
    status, out, err = run("--lang", "fr")
    assert (status, out) == (1, "")
    assert "--lang" in err
