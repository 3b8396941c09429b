"""What the platform knows of a version: the documented fields and statuses, and nothing else."""

import attrs
import pytest

from alipay_mini_audit.models import (
    AuditRecord,
    Category,
    Memo,
    PackageInfo,
    ReplyMeta,
    VersionDetail,
    VersionStatus,
    read_model,
)

META = ReplyMeta(request_id="r-1", trace_id="t-1", http_status=200)
STATUSES = [
    "INIT",
    "AUDITING",
    "WAIT_RELEASE",
    "BASE_AUDIT_PASS",
    "AUDIT_REJECT",
    "PROMOTE_AUDIT_REJECT",
    "RELEASE",
    "GRAY",
    "OFFLINE",
    "AUDIT_OFFLINE",
]
DOCUMENTED = {
    "app_version",
    "status",
    "app_name",
    "app_english_name",
    "app_logo",
    "app_slogan",
    "app_desc",
    "version_desc",
    "memo",
    "service_phone",
    "service_email",
    "service_region_type",
    "service_region_info",
    "screen_shot_list",
    "mini_app_category_info_list",
    "mini_category_info_list",
    "package_info_list",
    "scan_result",
    "reject_reason",
    "gray_strategy",
    "gmt_create",
    "gmt_apply_audit",
    "gmt_audit_end",
    "gmt_online",
    "gmt_offline",
    "base_audit",
    "promote_audit",
    "can_release",
    "base_audit_record",
    "promote_audit_record",
}


def test_every_documented_field_is_there() -> None:
    assert {field.name for field in attrs.fields(VersionDetail)} == DOCUMENTED | {"extra", "meta"}
    assert len(DOCUMENTED) == 30


@pytest.mark.parametrize("status", STATUSES)
def test_a_documented_status_is_a_member(status: str) -> None:
    detail = read_model(VersionDetail, {"status": status}, META)
    assert detail.status is VersionStatus(status)


def test_there_are_no_other_statuses() -> None:
    assert [*VersionStatus] == STATUSES


def test_what_is_not_said_is_none_or_empty() -> None:
    detail = VersionDetail(meta=META)
    assert {getattr(detail, name) for name in DOCUMENTED} == {None}
    assert detail.extra == {}
    assert set(attrs.asdict(Category()).values()) == {None}
    assert set(attrs.asdict(PackageInfo()).values()) == {None}
    assert Memo() == Memo(memo=None, memo_image_list=[])
    assert AuditRecord() == AuditRecord(audit_images=[], memos=[])


def test_a_version_is_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        VersionDetail(meta=META).status = "INIT"  # type: ignore[misc]
