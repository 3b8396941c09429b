import statistics
import time
from collections.abc import Mapping

import pytest

from alipay_mini_audit.models.versions import VersionStatus
from alipay_mini_audit.sandbox.business.versions import STATUSES, Versions, VersionState
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

FIELDS = {"app_version": "0.0.1", "version_desc": "first"}
NEW_YEAR = 1704038400.0
"""2024-01-01 00:00:00 in Beijing."""


@pytest.fixture
def versions() -> Versions:
    return Versions(created=NEW_YEAR)


def apply(
    versions: Versions,
    owner: str,
    fields: Mapping[str, object],
    now: float = NEW_YEAR,
    *,
    alone: bool = False,
) -> VersionState:
    """Check, and take into audit, as the desk does."""
    return versions.apply(owner, versions.check_apply(owner, fields, alone=alone), fields, now)


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
    state = apply(versions, "app", fields, NEW_YEAR + 61)
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
    apply(versions, "app", FIELDS)
    with refused("SUBMIT_REPEAT"):
        apply(versions, "app", FIELDS)


def test_a_version_may_stand_where_the_client_knows_it_to_stand() -> None:
    assert sorted(STATUSES) == sorted(VersionStatus)


def test_owners_bundles_and_versions_are_kept_apart(versions: Versions) -> None:
    apply(versions, "app", FIELDS)
    apply(versions, "token", FIELDS)
    apply(versions, "app", FIELDS | {"bundle_id": "com.alipay.iot.xpaas"})
    apply(versions, "app", FIELDS | {"app_version": "0.0.2"})
    with refused("SUBMIT_REPEAT"):
        apply(versions, "app", FIELDS | {"bundle_id": "com.alipay.alipaywallet"})


def test_a_cancel_brings_it_back_to_development(versions: Versions) -> None:
    apply(versions, "app", FIELDS)
    state = versions.cancel("app", {"app_version": "0.0.1"})
    assert (state.status, state.applied) == ("INIT", NEW_YEAR)
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {"app_version": "0.0.1"})
    apply(versions, "app", FIELDS)


def test_a_cancel_without_a_version_takes_the_latest_one(versions: Versions) -> None:
    for version in ("1", "2", "3"):
        apply(versions, "app", FIELDS | {"app_version": version})
    versions.cancel("app", {"app_version": "3"})
    apply(versions, "other", FIELDS | {"app_version": "4"})
    assert versions.cancel("app", {}).app_version == "2"
    assert versions.cancel("app", {"app_version": " "}).app_version == "1"
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {})


@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_blank_fields_are_refused(versions: Versions, blank: str | None) -> None:
    with refused("APP_VERSION_IS_BLANK"):
        apply(versions, "app", FIELDS | {"app_version": blank})
    with refused("VERSION_DESC_IS_BLANK"):
        apply(versions, "app", FIELDS | {"version_desc": blank})
    with refused("APP_VERSION_IS_BLANK"):
        versions.find("app", {"app_version": blank})


def test_fields_that_the_schema_does_not_know_are_tolerated(versions: Versions) -> None:
    apply(versions, "app", FIELDS | {"newer_field": 7})


def test_decisions_move_a_version_on(versions: Versions) -> None:
    state = apply(versions, "app", FIELDS)
    rejected = versions.decide("app", state, "AUDIT_REJECT", "blurred", NEW_YEAR + 1)
    answer = rejected.answer()
    assert (answer["status"], answer["reject_reason"]) == ("AUDIT_REJECT", "blurred")
    assert answer["gmt_audit_end"] == "2024-01-01 00:00:01"
    with refused("CAN_NOT_SUBMIT_WITHOUT_INIT"):
        apply(versions, "app", FIELDS)
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {"app_version": "0.0.1"})
    online = versions.decide("app", rejected, "RELEASE", None, NEW_YEAR + 2).answer()
    assert (online["gmt_online"], "reject_reason" in online) == ("2024-01-01 00:00:02", False)
    offline = versions.decide("app", rejected, "OFFLINE", None, NEW_YEAR + 3).answer()
    assert offline["gmt_offline"] == "2024-01-01 00:00:03"


def test_versions_are_found_by_where_they_stand_now(versions: Versions) -> None:
    for version in ("1", "2", "3"):
        apply(versions, "app", FIELDS | {"app_version": version})
    second = versions.find("app", {"app_version": "2"})
    versions.decide("app", second, "AUDITING", None, NEW_YEAR)  # moved last, to where it stood
    assert versions.cancel("app", {}).app_version == "2"
    versions.decide("app", versions.find("app", {"app_version": "3"}), "GRAY", None, NEW_YEAR)
    with refused("CAN_NOT_SUBMIT_WITH_AUDIT"):
        apply(versions, "app", FIELDS | {"app_version": "4"}, alone=True)
    assert versions.cancel("app", {}).app_version == "1"
    with refused("CAN_NOT_SUBMIT_WITH_AUDIT_GRAY"):
        apply(versions, "app", FIELDS | {"app_version": "4"}, alone=True)
    versions.decide("app", versions.find("app", {"app_version": "3"}), "RELEASE", None, NEW_YEAR)
    apply(versions, "app", FIELDS | {"app_version": "4"}, alone=True)


def test_after_a_new_start_nobody_has_seen_any(versions: Versions) -> None:
    apply(versions, "app", FIELDS)
    versions.clear()
    assert versions.all() == ()
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {})
    apply(versions, "app", FIELDS | {"app_version": "0.0.2"}, alone=True)


@pytest.mark.parametrize("owners", [1, 10_000])
def test_a_call_takes_no_longer_among_ten_thousand_versions(
    versions: Versions, owners: int
) -> None:
    def seconds(number: int) -> float:
        owner, fields = f"app-{number % owners}", FIELDS | {"app_version": f"0.0.{number}"}
        began = time.perf_counter()
        apply(versions, owner, fields, alone=True)
        versions.cancel(owner, {})
        with refused("AUDITING_VERSION_NOT_EXIST"):
            versions.cancel(owner, {})
        return time.perf_counter() - began

    taken = [seconds(number) for number in range(10_000)]
    assert statistics.median(taken[-500:]) < 5 * statistics.median(taken[:500])
