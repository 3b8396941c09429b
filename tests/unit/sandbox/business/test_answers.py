from typing import Any

import pytest

from alipay_mini_audit.sandbox.business.answers import detail_of, summary_of
from alipay_mini_audit.sandbox.business.states import VersionState

NEW_YEAR = 1_704_038_400.0
"""2024-01-01 00:00:00 in Beijing."""
RECORD = {"audit_images": ["https://a.example/1.png"], "memos": [{"memo": "blurred"}]}
AUDITS: dict[str, Any] = {
    "base_audit": "PASS",
    "promote_audit": "REJECT",
    "can_release": True,
    "promote_audit_record": RECORD,
}


def state(**known: Any) -> VersionState:
    return VersionState(app_version="1.0.0", created=NEW_YEAR, **known)


def test_a_summary_has_what_a_list_needs() -> None:
    known = {"version_desc": "first", "app_name": "cafe", "test_password": "secret"}
    assert summary_of(state(status="AUDITING", fields=known)) == {
        "app_version": "1.0.0",
        "bundle_id": "com.alipay.alipaywallet",
        "version_description": "first",
        "version_status": "AUDITING",
        "create_time": "2024-01-01 00:00:00",
    }


@pytest.mark.parametrize("answer", [summary_of, detail_of])
@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"audit_rule": "BASE_PROMOTE"}, True),
        ({"audit_rule": "NONE"}, False),
        ({"version_desc": "first"}, False),
        ({}, True),  # nobody has submitted it, so nobody has said that there is one audit
    ],
)
def test_two_audits_are_told_where_the_rule_has_two(
    answer: Any, fields: dict[str, object], *, told: bool
) -> None:
    found = answer(state(status="PROMOTE_AUDIT_REJECT", fields=fields, **AUDITS))
    names = ("base_audit", "promote_audit", "can_release")
    assert [found.get(name) for name in names] == (
        ["PASS", "REJECT", "true"] if told else [None, None, None]
    )
    assert "base_audit_record" not in found
    if answer is detail_of:
        assert found.get("promote_audit_record") == (RECORD if told else None)


def test_a_flag_is_a_text_on_the_wire() -> None:
    assert detail_of(state(can_release=False))["can_release"] == "false"
    assert "can_release" not in detail_of(state())


def test_the_share_of_a_gray_release_and_the_scan_are_told() -> None:
    found = detail_of(state(status="GRAY", gray_strategy="p30", scan_result="NAN"))
    assert (found["gray_strategy"], found["scan_result"]) == ("p30", "NAN")
