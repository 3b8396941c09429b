"""What the calls that change a version answer, as attrs objects."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.problems import Problem

__all__ = ["ApplyReply", "CancelReply", "ReplyMeta", "VersionReply"]


@final
@attrs.frozen(kw_only=True)
class ReplyMeta:
    """How a reply came about.

    Attributes:
        request_id: our id of the last attempt, header `alipay-request-id`.
        trace_id: the platform's id of the answer, to quote to its support; `None` if it sent none.
        http_status: the HTTP status of the answer.
        attempts: how many attempts were made, the successful one included.
        elapsed: the seconds from the call to the reply.
        platform_time: when the platform signed the answer, by its own clock, in UTC; `None` if it
            does not say.
        resolved: the reply was lost, and the outcome was established by asking the platform.
        warnings: what was found before and is worth a look by a person; it did not stop the call.
    """

    request_id: str
    trace_id: str | None
    http_status: int
    attempts: int = 1
    elapsed: float = 0.0
    platform_time: datetime.datetime | None = None
    resolved: bool = False
    warnings: tuple[Problem, ...] = ()


@final
@attrs.frozen(kw_only=True)
class ApplyReply:
    """The platform took the version into audit.

    Attributes:
        speed_up: whether the audit is expedited; `None` if the platform does not say.
        speed_up_memo: why, or why not; `None` if the platform does not say.
        extra: what else was in the reply, as JSON values: fields newer than this package, and
            those above if they have another type than documented.
        meta: how it came about.
    """

    speed_up: bool | None = None
    speed_up_memo: str | None = None
    extra: Mapping[str, object] = attrs.field(factory=dict)
    meta: ReplyMeta


@final
@attrs.frozen(kw_only=True)
class CancelReply:
    """The platform took the version out of audit.

    Attributes:
        extra: what was in the reply, as JSON values; the schema has no fields.
        meta: how it came about.
    """

    extra: Mapping[str, object] = attrs.field(factory=dict)
    meta: ReplyMeta


@final
@attrs.frozen(kw_only=True)
class VersionReply:
    """The platform did what a call of `AuditClient.versions` asks for.

    Attributes:
        extra: what was in the reply, as JSON values; the schema has no fields.
        meta: how it came about.
    """

    extra: Mapping[str, object] = attrs.field(factory=dict)
    meta: ReplyMeta
