import json

import pytest

from alipay_mini_audit.lifecycle.release_policy import ReleaseKind, ReleasePolicy
from alipay_mini_audit.lifecycle.resubmission import ResubmissionKind


@pytest.mark.parametrize(
    ("wave", "share", "following"),
    [
        (["p10", "p30", "p50"], None, "p10"),
        (["p10", "p30", "p50"], "p10", "p30"),
        (["p10", "p50"], "p10", "p50"),
        (["p10", "p50"], "p30", "p50"),
        (["p10"], "p50", None),
        (["p10", "p30", "p50"], "p50", None),
        ([], None, None),
        ([], "p10", None),
    ],
)
def test_a_share_never_shrinks(wave: list[str], share: str | None, following: str | None) -> None:
    assert ReleasePolicy(wave=wave).share_after(share) == following


def test_how_it_ended_is_a_word_in_json() -> None:
    assert json.dumps(list(ReleaseKind)) == (
        '["released", "approved", "not_passed", "halted", "stopped", "taken_over"]'
    )
    assert json.dumps(ResubmissionKind.PENDING_ALREADY) == '"pending_already"'
