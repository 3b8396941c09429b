from typing import Any

import pytest

from alipay_mini_audit.sandbox.business.builds import Build
from alipay_mini_audit.sandbox.business.decisions import Decision
from alipay_mini_audit.sandbox.business.lists import list_versions
from alipay_mini_audit.sandbox.business.versions import Versions

NOW = 1_704_038_400.0
OTHER = "com.alipay.iot.xpaas"
WALLET = "com.alipay.alipaywallet"


@pytest.fixture
def versions() -> Versions:
    return Versions(NOW)


def put(versions: Versions, version: str, status: str, bundle: str | None = None) -> None:
    state = versions.find("app", {"app_version": version, "bundle_id": bundle})
    versions.decide("app", state, Decision(status=status), NOW)


def listed(versions: Versions, statuses: str, **query: Any) -> list[object]:
    query = {"version_status": statuses, "bundle_id": WALLET, **query}
    infos = list_versions(versions, "app", query, NOW)["app_version_infos"]
    assert isinstance(infos, list)
    return [info["app_version"] for info in infos]


def test_without_statuses_or_a_bundle_there_are_no_details(versions: Versions) -> None:
    put(versions, "1.0.0", "RELEASE")
    alone = {"version_status": "RELEASE"}
    for query in (
        {},
        {"version_status": ""},
        {"bundle_id": WALLET},
        alone,
        {**alone, "bundle_id": ""},
    ):
        assert list_versions(versions, "app", query, NOW) == {"app_versions": ["1.0.0"]}
    assert list_versions(versions, "app", {"bundle_id": OTHER}, NOW) == {}


def test_what_nobody_has_touched_is_not_listed(versions: Versions) -> None:
    versions.find("app", {"app_version": "1.0.0"})
    assert listed(versions, "INIT") == []
    put(versions, "1.0.0", "INIT")
    assert listed(versions, "INIT") == ["1.0.0"]


def test_only_what_is_built_is_listed(versions: Versions) -> None:
    for version, seconds in (("1.0.0", 0), ("1.0.1", 1)):
        state = versions.find("app", {"app_version": version})
        versions.build("app", state, Build(began=NOW, ends=NOW + seconds))
    assert listed(versions, "INIT") == ["1.0.0"]


def test_the_twenty_highest_numbers_come_first(versions: Versions) -> None:
    for number in range(25):
        put(versions, f"0.0.{number}", "OFFLINE")
    put(versions, "0.10.0", "GRAY")
    put(versions, "toy", "GRAY")
    assert listed(versions, "OFFLINE,GRAY") == [
        "0.10.0",
        *(f"0.0.{number}" for number in range(24, 5, -1)),
    ]
    assert listed(versions, "GRAY") == ["0.10.0", "toy"]


def test_numbers_of_any_length_are_ordered(versions: Versions) -> None:
    ordered = ["9" * 5000, "10.0.1", "10", "9.010", "9.9", "9", "0", "x"]
    for version in sorted(ordered):
        put(versions, version, "OFFLINE")
    assert listed(versions, "OFFLINE") == ordered


def test_statuses_are_chosen_and_unknown_ones_tolerated(versions: Versions) -> None:
    put(versions, "1", "AUDITING")
    put(versions, "2", "RELEASE")
    put(versions, "3", "PROMOTE_AUDIT_REJECT")
    assert listed(versions, "AUDITING, RELEASE,BUILDING") == ["2", "1"]
    assert listed(versions, "PROMOTE_AUDIT_REJECT") == ["3"]
    assert listed(versions, "audit") == []


def test_owners_and_bundles_have_lists_of_their_own(versions: Versions) -> None:
    put(versions, "1", "RELEASE", OTHER)
    put(versions, "2", "RELEASE")
    assert listed(versions, "RELEASE", bundle_id=OTHER) == ["1"]
    assert listed(versions, "RELEASE") == ["2"]
    query = {"version_status": "RELEASE", "bundle_id": WALLET}
    assert list_versions(versions, "token", query, NOW) == {
        "app_versions": [],
        "app_version_infos": [],
    }


def test_the_newest_of_each_status_is_named(versions: Versions) -> None:
    for version, status in (("1.9", "OFFLINE"), ("1.10", "OFFLINE"), ("2.0", "INIT")):
        put(versions, version, status)
    assert list_versions(versions, "app", {}, NOW) == {"app_versions": ["2.0", "1.10"]}
