"""`alipay-mini-audit explain`."""

import json
import sys
from collections.abc import Callable

import pytest

from alipay_mini_audit import __main__


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[object, str, str]]:
    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", "explain", *arguments])
        with pytest.raises(SystemExit) as caught:
            __main__.main()
        printed = capsys.readouterr()
        return caught.value.code or 0, printed.out, printed.err

    return run


def test_a_code_is_explained(run: Callable[..., tuple[object, str, str]]) -> None:
    status, out, err = run("CATEGORY_NUM_IS_INVALID", "--lang", "en")
    assert (status, err) == (0, "")
    assert "what to do: Send 1 to 4 categories" in out
    assert "fields: app_category_ids, mini_category_ids" in out
    assert "may have taken effect all the same: no" in out
    assert "may be sent again as it is: no" in out


def test_what_may_have_landed_and_what_may_be_repeated_is_said(
    run: Callable[..., tuple[object, str, str]],
) -> None:
    assert "是否可能已经生效：是\n  可否原样重发：否" in run("SYSTEM_ERROR", "--lang", "zh")[1]
    assert "是否可能已经生效：否\n  可否原样重发：是" in run("app-call-limited", "--lang", "zh")[1]


def test_labels_speak_the_language_too(
    run: Callable[..., tuple[object, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")
    _, out, _ = run("SUBMIT_REPEAT")
    assert "处理方法：先用 `version_detail` 查询" in out
    assert "meaning" not in out


@pytest.mark.parametrize(
    ("code", "near"), [("invalid_signatur", "invalid-signature"), ("EMPTY_FIL", "empty_file")]
)
def test_a_misspelt_code_gets_its_neighbours(
    run: Callable[..., tuple[object, str, str]], code: str, near: str
) -> None:
    status, out, _ = run(code, "--lang", "en")
    assert status == 1
    assert near in out.partition("similar codes: ")[2].split("\n")[0].split(", ")
    assert "sent again" not in out  # nobody knows


def test_json_is_one_object(run: Callable[..., tuple[object, str, str]]) -> None:
    status, out, _ = run("SYSTEM_ERROR", "--json", "--lang", "zh")
    told = json.loads(out)
    assert status == 0
    assert (told["code"], told["kind"], told["is_known"]) == ("SYSTEM_ERROR", "unavailable", True)
    assert {"apply", "cancel", "online"} < set(told["operations"])


def test_another_language_is_one_line(run: Callable[..., tuple[object, str, str]]) -> None:
    status, out, err = run("SYSTEM_ERROR", "--lang", "fr")
    assert (status, out, err) == (1, "", "--lang: there are texts in 'zh' and 'en' only.\n")
