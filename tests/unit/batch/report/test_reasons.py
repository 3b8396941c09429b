import pytest

from alipay_mini_audit.batch import steps
from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Conflict, Identity, Row
from alipay_mini_audit.batch.report.reasons import (
    STATE_NAMES,
    STATES,
    Reason,
    reasons_of,
    told_reason,
)
from alipay_mini_audit.batch.settling import _BY_KIND, HOLD_REASONS, REASONS

OURS = [
    *REASONS.values(),
    *HOLD_REASONS.values(),
    *_BY_KIND.values(),
    *(conflict.value for conflict in Conflict),
    steps._CHANGED,
    "a file is gone or has changed",
    "not sent",
]


@pytest.mark.parametrize("code", OURS)
def test_whatever_a_batch_writes_is_told_in_both_languages(code: str) -> None:
    english, chinese = (told_reason(code, EntryState.HELD, each) for each in ("en", "zh"))
    assert english.meaning.endswith(".")
    assert english.meaning != code
    assert chinese.meaning.endswith("。")
    assert not english.is_code


def test_a_code_of_the_platform_is_told_as_one_would_say_it() -> None:
    assert told_reason("LOGO_HEIGHT_NOT_EQUAL_WIDTH", EntryState.INVALID, "en") == Reason(
        "LOGO_HEIGHT_NOT_EQUAL_WIDTH",
        "The logo is not square.",
        "Make `app_logo` square; 180 by 180 pixels are suggested.",
        is_code=True,
    )
    chinese = told_reason("LOGO_HEIGHT_NOT_EQUAL_WIDTH", EntryState.INVALID, "zh")
    assert chinese.meaning == "图标不是正方形。"


def test_a_code_of_this_package_begins_like_a_sentence() -> None:
    told = told_reason("file_not_found", EntryState.INVALID, "en")
    assert (told.meaning, told.is_code) == ("There is no such file.", True)


def test_a_rule_that_failed_is_told_with_its_place() -> None:
    told = told_reason("rule_failed: extra_rules[0]", EntryState.INVALID, "en")
    assert told.meaning.endswith("(extra_rules[0])")


def test_a_code_that_nobody_knows_is_its_own_meaning() -> None:
    told = told_reason("A_CODE_OF_TOMORROW", EntryState.REFUSED, "zh")
    assert told.meaning == "A_CODE_OF_TOMORROW"
    assert told.advice


@pytest.mark.parametrize("state", [each for each in EntryState if each is not EntryState.DONE])
def test_an_entry_without_a_reason_is_told_by_its_state(state: EntryState) -> None:
    for language in ("en", "zh"):
        told = told_reason("", state, language)
        assert told.meaning
        assert not told.is_code


def test_only_what_is_wrong_has_several_reasons() -> None:
    def reasons(state: EntryState, reason: str) -> tuple[str, ...]:
        return reasons_of(Row(identity=Identity("a", "1"), state=state, reason=reason))

    assert reasons(EntryState.INVALID, "ONE, two") == ("ONE", "two")
    assert reasons(EntryState.REFUSED, "ONE, two") == ("ONE, two",)
    assert reasons(EntryState.PLANNED, "") == ("",)
    assert reasons(EntryState.DONE, "already done") == ()


def test_each_state_has_a_name_and_a_place() -> None:
    assert sorted(STATES) == sorted(EntryState)
    assert all(set(names) == set(EntryState) for names in STATE_NAMES.values())
    assert set(STATE_NAMES) == {"en", "zh"}
