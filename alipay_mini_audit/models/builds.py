"""How far the build of a version has come, as attrs objects."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.models.replies import ReplyMeta

__all__ = ["BuildStage", "BuildStatus"]


class BuildStage(enum.StrEnum):
    """How far a build has come. The set is open: an unknown stage stays a plain string."""

    QUEUED = "0"
    BUILDING = "1"
    BUILT = "2"
    FAILED = "3"
    TIMED_OUT = "5"
    CREATED = "6"
    """There is a version now; only `create_status` comes to it."""


_FAILURES: Final = frozenset({BuildStage.FAILED, BuildStage.TIMED_OUT})


@final
@attrs.frozen(kw_only=True)
class BuildStatus:
    """How far the build of a version has come.

    A field is `None` if the platform does not say it, or says it in another form than documented;
    then `extra` has it.
    """

    build_status: BuildStage | str | None = None
    """How far the package has come."""
    create_status: BuildStage | str | None = None
    """How far the version has come."""
    need_rotation: bool | None = None
    """Whether it is worth asking again."""
    version_created: bool | None = None
    """Whether there is a version, as the platform says it beside `create_status`."""
    extra: Mapping[str, object] = attrs.field(factory=dict)
    """What else was in the reply, as JSON values."""
    meta: ReplyMeta
    """How the reply came about."""

    @property
    def is_usable(self) -> bool:
        """The version can be submitted: of all stages only `BuildStage.CREATED` says so."""
        return self.create_status == BuildStage.CREATED

    @property
    def has_failed(self) -> bool:
        """The build failed or took too long, so that there will be no version."""
        return not self.is_usable and bool(_FAILURES & {self.build_status, self.create_status})
