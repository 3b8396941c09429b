"""What the calls after an audit do to the version that they name, and to others."""

from typing import Any

import pytest

from alipay_mini_audit.sandbox.business.decisions import Decision
from alipay_mini_audit.sandbox.business.moves import STATUSES, MoveName
from alipay_mini_audit.sandbox.business.releases import Releases
from alipay_mini_audit.sandbox.business.states import VersionState
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

NOW = 1_704_038_400.0


class Scene:
    """Versions of one mini-program, and the calls that move them."""

    def __init__(self, **standing: str) -> None:
        self.versions = Versions(NOW)
        self.releases = Releases(self.versions)
        self.now = NOW
        for version, status in standing.items():
            self.decide(version, status)

    def state(self, version: str) -> VersionState:
        return self.versions.find("app", {"app_version": version})

    def standing(self, *versions: str) -> list[str]:
        return [self.state(version).standing(self.now) for version in versions]

    def decide(self, version: str, status: str, **said: Any) -> None:
        decision = Decision(status=status, **said)
        self.versions.decide("app", self.state(version), decision, self.now)

    def code(self, call: MoveName, version: str | None, **fields: object) -> str | None:
        """Return the code that a call is refused with; `None` if it is not."""
        self.now += 1
        try:
            self.releases.move(call, "app", {"app_version": version, **fields}, self.now)
        except Refusal as refusal:
            return refusal.code
        return None


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("call", ["cancel_audited", "delete", "gray_cancel", "online", "offline"])
def test_what_is_refused_changes_nothing(call: MoveName, status: str) -> None:
    scene = Scene(v=status)
    before = scene.state("v")
    if scene.code(call, "v") is not None:
        assert scene.state("v") == before


def test_going_online_takes_the_other_one_offline() -> None:
    scene = Scene(old="RELEASE", new="WAIT_RELEASE")
    assert scene.code("online", "new") is None
    assert scene.standing("old", "new") == ["OFFLINE", "RELEASE"]
    assert scene.state("old").offline == scene.state("new").online == scene.now


def test_gray_release_grows_and_ends() -> None:
    scene = Scene(old="RELEASE", new="WAIT_RELEASE")
    assert scene.code("gray_online", "new") == "GRAY_STRATEGY_IS_BLANK"
    assert scene.code("gray_online", "new", gray_strategy="p20") == "GRAY_STRATEGY_IS_INVALID"
    assert scene.code("gray_online", "new", gray_strategy=10) == "INVALID_PARAMETER"
    assert scene.code("gray_online", "new", gray_strategy="p30") is None
    assert scene.standing("old", "new") == ["RELEASE", "GRAY"]
    reduced = scene.code("gray_online", "new", gray_strategy="p10")
    assert reduced == "GRAY_STRATEGY_NOT_ALLOW_REDUCE"
    assert scene.state("new").gray_strategy == "p30"
    assert scene.code("gray_online", "new", gray_strategy="p30") is None
    assert scene.code("gray_online", "new", gray_strategy="p50") is None
    assert scene.state("new").gray_strategy == "p50"
    assert scene.code("gray_cancel", "new") is None
    assert scene.standing("new") == ["WAIT_RELEASE"]
    assert scene.state("new").gray_strategy is None
    assert scene.code("gray_online", "new", gray_strategy="p10") is None
    assert scene.code("online", "new") is None
    assert scene.standing("old", "new") == ["OFFLINE", "RELEASE"]
    assert scene.state("new").gray_strategy is None


def test_a_gray_release_keeps_the_shelf_as_it_is() -> None:
    scene = Scene(oldest="OFFLINE", old="RELEASE", new="GRAY")
    assert scene.code("offline", "old") == "CAN_NOT_OFFLINE_WITH_GRAY"
    assert scene.code("rollback", "old") == "CAN_NOT_ROLLBACK_WITH_GRAY"
    assert scene.code("offline", "new") == "CAN_NOT_OFFLINE_WITHOUT_ONLINE"
    assert scene.code("gray_cancel", "new") is None
    assert scene.code("offline", "old") is None
    assert scene.standing("old") == ["OFFLINE"]


def test_a_rollback_leaves_the_version_that_it_names() -> None:
    scene = Scene(first="RELEASE")
    scene.decide("second", "RELEASE")
    scene.decide("third", "RELEASE")
    assert scene.code("rollback", "second") == "CAN_NOT_ROLLBACK_WITHOUT_ONLINE"
    assert scene.code("rollback", "third") is None
    assert scene.standing("first", "second", "third") == ["OFFLINE", "RELEASE", "OFFLINE"]
    assert scene.state("third").offline == scene.state("second").online == scene.now
    assert scene.code("rollback", "third") == "CAN_NOT_ROLLBACK_WITHOUT_ONLINE"
    assert scene.code("rollback", "second") == "CAN_NOT_CONTINUOUS_ROLLBACK"
    scene.decide("fourth", "WAIT_RELEASE")
    assert scene.code("online", "fourth") is None
    assert scene.code("rollback", "fourth") is None
    assert scene.standing("second", "third", "fourth") == ["RELEASE", "OFFLINE", "OFFLINE"]


def test_a_rollback_needs_a_version_to_return_to() -> None:
    scene = Scene(only="RELEASE", waiting="WAIT_RELEASE")
    assert scene.code("rollback", "only") == "CAN_NOT_ROLLBACK_WITHOUT_OFFLINE"
    scene.decide("bad", "AUDIT_OFFLINE")
    assert scene.code("rollback", "only") == "CAN_NOT_ROLLBACK_PUNISH"
    scene.decide("bad", "OFFLINE")
    assert scene.code("rollback", "only") is None
    assert scene.standing("bad", "only", "waiting") == ["RELEASE", "OFFLINE", "WAIT_RELEASE"]


def test_a_failed_audit_for_promotion_need_not_keep_a_version_back() -> None:
    scene = Scene(v="PROMOTE_AUDIT_REJECT")
    assert scene.code("online", "v") == "CAN_NOT_ONLINE_NO_PROMOTE"
    scene.decide("v", "PROMOTE_AUDIT_REJECT", can_release=False)
    assert scene.code("online", "v") == "CAN_NOT_ONLINE_NO_PROMOTE"
    scene.decide("v", "PROMOTE_AUDIT_REJECT", can_release=True)
    assert scene.code("online", "v") is None
    assert scene.standing("v") == ["RELEASE"]


def test_coming_back_from_an_audit_forgets_what_it_said() -> None:
    scene = Scene()
    scene.decide("v", "AUDIT_REJECT", reject_reason="blurred", base_audit="REJECT")
    assert scene.code("cancel_audited", "v") is None
    state = scene.state("v")
    assert (state.status, state.reject_reason, state.base_audit) == ("INIT", None, None)


def test_what_is_deleted_is_gone() -> None:
    scene = Scene(v="INIT")
    scene.decide("v", "INIT", scan_result="NAN")
    assert scene.code("delete", "v") == "CAN_NOT_DELETE_WITH_SCANNING"
    scene.decide("v", "INIT", scan_result="True")
    assert scene.code("delete", "v") is None
    assert scene.standing("v") == ["ABSENT"]
    assert scene.code("delete", "v") == "MINI_APP_PACKAGE_INFO_NOT_EXIST"
    assert scene.code("delete", "never seen") is None  # it stood at INIT, as all do


@pytest.mark.parametrize("flag", ["downgrade", "permit_registration_limit_release"])
@pytest.mark.parametrize("value", ["true", 1, None])
def test_flags_are_booleans_and_no_texts(flag: str, value: object) -> None:
    scene = Scene(v="WAIT_RELEASE")
    assert scene.code("online", "v", **{flag: value}) == "INVALID_PARAMETER"
    assert scene.code("online", "v", **{flag: True}) is None


@pytest.mark.parametrize("call", ["delete", "gray_online", "online", "rollback"])
def test_a_call_names_its_version(call: MoveName) -> None:
    assert Scene().code(call, None, gray_strategy="p10") == "APP_VERSION_IS_BLANK"
    assert Scene().code(call, " ", gray_strategy="p10") == "APP_VERSION_IS_BLANK"


def test_bundles_and_owners_have_shelves_of_their_own() -> None:
    scene = Scene(old="RELEASE", new="WAIT_RELEASE")
    other = {"app_version": "new", "bundle_id": "com.alipay.iot.xpaas"}
    decision = Decision(status="WAIT_RELEASE")
    scene.versions.decide("app", scene.versions.find("app", other), decision, NOW)
    assert scene.code("online", "new", bundle_id="com.alipay.iot.xpaas") is None
    assert scene.standing("old", "new") == ["RELEASE", "WAIT_RELEASE"]
