import pytest

from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

FIELDS = {"app_version": "0.0.1", "version_desc": "first"}
NEW_YEAR = 1704038400.0
"""2024-01-01 00:00:00 in Beijing."""


@pytest.fixture
def versions() -> Versions:
    return Versions(created=NEW_YEAR)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.raises(Refusal, match=f"^{code}: ")


def test_a_version_that_nobody_has_seen_is_in_development(versions: Versions) -> None:
    assert versions.find("app", {"app_version": "9"}).answer() == {
        "app_version": "9",
        "status": "INIT",
        "scan_result": "True",
        "gmt_create": "2024-01-01 00:00:00",
    }


def test_an_apply_takes_it_into_audit_and_is_echoed(versions: Versions) -> None:
    regions = [{"province_code": "310000", "province_name": "上海市"}]
    fields = FIELDS | {
        "region_type": "LOCATION",
        "service_region_info": regions,
        "test_password": "secret",
    }
    fields |= {"app_category_ids": "11_12;13", "mini_category_ids": "XS1_XS2_XS3"}
    state = versions.apply("app", fields, NEW_YEAR + 61)
    assert state.status == "AUDITING"
    assert "secret" not in repr(state)
    assert versions.find("app", {"app_version": "0.0.1"}).answer() == {
        "app_version": "0.0.1",
        "status": "AUDITING",
        "scan_result": "True",
        "version_desc": "first",
        "service_region_type": "LOCATION",
        "service_region_info": regions,
        "mini_app_category_info_list": [
            {"first_category_id": "11", "second_category_id": "12"},
            {"first_category_id": "13"},
        ],
        "mini_category_info_list": [
            {"first_category_id": "XS1", "second_category_id": "XS2", "third_category_id": "XS3"}
        ],
        "gmt_create": "2024-01-01 00:00:00",
        "gmt_apply_audit": "2024-01-01 00:01:01",
    }


def test_a_second_apply_is_refused(versions: Versions) -> None:
    versions.apply("app", FIELDS, NEW_YEAR)
    with refused("SUBMIT_REPEAT"):
        versions.apply("app", FIELDS, NEW_YEAR)


def test_owners_bundles_and_versions_are_kept_apart(versions: Versions) -> None:
    versions.apply("app", FIELDS, NEW_YEAR)
    versions.apply("token", FIELDS, NEW_YEAR)
    versions.apply("app", FIELDS | {"bundle_id": "com.alipay.iot.xpaas"}, NEW_YEAR)
    versions.apply("app", FIELDS | {"app_version": "0.0.2"}, NEW_YEAR)
    with refused("SUBMIT_REPEAT"):
        versions.apply("app", FIELDS | {"bundle_id": "com.alipay.alipaywallet"}, NEW_YEAR)


def test_a_cancel_brings_it_back_to_development(versions: Versions) -> None:
    versions.apply("app", FIELDS, NEW_YEAR)
    state = versions.cancel("app", {"app_version": "0.0.1"})
    assert (state.status, state.applied) == ("INIT", NEW_YEAR)
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {"app_version": "0.0.1"})
    versions.apply("app", FIELDS, NEW_YEAR)


def test_a_cancel_without_a_version_takes_the_latest_one(versions: Versions) -> None:
    for version in ("1", "2", "3"):
        versions.apply("app", FIELDS | {"app_version": version}, NEW_YEAR)
    versions.cancel("app", {"app_version": "3"})
    versions.apply("other", FIELDS | {"app_version": "4"}, NEW_YEAR)
    assert versions.cancel("app", {}).app_version == "2"
    assert versions.cancel("app", {"app_version": " "}).app_version == "1"
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {})


@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_blank_fields_are_refused(versions: Versions, blank: str | None) -> None:
    with refused("APP_VERSION_IS_BLANK"):
        versions.apply("app", FIELDS | {"app_version": blank}, NEW_YEAR)
    with refused("VERSION_DESC_IS_BLANK"):
        versions.apply("app", FIELDS | {"version_desc": blank}, NEW_YEAR)
    with refused("APP_VERSION_IS_BLANK"):
        versions.find("app", {"app_version": blank})


@pytest.mark.parametrize(
    "wrong",
    [
        {"app_version": 1},
        {"auto_online": True},
        {"service_region_info": {}},
        {"service_region_info": [1]},
    ],
)
def test_wrong_types_are_refused(versions: Versions, wrong: dict[str, object]) -> None:
    with refused("INVALID_PARAMETER"):
        versions.apply("app", FIELDS | wrong, NEW_YEAR)


def test_fields_that_the_schema_does_not_know_are_tolerated(versions: Versions) -> None:
    versions.apply("app", FIELDS | {"newer_field": 7}, NEW_YEAR)


def test_decisions_move_a_version_on(versions: Versions) -> None:
    state = versions.apply("app", FIELDS, NEW_YEAR)
    rejected = versions.decide("app", state, "AUDIT_REJECT", "blurred", NEW_YEAR + 1)
    answer = rejected.answer()
    assert (answer["status"], answer["reject_reason"]) == ("AUDIT_REJECT", "blurred")
    assert answer["gmt_audit_end"] == "2024-01-01 00:00:01"
    with refused("CAN_NOT_SUBMIT_WITHOUT_INIT"):
        versions.apply("app", FIELDS, NEW_YEAR)
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {"app_version": "0.0.1"})
    online = versions.decide("app", rejected, "RELEASE", None, NEW_YEAR + 2).answer()
    assert (online["gmt_online"], "reject_reason" in online) == ("2024-01-01 00:00:02", False)
    offline = versions.decide("app", rejected, "OFFLINE", None, NEW_YEAR + 3).answer()
    assert offline["gmt_offline"] == "2024-01-01 00:00:03"
