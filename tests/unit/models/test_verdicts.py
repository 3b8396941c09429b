import datetime
import json

import pytest

from alipay_mini_audit import Verdict, VerdictKind, VersionDetail, VersionStatus
from alipay_mini_audit.models import AuditRecord, Memo, ReplyMeta

BEIJING = datetime.timezone(datetime.timedelta(hours=8))
META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
BASE = AuditRecord(
    audit_images=["https://a/1.png"],
    memos=[
        Memo(memo="Logo blurred", memo_image_list=["https://a/1.png", "https://a/2.png"]),
        Memo(memo_image_list=["https://a/3.png"]),
    ],
)
PROMOTE = AuditRecord(memos=[Memo(memo="Logo blurred"), Memo(memo="No phone")])
DETAIL = VersionDetail(
    app_version="1.0.0",
    status=VersionStatus.AUDIT_REJECT,
    reject_reason="see the memos",
    base_audit="REJECT",
    can_release=False,
    base_audit_record=BASE,
    promote_audit_record=PROMOTE,
    gmt_apply_audit=datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=BEIJING),
    gmt_audit_end=datetime.datetime(2026, 3, 4, 15, 6, 7, tzinfo=BEIJING),
    meta=META,
)
VERDICT = Verdict.of(VerdictKind.REJECTED, "1.0.0", DETAIL)


def test_remarks_and_pictures_of_both_audits_are_told_once() -> None:
    assert VERDICT.reasons == ("Logo blurred", "No phone")
    assert VERDICT.pictures == ("https://a/1.png", "https://a/2.png", "https://a/3.png")
    assert VERDICT.took == datetime.timedelta(hours=10)
    assert VERDICT.detail is DETAIL


def test_without_remarks_the_reason_is_the_text_of_the_platform() -> None:
    plain = VersionDetail(status="AUDIT_REJECT", reject_reason="No licence", meta=META)
    verdict = Verdict.of(VerdictKind.REJECTED, "1.0.0", plain)
    assert verdict.reasons == ("No licence",)
    assert verdict.took is None
    assert verdict.pictures == ()


@pytest.mark.parametrize("status", [VersionStatus.GRAY, "A_STATUS_OF_TOMORROW"])
def test_it_comes_back_from_json_as_it_was_but_for_the_detail(status: str) -> None:
    meta = VersionDetail(app_version="1.0.0", status=status, meta=META)
    for verdict in (VERDICT, Verdict.of(VerdictKind.PASSED, "1.0.0", meta)):
        again = Verdict.from_json(json.loads(json.dumps(verdict.to_json())))
        assert again == verdict
        assert again.detail is None
        assert type(again.status) is type(verdict.status)


def test_what_is_not_known_is_not_written() -> None:
    detail = VersionDetail(status=VersionStatus.RELEASE, meta=META)
    verdict = Verdict.of(VerdictKind.PASSED, "1.0.0", detail)
    assert verdict.to_json() == {"app_version": "1.0.0", "kind": "passed", "status": "RELEASE"}
    assert verdict.is_online
