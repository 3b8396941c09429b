"""What the state of one version proves of a call that moves it, as a table of every state."""

import datetime

import pytest

from alipay_mini_audit import VersionDetail, VersionStatus
from alipay_mini_audit.calls.standing import MOVES, has_moved
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.protocol import Effect

SINCE = datetime.datetime(2026, 11, 24, 2, 0, 0, tzinfo=datetime.UTC)
META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
YES, NO, OPEN = True, False, None
TABLE: dict[str, list[bool | None]] = {
    "INIT": [YES, NO, NO, OPEN, OPEN],
    "AUDITING": [NO, NO, NO, OPEN, OPEN],
    "WAIT_RELEASE": [NO, NO, NO, NO, YES],
    "BASE_AUDIT_PASS": [NO, NO, NO, NO, OPEN],
    "PROMOTE_AUDIT_REJECT": [NO, NO, NO, OPEN, OPEN],
    "AUDIT_REJECT": [NO, NO, NO, OPEN, OPEN],
    "GRAY": [NO, NO, NO, YES, NO],
    "RELEASE": [NO, YES, NO, OPEN, OPEN],
    "OFFLINE": [NO, OPEN, YES, OPEN, OPEN],
    "AUDIT_OFFLINE": [NO, OPEN, OPEN, OPEN, OPEN],
    "SOMETHING_NEW": [OPEN, OPEN, OPEN, OPEN, OPEN],
    "": [OPEN, OPEN, OPEN, OPEN, OPEN],
}
"""By status, for the effects in the order below: all happened before the call."""
EFFECTS = [Effect.RETURNS, Effect.RELEASES, Effect.UNSHELVES, Effect.GRAYS, Effect.ENDS_GRAY]


def at(seconds: float | None) -> datetime.datetime | None:
    return None if seconds is None else SINCE + datetime.timedelta(seconds=seconds)


def detail(status: str | None, **fields: object) -> VersionDetail:
    return VersionDetail(app_version="1.0", status=status, meta=META, **fields)  # type: ignore[arg-type]


def test_the_table_is_whole() -> None:
    assert set(EFFECTS) == MOVES
    assert {status.value for status in VersionStatus} <= set(TABLE)


@pytest.mark.parametrize("status", TABLE)
@pytest.mark.parametrize("effect", EFFECTS, ids=str)
def test_a_state_says_whether_a_call_landed(effect: Effect, status: str) -> None:
    before = {"gmt_apply_audit": at(-90), "gmt_online": at(-60), "gmt_offline": at(-70)}
    found = detail(status or None, gray_strategy="p10", **before)
    landed = has_moved(effect, found, {"gray_strategy": "p10"}, SINCE)
    assert landed is TABLE[status][EFFECTS.index(effect)]


@pytest.mark.parametrize(
    ("submitted", "since", "expected"),
    [(-1, SINCE, False), (0, SINCE, None), (5, SINCE, None), (None, SINCE, None), (-1, None, None)],
)
def test_what_was_audited_once_more_is_another_submission(
    submitted: float | None, since: datetime.datetime | None, expected: bool | None
) -> None:
    for status in ("AUDITING", "AUDIT_REJECT", "RELEASE"):
        found = detail(status, gmt_apply_audit=at(submitted))
        assert has_moved(Effect.RETURNS, found, {}, since) is expected


@pytest.mark.parametrize(
    ("online", "offline", "since", "expected"),
    [
        (-5, None, SINCE, False),
        (-5, -9, SINCE, False),
        (1, None, SINCE, None),
        (-5, 1, SINCE, None),
        (None, None, SINCE, None),
        (-5, None, None, None),
    ],
)
def test_what_is_online_may_have_been_offline_in_between(
    online: float | None,
    offline: float | None,
    since: datetime.datetime | None,
    expected: bool | None,
) -> None:
    found = detail("RELEASE", gmt_online=at(online), gmt_offline=at(offline))
    assert has_moved(Effect.UNSHELVES, found, {}, since) is expected


@pytest.mark.parametrize(
    ("wanted", "reached", "expected"),
    [
        ("p10", "p10", True),
        ("p30", "p10", False),
        ("p50", "p30", False),
        ("p10", "p30", None),  # ours may have come first
        ("p10", None, None),
        ("p70", "p70", True),
        ("p70", "p50", None),
        ("p50", "p70", None),
    ],
)
def test_the_share_says_whether_a_gray_release_grew(
    wanted: str, reached: str | None, expected: bool | None
) -> None:
    found = detail("GRAY", gray_strategy=reached)
    assert has_moved(Effect.GRAYS, found, {"gray_strategy": wanted}, SINCE) is expected
