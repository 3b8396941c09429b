"""A list of versions, as the platform writes it."""

import datetime

from alipay_mini_audit import ReplyMeta, VersionList, VersionStatus, VersionSummary
from alipay_mini_audit.models import read_model

META = ReplyMeta(request_id="r-1", trace_id=None, http_status=200)
BEIJING = datetime.timezone(datetime.timedelta(hours=8))


def test_a_version_has_every_field_of_the_schema() -> None:
    row = {
        "app_version": "1.0.2",
        "bundle_id": "com.alipay.alipaywallet",
        "version_description": "订单页改版",
        "version_status": "PROMOTE_AUDIT_REJECT",
        "create_time": "2026-11-24 12:34:56",
        "base_audit": "PASS",
        "promote_audit": "REJECT",
        "can_release": "true",
    }
    found = read_model(VersionList, {"app_version_infos": [row]}, META)
    assert found.versions == [
        VersionSummary(
            app_version="1.0.2",
            bundle_id="com.alipay.alipaywallet",
            version_description="订单页改版",
            version_status=VersionStatus.PROMOTE_AUDIT_REJECT,
            create_time=datetime.datetime(2026, 11, 24, 12, 34, 56, tzinfo=BEIJING),
            base_audit="PASS",
            promote_audit="REJECT",
            can_release=True,
        )
    ]
    assert found.extra == {}


def test_one_odd_field_costs_neither_the_row_nor_the_list() -> None:
    rows = [
        {"app_version": "2.0", "create_time": "yesterday", "version_status": "NEW_STATE", "x": 1},
        {"app_version": "1.0", "can_release": None},
    ]
    first, second = read_model(VersionList, {"app_version_infos": rows}, META).versions
    assert (first.app_version, first.create_time, first.version_status) == (
        "2.0",
        None,
        "NEW_STATE",
    )
    assert first.extra == {"create_time": "yesterday", "x": 1}
    assert (second.app_version, second.can_release, second.extra) == ("1.0", None, {})


def test_what_is_no_list_is_kept_as_it_came() -> None:
    for odd in ({"app_version": "1.0"}, "1.0", ["1.0"]):
        found = read_model(VersionList, {"app_version_infos": odd, "app_versions": ["1"]}, META)
        assert found.versions == []
        assert found.extra == {"app_version_infos": odd, "app_versions": ["1"]}
