import pytest

from alipay_mini_audit.batch import EntryState
from alipay_mini_audit.batch.journal.row import Conflict
from alipay_mini_audit.batch.settling import HOLD_REASONS, REASONS
from alipay_mini_audit.cli.night.words import (
    duration_said,
    reason_said,
    size_said,
    state_said,
)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0.4, "0 s", "0 秒"),
        (59.4, "59 s", "59 秒"),
        (61, "1 min 01 s", "1 分 01 秒"),
        (3600, "1 h 00 min", "1 小时 00 分"),
        (90_000, "1 d 1 h", "1 天 1 小时"),
        (-3, "0 s", "0 秒"),
    ],
)
def test_a_duration_has_two_units(seconds: float, english: str, chinese: str) -> None:
    assert duration_said(seconds, "en") == english
    assert duration_said(seconds, "zh") == chinese


def test_a_size_counts_1024_to_the_next_unit() -> None:
    sizes = [size_said(count) for count in (1023, 1536, 36_385_587, 2 * 1024**3)]
    assert sizes == ["1023 B", "1.5 KB", "34.7 MB", "2.0 GB"]


def test_every_state_and_reason_of_the_engine_has_a_chinese_name() -> None:
    for state in EntryState:
        assert state_said(state, "zh") != state.value
    reasons = [*REASONS.values(), *HOLD_REASONS.values(), *(each.value for each in Conflict)]
    for reason in reasons:
        assert reason_said(reason, "zh") != reason
        assert reason_said(reason, "en") == reason
    assert reason_said("SUBMIT_REPEAT", "zh") == "SUBMIT_REPEAT"
