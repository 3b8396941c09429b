"""What a list of versions proves of a rollback and of a deletion."""

import datetime
from collections.abc import Mapping

import pytest

from alipay_mini_audit.calls.attempt import Answer
from alipay_mini_audit.calls.listed import has_left, list_query
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.protocol import Effect

SINCE = datetime.datetime(2026, 11, 24, 2, 0, 0, tzinfo=datetime.UTC)  # ten o'clock in Beijing
META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
OTHERS = [{"app_version": f"0.0.{number}", "version_status": "OFFLINE"} for number in range(20)]
OLD, NEW = "2026-11-24 09:59:59", "2026-11-24 10:00:00"


def row(version: str, status: str, made: str | None = OLD, **more: object) -> dict[str, object]:
    return {"app_version": version, "version_status": status, "create_time": made, **more}


def judged(
    effect: Effect,
    rows: object,
    about: Mapping[str, str] = {"app_version": "2.0"},  # it is only read
    since: datetime.datetime | None = SINCE,
) -> bool | None:
    fields = {} if rows is None else {"app_version_infos": rows}
    return has_left(effect, Answer(fields=fields, meta=META), about, since)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], True),
        (OTHERS[:19], True),
        (OTHERS, None),  # no more than 20 are told
        ([row("2.0", "INIT")], False),
        ([row("2.0", "AUDITING")], False),
        ([*OTHERS[:19], row("2.0", "INIT")], False),
        ([row("2.0", "INIT", NEW)], None),  # built since: another version of that number
        ([row("2.0", "INIT", None)], None),
        ([row("2.0", "INIT", "yesterday")], None),
        (None, None),
        ("[]", None),
        ({}, None),
        ([{"version_status": "INIT"}], None),
        ([*OTHERS[:2], "2.0"], None),
        ([row("2.0", "INIT", bundle_id="com.amap.app")], True),
    ],
)
def test_a_version_that_is_in_a_whole_list_no_more_was_deleted(
    rows: object, expected: bool | None
) -> None:
    assert judged(Effect.DELETES, rows) is expected


def test_without_the_platforms_clock_nobody_knows_which_version_is_listed() -> None:
    assert judged(Effect.DELETES, [row("2.0", "INIT")], since=None) is None
    assert judged(Effect.DELETES, [], since=None) is True


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("2.0", "OFFLINE"), row("1.0", "RELEASE")], True),
        ([row("2.0", "OFFLINE"), row("1.9.12", "RELEASE")], True),
        ([row("2.0", "RELEASE"), row("1.0", "OFFLINE")], False),
        ([row("2.0", "GRAY"), row("1.0", "RELEASE")], False),
        ([row("10.0", "RELEASE"), row("2.0", "OFFLINE")], None),  # a later one took its place
        ([row("2.0", "OFFLINE")], None),
        ([row("2.0", "OFFLINE"), row("1.0", "OFFLINE")], None),
        ([row("2.0", "OFFLINE"), row("1.0", "RELEASE"), row("0.9", "RELEASE")], None),
        ([row("2.0", "OFFLINE"), row("one", "RELEASE")], None),
        ([row("2.0", "AUDIT_OFFLINE"), row("1.0", "RELEASE")], None),
        ([row("2.0", "SOMETHING_NEW"), row("1.0", "RELEASE")], None),
        ([row("1.0", "RELEASE")], None),
        ([row("2.0", "OFFLINE"), row("2.0", "RELEASE")], None),
        ([row("2.0", "OFFLINE"), row("1.0", "RELEASE", bundle_id="com.amap.app")], None),
        ([], None),
        (None, None),
    ],
)
def test_an_earlier_version_online_again_is_a_rollback(rows: object, expected: bool | None) -> None:
    assert judged(Effect.ROLLS_BACK, rows) is expected


def test_what_runs_elsewhere_is_asked_for_there() -> None:
    about = {"app_version": "2.0", "bundle_id": "com.amap.app"}
    rows = [
        row("2.0", "OFFLINE", bundle_id="com.amap.app"),
        row("1.0", "RELEASE", bundle_id="com.amap.app"),
        row("2.0", "RELEASE", bundle_id="com.alipay.alipaywallet"),
    ]
    assert judged(Effect.ROLLS_BACK, rows, about) is True


def test_a_list_is_asked_for_with_all_that_gives_details() -> None:
    states = "INIT,AUDITING,WAIT_RELEASE,BASE_AUDIT_PASS,AUDIT_REJECT,PROMOTE_AUDIT_REJECT"
    assert list_query() == {
        "bundle_id": "com.alipay.alipaywallet",
        "version_status": f"{states},RELEASE,GRAY,OFFLINE,AUDIT_OFFLINE",
    }
    assert list_query("a.b", ["GRAY", "NEW"]) == {"bundle_id": "a.b", "version_status": "GRAY,NEW"}
