from typing import Any

import pytest

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox.business.decisions import Decision

MEMO = {"memo": "The logo is blurred.", "memo_image_list": ["https://a.example/1.png"]}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("status", "REJECTED"),
        ("status", ""),
        ("scan_result", "true"),
        ("scan_result", True),
        ("base_audit", "FAIL"),
        ("promote_audit", "pass"),
        ("base_audit_record", "blurred"),
        ("base_audit_record", {"memo": "blurred"}),
        ("promote_audit_record", {"audit_images": "a.png"}),
        ("promote_audit_record", {"audit_images": [1]}),
        ("promote_audit_record", {"memos": ["blurred"]}),
        ("promote_audit_record", {"memos": [{"text": "blurred"}]}),
        ("base_audit_record", {"memos": [{"memo": 1}]}),
        ("base_audit_record", {"memos": [{"memo_image_list": "a.png"}]}),
        ("base_audit_record", {"memos": {"memo": "blurred"}}),
    ],
)
def test_what_the_platform_cannot_say_is_refused(setting: str, value: object) -> None:
    said: dict[str, Any] = {"status": "AUDIT_REJECT", setting: value}
    with pytest.raises(ConfigurationError) as raised:
        Decision(**said)
    assert raised.value.setting == setting


def test_what_is_not_said_is_not_told_but_for_the_reason() -> None:
    assert Decision(status="RELEASE").told() == {"status": "RELEASE", "reject_reason": None}
    record = {"audit_images": ["https://a.example/2.png"], "memos": [MEMO]}
    decision = Decision(
        status="AUDIT_REJECT",
        reject_reason="blurred",
        can_release=False,
        base_audit="REJECT",
        base_audit_record=record,
        promote_audit_record={},
    )
    assert decision.told() == {
        "status": "AUDIT_REJECT",
        "reject_reason": "blurred",
        "can_release": False,
        "base_audit": "REJECT",
        "base_audit_record": record,
        "promote_audit_record": {},
    }
