"""What is decided, by what the platform says; with real sockets see the integration tests."""

from collections.abc import Collection

import pytest

from alipay_mini_audit.errors import StateConflict
from alipay_mini_audit.lifecycle.resubmission import (
    ResubmissionKind,
    ResubmitPolicy,
    resubmit,
)
from alipay_mini_audit.models import (
    ApplyReply,
    ReplyMeta,
    VersionDetail,
    VersionList,
    VersionStatus,
    VersionSummary,
)

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)


class Platform:
    """States by version; `cancel` is refused as often as somebody else is faster."""

    def __init__(self, states: dict[str, str | None], faster: int = 0) -> None:
        self.states = states
        self.faster = faster
        self.told: list[str] = []
        self.text: str | None = "ours"
        self.bundles: dict[str, str] = {}
        self.listing: dict[str, str | None] | None = None

    async def detail(self, app_version: str) -> VersionDetail:
        status = self.states.get(app_version, "INIT")
        return VersionDetail(
            app_version=app_version, status=status, version_desc=self.text, meta=META
        )

    async def listed(self, statuses: Collection[VersionStatus]) -> VersionList:
        found = [
            VersionSummary(
                app_version=version, version_status=status, bundle_id=self.bundles.get(version)
            )
            for version, status in (self.listing or self.states).items()
            if status in statuses
        ]
        return VersionList(versions=found, meta=META)

    async def cancel(self, app_version: str) -> None:
        self.told.append(f"cancel {app_version}")
        if self.faster:
            self.faster -= 1
            raise StateConflict("AUDITING_VERSION_NOT_EXIST", "")
        self.states[app_version] = "INIT"

    async def cancel_audited(self, app_version: str) -> None:
        self.told.append(f"cancel_audited {app_version}")
        self.states[app_version] = "INIT"

    async def apply(self) -> ApplyReply:
        self.told.append("apply")
        return ApplyReply(meta=META)

    async def pause(self, seconds: float) -> None:
        assert 0 < seconds <= 2
        self.told.append("pause")


async def run(platform: Platform) -> ResubmissionKind:
    found = await resubmit(
        platform, "1.0.1", "ours", platform.apply, ResubmitPolicy(), sleep=platform.pause
    )
    return found.kind


async def test_two_that_stand_in_the_way_are_withdrawn_one_after_the_other() -> None:
    platform = Platform({"1.0.0": "AUDITING", "0.9.9": "AUDIT_REJECT"})
    assert await run(platform) is ResubmissionKind.SUBMITTED
    assert platform.told == ["cancel 1.0.0", "cancel_audited 0.9.9", "apply"]


async def test_who_was_faster_is_no_failure() -> None:
    platform = Platform({"1.0.0": "AUDITING"}, faster=2)
    assert await run(platform) is ResubmissionKind.SUBMITTED
    assert platform.told[-1] == "apply"
    assert platform.told.count("pause") == 2, "what the platform shows may lag"


async def test_it_does_not_try_for_ever() -> None:
    platform = Platform({"1.0.0": "AUDITING"}, faster=99)
    with pytest.raises(StateConflict, match="AUDITING_VERSION_NOT_EXIST"):
        await run(platform)
    assert "apply" not in platform.told


@pytest.mark.parametrize("status", [None, "", "FROZEN", "OFFLINE"])
async def test_a_state_that_nobody_knows_is_left_alone(status: str | None) -> None:
    platform = Platform({"1.0.1": status})
    assert await run(platform) is ResubmissionKind.PAST_AUDIT
    assert platform.told == []


async def test_without_a_text_nothing_is_recognised() -> None:
    platform = Platform({"1.0.1": "AUDITING"})
    platform.text = None
    assert await run(platform) is ResubmissionKind.PENDING_WITH_OTHER_TEXT


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        ({"1.0.2": "AUDITING"}, ResubmissionKind.NEWER_IN_THE_WAY),
        ({"0.9.9": "GRAY"}, ResubmissionKind.OLDER_IN_THE_WAY),
        ({"1.0.1": "OFFLINE"}, ResubmissionKind.PAST_AUDIT),
        ({"1.0.1": "FROZEN"}, ResubmissionKind.PAST_AUDIT),
        ({"1.0.1": "WAIT_RELEASE"}, ResubmissionKind.PAST_AUDIT),
    ],
)
async def test_nothing_is_withdrawn_for_a_version_that_is_not_submitted_after_all(
    other: dict[str, str | None], kind: ResubmissionKind
) -> None:
    platform = Platform({"1.0.0": "AUDITING"} | other)
    assert await run(platform) is kind
    assert platform.told == []


async def test_the_same_number_in_another_spelling_is_no_older_one() -> None:
    platform = Platform({"1.0.1.0": "AUDITING"})
    assert await run(platform) is ResubmissionKind.NEWER_IN_THE_WAY
    assert platform.told == []


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.0.2"])
async def test_what_is_in_audit_for_another_application_stands_in_no_way(version: str) -> None:
    platform = Platform({})
    platform.listing = {version: "AUDITING"}
    platform.bundles = {version: "com.amap.app"}
    assert await run(platform) is ResubmissionKind.SUBMITTED
    assert platform.told == ["apply"]


async def test_a_list_that_lags_is_not_believed() -> None:
    platform = Platform({"1.0.0": "INIT"})
    platform.listing = {"1.0.0": "AUDITING"}
    assert await run(platform) is ResubmissionKind.SUBMITTED
    assert platform.told == ["apply"]


async def test_an_approval_that_the_list_does_not_show_yet_is_not_given_away() -> None:
    platform = Platform({"1.0.0": "WAIT_RELEASE"})
    platform.listing = {"1.0.0": "AUDIT_REJECT"}
    assert await run(platform) is ResubmissionKind.OLDER_IN_THE_WAY
    assert platform.told == []


@pytest.mark.parametrize("status", ["AUDITING", "WAIT_RELEASE", "GRAY"])
async def test_a_rejection_that_the_list_contradicts_is_left_alone(status: str) -> None:
    platform = Platform({"1.0.1": "AUDIT_REJECT"})
    platform.listing = {"1.0.1": status}
    with pytest.raises(StateConflict):
        await run(platform)
    assert set(platform.told) == {"pause"}
