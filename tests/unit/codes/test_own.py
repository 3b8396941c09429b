"""`explain` for the codes that this package has made up itself."""

import re

import pytest
from support.languages import CHINESE, chinese_faults

from alipay_mini_audit import ErrorKind, explain
from alipay_mini_audit.codes.own import OWN


@pytest.mark.parametrize("code", sorted(OWN))
def test_every_own_code_is_explained_in_both_languages(code: str) -> None:
    english, chinese = explain(code, "en"), explain(code, "zh")
    assert english.is_known
    assert english.kind is ErrorKind.REQUEST
    assert "not a code of the platform" in english.meaning
    assert "不是平台错误码" in chinese.meaning
    for text in (english.meaning, english.advice):
        assert text.endswith(".")
        assert not CHINESE.search(text)
    for text in (chinese.meaning, chinese.advice):
        assert chinese_faults(text) == []


@pytest.mark.parametrize("code", sorted(OWN))
def test_names_and_numbers_are_the_same_in_both_languages(code: str) -> None:
    english, chinese = (" ".join(texts) for texts in OWN[code])
    for fact in ("`[^`]+`", r"(?<![A-Za-z\d])\d+(?![A-Za-z\d])"):
        assert set(re.findall(fact, english)) == set(re.findall(fact, chinese))


def test_nothing_was_sent_so_nothing_may_have_landed() -> None:
    found = explain("empty_file", "en")
    assert not found.may_have_landed
    assert not found.is_repeatable
    assert found.operations == frozenset()
