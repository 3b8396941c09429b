"""What codes mean: of every code something is said, and how it is known."""

import re

import pytest

from alipay_mini_audit.codes import CATALOGUE
from alipay_mini_audit.codes.meanings import (
    BY_NAME,
    DOCUMENTED,
    fields,
    files,
    gateway,
    releases,
    versions,
)
from alipay_mini_audit.codes.meanings import meaning_of as said

CHINESE = re.compile("[\u4e00-\u9fff]")
TABLES = (versions, releases, fields, files, gateway)


def test_a_meaning_is_in_the_language_that_is_asked_for() -> None:
    assert said("app-call-limited", "en") == "The app calls too often."
    assert said("app-call-limited", "zh") == "应用的调用频率超限。"


def test_of_an_undocumented_code_it_is_said_that_only_its_name_is_known() -> None:
    assert said("SUBMIT_REPEAT", "en") == (
        "Not documented; by its name, this version has been submitted already."
    )
    assert said("SUBMIT_REPEAT", "zh") == "平台未公开说明；从名称看，该版本已经提交过。"


def test_of_a_code_without_a_text_nothing_is_made_up() -> None:
    assert said("BRAND_NEW_CODE", "en") == "Alipay documents nothing about this code."
    assert said("BRAND_NEW_CODE", "zh") == "平台未公开说明该错误码的含义。"


def test_every_code_of_the_catalogue_stands_in_one_table_once() -> None:
    written = [code for table in TABLES for code in (*table.DOCUMENTED, *table.BY_NAME)]
    assert sorted(written) == sorted(CATALOGUE)
    assert set(written) == {*DOCUMENTED, *BY_NAME}


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_meaning_is_a_line_in_each_language(code: str) -> None:
    english, chinese = (DOCUMENTED | BY_NAME)[code]
    assert english.isascii()
    assert english[0].isupper() is (code in DOCUMENTED) or english[0] == "`"
    assert re.fullmatch(r"[^.\n]{10,}\.", english)
    assert CHINESE.search(chinese)
    assert re.fullmatch(r"[^。\n]{4,}。", chinese)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_both_languages_name_the_same_fields_and_numbers(code: str) -> None:
    english, chinese = (DOCUMENTED | BY_NAME)[code]
    for fact in ("`[^`]+`", r"\d+"):
        assert sorted(re.findall(fact, english)) == sorted(re.findall(fact, chinese))


@pytest.mark.parametrize(
    "code",
    [
        "SUBMIT_REPEAT",
        "SYSTEM_LIMIT",
        "HAS_NO_MODIFY_CNT",
        "MINI_APP_NOT_ONLINE",
        "BRAND_TORT_NOT_END",
    ],
)
def test_a_guess_is_not_passed_off_as_documented(code: str) -> None:
    assert code in BY_NAME
