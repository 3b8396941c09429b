import statistics
import time
from collections.abc import Mapping
from typing import Any

import pytest

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox.business.answers import detail_of
from alipay_mini_audit.sandbox.business.builds import Build
from alipay_mini_audit.sandbox.business.decisions import Decision
from alipay_mini_audit.sandbox.business.states import VersionState
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

FIELDS = {"app_version": "0.0.1", "version_desc": "first"}
BUNDLE = "com.alipay.alipaywallet"
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
    strict: bool = False,
) -> VersionState:
    """Check, and take into audit, as the desk does."""
    state = versions.check_apply(owner, fields, now, strict=strict)
    return versions.apply(owner, state, fields, now)


def decide(
    versions: Versions, version: str, status: str, now: float = NEW_YEAR, **said: Any
) -> VersionState:
    state = versions.find("app", {"app_version": version})
    return versions.decide("app", state, Decision(status=status, **said), now)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.raises(Refusal, match=f"^{code}: ")


def test_a_version_that_nobody_has_seen_is_in_development(versions: Versions) -> None:
    assert detail_of(versions.find("app", {"app_version": "9"})) == {
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
    assert detail_of(versions.find("app", {"app_version": "0.0.1"})) == {
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
    apply(versions, "app", FIELDS)
    rejected = decide(versions, "0.0.1", "AUDIT_REJECT", NEW_YEAR + 1, reject_reason="blurred")
    answer = detail_of(rejected)
    assert (answer["status"], answer["reject_reason"]) == ("AUDIT_REJECT", "blurred")
    assert answer["gmt_audit_end"] == "2024-01-01 00:00:01"
    with refused("CAN_NOT_SUBMIT_WITHOUT_INIT"):
        apply(versions, "app", FIELDS)
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {"app_version": "0.0.1"})
    online = detail_of(decide(versions, "0.0.1", "RELEASE", NEW_YEAR + 2))
    assert (online["gmt_online"], "reject_reason" in online) == ("2024-01-01 00:00:02", False)
    offline = detail_of(decide(versions, "0.0.1", "OFFLINE", NEW_YEAR + 3))
    assert offline["gmt_offline"] == "2024-01-01 00:00:03"


def test_versions_are_found_by_where_they_stand_now(versions: Versions) -> None:
    for version in ("1", "2", "3"):
        apply(versions, "app", FIELDS | {"app_version": version})
    decide(versions, "2", "AUDITING")  # moved last, to where it stood
    assert versions.cancel("app", {}).app_version == "2"
    decide(versions, "3", "GRAY")
    with refused("CAN_NOT_SUBMIT_WITH_AUDIT"):
        apply(versions, "app", FIELDS | {"app_version": "4"}, strict=True)
    assert versions.cancel("app", {}).app_version == "1"
    with refused("CAN_NOT_SUBMIT_WITH_AUDIT_GRAY"):
        apply(versions, "app", FIELDS | {"app_version": "4"}, strict=True)
    decide(versions, "3", "RELEASE")
    apply(versions, "app", FIELDS | {"app_version": "4"}, strict=True)


def test_one_version_is_online_at_a_time(versions: Versions) -> None:
    decide(versions, "1", "RELEASE", NEW_YEAR + 1)
    decide(versions, "2", "RELEASE", NEW_YEAR + 2)
    first = versions.find("app", {"app_version": "1"})
    assert (first.status, first.online, first.offline) == ("OFFLINE", NEW_YEAR + 1, NEW_YEAR + 2)
    assert [each.app_version for each in versions.with_status("app", BUNDLE, "RELEASE")] == ["2"]


@pytest.mark.parametrize(
    ("rule", "verdict", "status"),
    [
        ("true", "WAIT_RELEASE", "RELEASE"),
        ("false", "WAIT_RELEASE", "WAIT_RELEASE"),
        ("true", "AUDIT_REJECT", "AUDIT_REJECT"),
        ("true", "BASE_AUDIT_PASS", "BASE_AUDIT_PASS"),
    ],
)
def test_what_passes_goes_online_by_itself_if_it_was_to(
    versions: Versions, rule: str, verdict: str, status: str
) -> None:
    apply(versions, "app", FIELDS | {"auto_online": rule})
    state = decide(versions, "0.0.1", verdict, NEW_YEAR + 9)
    assert (state.status, state.decided) == (status, NEW_YEAR + 9)
    assert state.online == (NEW_YEAR + 9 if status == "RELEASE" else None)


def test_only_an_audit_that_ends_lets_a_version_go_online_by_itself(versions: Versions) -> None:
    apply(versions, "app", FIELDS | {"auto_online": "true"})
    decide(versions, "0.0.1", "GRAY")
    assert decide(versions, "0.0.1", "WAIT_RELEASE").status == "WAIT_RELEASE"


def test_a_new_submission_forgets_what_was_said_of_the_last(versions: Versions) -> None:
    fields = FIELDS | {"audit_rule": "BASE_PROMOTE"}
    apply(versions, "app", fields)
    said = {"base_audit": "REJECT", "promote_audit": "REJECT", "can_release": False}
    record = {"memos": [{"memo": "blurred"}]}
    rejected = decide(
        versions, "0.0.1", "AUDIT_REJECT", reject_reason="x", base_audit_record=record, **said
    )
    moved = decide(versions, "0.0.1", "INIT")
    assert (moved.base_audit, moved.reject_reason) == ("REJECT", None)
    assert versions.take_back("app", rejected, "INIT").base_audit_record is None
    versions.keep("app", moved)
    again = apply(versions, "app", fields)
    left = {again.base_audit, again.promote_audit, again.can_release, again.base_audit_record}
    assert left == {again.decided} == {None}


@pytest.mark.parametrize("scan", ["NAN", "False"])
def test_a_scan_that_has_not_passed_keeps_a_version_from_its_audit(
    versions: Versions, scan: str
) -> None:
    decide(versions, "0.0.1", "INIT", scan_result=scan)
    with refused("CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS"):
        apply(versions, "app", FIELDS, strict=True)
    decide(versions, "0.0.1", "INIT")  # says nothing of the scan
    with refused("CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS"):
        apply(versions, "app", FIELDS, strict=True)
    decide(versions, "0.0.1", "INIT", scan_result="True")
    apply(versions, "app", FIELDS, strict=True)


def test_a_version_is_there_once_its_build_has_ended(versions: Versions) -> None:
    unseen = versions.find("app", FIELDS)
    state = versions.build("app", unseen, Build(began=NEW_YEAR, ends=NEW_YEAR + 30))
    assert (state.standing(NEW_YEAR + 29), state.created) == ("ABSENT", NEW_YEAR + 30)
    with refused("MINI_APP_PACKAGE_INFO_NOT_EXIST"):
        apply(versions, "app", FIELDS, NEW_YEAR + 29)
    assert apply(versions, "app", FIELDS, NEW_YEAR + 30).status == "AUDITING"


def test_only_what_is_not_there_is_built(versions: Versions) -> None:
    state = decide(versions, "0.0.1", "INIT")
    with pytest.raises(ConfigurationError) as raised:
        versions.build("app", state, Build(began=NEW_YEAR, ends=NEW_YEAR))
    assert raised.value.setting == "app_version"
    failed = versions.build(
        "app", versions.find("app", {"app_version": "2"}), Build(began=0, ends=1, fails=True)
    )
    again = versions.build("app", failed, Build(began=2, ends=3))
    assert [again.standing(now) for now in (1, 2, 3)] == ["ABSENT", "ABSENT", "INIT"]


def test_a_decision_makes_a_version_be_there(versions: Versions) -> None:
    versions.build("app", versions.find("app", FIELDS), Build(began=0, ends=9, fails=True))
    assert decide(versions, "0.0.1", "RELEASE").standing(NEW_YEAR) == "RELEASE"


def test_after_a_new_start_nobody_has_seen_any(versions: Versions) -> None:
    apply(versions, "app", FIELDS)
    versions.clear()
    assert versions.all() == ()
    with refused("AUDITING_VERSION_NOT_EXIST"):
        versions.cancel("app", {})
    apply(versions, "app", FIELDS | {"app_version": "0.0.2"}, strict=True)


@pytest.mark.parametrize("owners", [1, 10_000])
def test_a_call_takes_no_longer_among_ten_thousand_versions(
    versions: Versions, owners: int
) -> None:
    def seconds(number: int) -> float:
        owner, fields = f"app-{number % owners}", FIELDS | {"app_version": f"0.0.{number}"}
        began = time.perf_counter()
        apply(versions, owner, fields, strict=True)
        versions.cancel(owner, {})
        with refused("AUDITING_VERSION_NOT_EXIST"):
            versions.cancel(owner, {})
        return time.perf_counter() - began

    taken = [seconds(number) for number in range(10_000)]
    assert statistics.median(taken[-500:]) < 5 * statistics.median(taken[:500])
