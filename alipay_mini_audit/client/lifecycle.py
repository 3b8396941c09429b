"""A client as `lifecycle` uses it: the calls about one mini-program, and about one version."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.attachments import Attachments, SourceLike
from alipay_mini_audit.client.arguments import expect, version_of
from alipay_mini_audit.client.versions import VersionCalls
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.lifecycle import (
    Release,
    ReleasePolicy,
    Resubmission,
    ResubmitPolicy,
    release,
    resubmit,
)
from alipay_mini_audit.models import (
    ApplyReply,
    AuditApply,
    CancelReply,
    Verdict,
    VersionDetail,
    VersionList,
    VersionReply,
    VersionStatus,
    normal_text,
)
from alipay_mini_audit.problems import told

__all__ = ["expect_release", "release_with", "resubmit_with"]

_NO_TEXT: Final = (
    ("it is blank, and a submission is recognised by it.", "Say what is new in the version."),
    ("版本描述为空，无法据此识别是否已提交。", "请填写版本描述。"),
)


class _View(Protocol):
    """A client whose token and other options are set; its methods are those of `AuditClient`."""

    @property
    def versions(self) -> VersionCalls:
        """The calls around an audit."""
        ...

    async def apply(
        self,
        request: AuditApply,
        attachments: Attachments | Mapping[str, SourceLike | None] | None = None,
    ) -> ApplyReply:
        """Submit a version."""
        ...

    async def cancel(
        self, app_version: str | None = None, *, bundle_id: str | None = None
    ) -> CancelReply:
        """Withdraw a version that is in audit."""
        ...

    async def version_detail(
        self, app_version: str, *, bundle_id: str | None = None
    ) -> VersionDetail:
        """Ask where a version stands."""
        ...


@final
@attrs.frozen
class _MiniProgram:
    """See `ResubmitCalls`."""

    view: _View
    bundle_id: str | None

    async def detail(self, app_version: str) -> VersionDetail:
        """Ask where a version stands."""
        return await self.view.version_detail(app_version, bundle_id=self.bundle_id)

    async def listed(self, statuses: Collection[VersionStatus]) -> VersionList:
        """Ask for the versions in some states."""
        return await self.view.versions.list(statuses=statuses, bundle_id=self.bundle_id)

    async def cancel(self, app_version: str) -> CancelReply:
        """Withdraw a version that is in audit."""
        return await self.view.cancel(app_version, bundle_id=self.bundle_id)

    async def cancel_audited(self, app_version: str) -> VersionReply:
        """Take a version back that has been audited."""
        return await self.view.versions.cancel_audited(app_version, bundle_id=self.bundle_id)


@final
@attrs.frozen
class _Version:
    """See `ReleaseCalls`."""

    view: _View
    app_version: str
    bundle_id: str | None

    async def detail(self) -> VersionDetail:
        """Ask where it stands."""
        return await self.view.version_detail(self.app_version, bundle_id=self.bundle_id)

    async def gray_online(self, share: str) -> VersionReply:
        """Put it online for some of the users."""
        return await self.view.versions.gray_online(
            self.app_version, share, bundle_id=self.bundle_id
        )

    async def gray_cancel(self) -> VersionReply:
        """End its gray release."""
        return await self.view.versions.gray_cancel(self.app_version, bundle_id=self.bundle_id)

    async def online(self) -> VersionReply:
        """Put it online for everybody."""
        return await self.view.versions.online(self.app_version, bundle_id=self.bundle_id)


async def resubmit_with(
    view: _View,
    prepare: Callable[[], Awaitable[object]],
    request: AuditApply,
    attachments: Attachments | Mapping[str, SourceLike | None] | None,
    policy: ResubmitPolicy | None,
) -> Resubmission:
    """Bring a version into audit, see `AuditClient.resubmit`.

    Raises:
        TypeError: an argument is of another type than it has to be, and is named.
        ValidationError: the submission would be refused, so nothing is withdrawn for it.
    """
    expect("policy", policy, ResubmitPolicy | None, "a ResubmitPolicy or None")
    version, text = request.app_version or "", request.version_desc or ""
    bundle_id = None if request.bundle_id is None else str(request.bundle_id)
    version_of(version, bundle_id)  # refuses a blank one
    if not normal_text(text):
        raise ValidationError([told("version_desc", "missing", *_NO_TEXT)])
    await prepare()

    async def apply() -> ApplyReply:
        """Submit the version."""
        return await view.apply(request, attachments)

    calls = _MiniProgram(view, bundle_id)
    return await resubmit(
        calls, version, text, apply, policy or ResubmitPolicy(), bundle_id=bundle_id
    )


def expect_release(policy: ReleasePolicy | None, stop: asyncio.Event | None) -> None:
    """Return if arguments of `AuditClient.release` are usable; its wait may take days.

    Raises:
        TypeError: one is of another type than it has to be, and is named.
    """
    expect("policy", policy, ReleasePolicy | None, "a ReleasePolicy or None")
    expect("stop", stop, asyncio.Event | None, "an asyncio.Event or None")


async def release_with(
    view: _View,
    bundle_id: str | None,
    verdict: Verdict,
    policy: ReleasePolicy | None,
    stop: asyncio.Event | None,
    pause: Callable[[asyncio.Event, float], Awaitable[bool]],
) -> Release:
    """Bring a version to the users, see `AuditClient.release`."""
    calls = _Version(view, verdict.app_version, bundle_id)
    return await release(
        calls, verdict, policy or ReleasePolicy(), _now, stop or asyncio.Event(), pause
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
