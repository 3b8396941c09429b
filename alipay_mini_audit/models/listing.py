"""The versions of an app in a list, as attrs objects. Attributes are called as on the wire."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.models.replies import ReplyMeta
from alipay_mini_audit.models.versions import VersionStatus

__all__ = ["VersionList", "VersionSummary"]


@final
@attrs.frozen(kw_only=True)
class VersionSummary:
    """One version in a list.

    A field is `None` if the platform does not say it, or says it in another form than documented;
    then `extra` has it.
    """

    app_version: str | None = None
    bundle_id: str | None = None
    """The application that it runs in."""
    version_description: str | None = None
    """What `VersionDetail` calls `version_desc`."""
    version_status: VersionStatus | str | None = None
    """Where the version stands; a status newer than this package is a plain string."""
    create_time: datetime.datetime | None = None
    """When the version was created, in Beijing's zone."""
    base_audit: str | None = None
    """`PASS` or `REJECT`; only under `AuditRule.BASE_PROMOTE`, like the two fields below."""
    promote_audit: str | None = None
    """`PASS` or `REJECT`."""
    can_release: bool | None = None
    """Whether it may go online although the audit of marketing rejected it."""
    extra: Mapping[str, object] = attrs.field(factory=dict)
    """What else was said of it, as JSON values."""


@final
@attrs.frozen(kw_only=True)
class VersionList:
    """Versions of an app; the platform tells of the 20 newest at the most."""

    versions: list[VersionSummary] = attrs.field(
        factory=list, metadata={"wire_name": "app_version_infos"}
    )
    """By version number, the largest first."""
    extra: Mapping[str, object] = attrs.field(factory=dict)
    """What else was in the reply, as JSON values."""
    meta: ReplyMeta
    """How the reply came about."""
