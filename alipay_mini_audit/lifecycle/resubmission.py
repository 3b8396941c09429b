"""`resubmit`: a version into audit, whatever stands in its way, and never twice.

The state is read before each step, so that repeating it after any failure goes on where it ended.
At most one version of a mini-program may be in audit, passed, rejected or in gray release at a time
(Alipay's FAQ).
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.errors import ConfigurationError, StateConflict
from alipay_mini_audit.lifecycle.numbering import number_of
from alipay_mini_audit.models import (
    ApplyReply,
    VersionDetail,
    VersionList,
    VersionStatus,
    VersionSummary,
    normal_text,
)
from alipay_mini_audit.problems import told

__all__ = [
    "IN_THE_WAY",
    "Resubmission",
    "ResubmissionKind",
    "ResubmitCalls",
    "ResubmitPolicy",
    "resubmit",
]

_REJECTED: Final = (VersionStatus.AUDIT_REJECT, VersionStatus.PROMOTE_AUDIT_REJECT)
_PASSED: Final = (VersionStatus.WAIT_RELEASE, VersionStatus.BASE_AUDIT_PASS)
IN_THE_WAY: Final = (VersionStatus.AUDITING, *_REJECTED, *_PASSED, VersionStatus.GRAY)
"""Where another version keeps this one from being submitted."""
_WITHDRAWABLE: Final = frozenset({VersionStatus.AUDITING, *_REJECTED, *_PASSED})
_DEFAULT: Final = frozenset({VersionStatus.AUDITING, *_REJECTED})
_MOST_ROUNDS: Final = 8
_NOT_WITHDRAWABLE: Final = (
    ("expected some of {names}.", ""),
    ("应为以下状态中的若干个：{names}。", ""),
)


class ResubmissionKind(enum.StrEnum):
    """What became of it."""

    SUBMITTED = "submitted"
    """It is in audit now."""
    PENDING_ALREADY = "pending_already"
    """It was in audit already, with the same `version_desc`: an earlier attempt has arrived."""
    PENDING_WITH_OTHER_TEXT = "pending_with_other_text"
    """It is in audit with another `version_desc`, and was left alone."""
    NEWER_IN_THE_WAY = "newer_in_the_way"
    """A newer version is in audit or past it, and was left alone; so was one whose number is none
    to compare."""
    OLDER_IN_THE_WAY = "older_in_the_way"
    """An older version is where the policy leaves it alone, or in gray release."""
    PAST_AUDIT = "past_audit"
    """It has passed the audit, or has been online; it needs no other submission, or gets none."""


def _as_set(statuses: Collection[VersionStatus]) -> Collection[VersionStatus]:
    return frozenset(statuses)


@final
@attrs.frozen(kw_only=True)
class ResubmitPolicy:
    """What may be taken back to development for a new submission.

    Attributes:
        replace: where an older version may be withdrawn, and this version itself if it was
            rejected; by default in audit and rejected. `WAIT_RELEASE` and `BASE_AUDIT_PASS`, which
            give an approval away, may be added. Gray release never is ended.

    Raises:
        ConfigurationError: a version in such a state cannot be withdrawn.
    """

    replace: Collection[VersionStatus] = attrs.field(default=_DEFAULT, converter=_as_set)

    @replace.validator
    def _check(self, _: object, value: Collection[VersionStatus]) -> None:
        if not set(value) <= _WITHDRAWABLE:
            values = {"names": ", ".join(sorted(_WITHDRAWABLE))}
            problem = told("replace", "bad_value", *_NOT_WITHDRAWABLE, values=values)
            raise ConfigurationError.from_problem(problem)


@final
@attrs.frozen(kw_only=True)
class Resubmission:
    """What became of a resubmission.

    Attributes:
        kind: what became of it.
        reply: the platform's answer, if it was submitted now; otherwise `None`.
        withdrawn: versions that were taken back to development for it, in this order.
        in_the_way: the version that was left alone; `None` if none stands in the way.
        status: where that stands, or this version itself; `None` if it was submitted now.
    """

    kind: ResubmissionKind
    reply: ApplyReply | None = None
    withdrawn: tuple[str, ...] = ()
    in_the_way: str | None = None
    status: VersionStatus | str | None = None

    @property
    def is_in_audit(self) -> bool:
        """Whether the version is in audit with these texts."""
        return self.kind in (ResubmissionKind.SUBMITTED, ResubmissionKind.PENDING_ALREADY)


class ResubmitCalls(Protocol):
    """The calls about one mini-program."""

    async def detail(self, app_version: str) -> VersionDetail:
        """Ask where a version stands."""
        ...

    async def listed(self, statuses: Collection[VersionStatus]) -> VersionList:
        """Ask for the versions in some states."""
        ...

    async def cancel(self, app_version: str) -> object:
        """Withdraw a version that is in audit."""
        ...

    async def cancel_audited(self, app_version: str) -> object:
        """Take a version back that has been audited."""
        ...


@final
@attrs.frozen
class _Withdraw:
    app_version: str
    status: VersionStatus | str


async def resubmit(
    calls: ResubmitCalls,
    app_version: str,
    version_desc: str,
    apply: Callable[[], Awaitable[ApplyReply]],
    policy: ResubmitPolicy,
) -> Resubmission:
    """Bring a version into audit.

    Args:
        calls: about its mini-program.
        app_version: the version.
        version_desc: what is said about it, by which a submission is recognised.
        apply: submits it.
        policy: what may be withdrawn for it.

    Raises:
        AuditError: a call failed; its outcome is that of the call. What was withdrawn before is in
            a note of it, and repeating goes on from there.
    """
    withdrawn: list[str] = []
    try:
        return await _resubmit(calls, app_version, version_desc, apply, policy, withdrawn)
    except BaseException as error:
        if withdrawn:
            error.add_note(f"Withdrawn before: {', '.join(withdrawn)}.")
        raise


async def _resubmit(
    calls: ResubmitCalls,
    app_version: str,
    version_desc: str,
    apply: Callable[[], Awaitable[ApplyReply]],
    policy: ResubmitPolicy,
    withdrawn: list[str],
) -> Resubmission:
    refused: StateConflict | None = None
    for _ in range(_MOST_ROUNDS):
        others = (await calls.listed(IN_THE_WAY)).versions
        own = await calls.detail(app_version)
        step = next_step(app_version, version_desc, own, others, policy)
        if isinstance(step, Resubmission):
            return attrs.evolve(step, withdrawn=tuple(withdrawn))
        if step is None:
            return await _submit(calls, app_version, version_desc, apply, withdrawn)
        try:
            await _take_back(calls, step)
            withdrawn.append(step.app_version)
        except StateConflict as error:
            refused = error  # somebody was faster: its state is read again
    raise refused or _too_often()


async def _take_back(calls: ResubmitCalls, step: _Withdraw) -> None:
    if step.status == VersionStatus.AUDITING:
        await calls.cancel(step.app_version)
    else:
        await calls.cancel_audited(step.app_version)


def _too_often() -> StateConflict:
    return StateConflict(
        "CAN_NOT_SUBMIT_WITH_AUDIT", "Somebody submits as fast as versions are withdrawn."
    )


async def _submit(
    calls: ResubmitCalls,
    app_version: str,
    version_desc: str,
    apply: Callable[[], Awaitable[ApplyReply]],
    withdrawn: Sequence[str],
) -> Resubmission:
    kind, reply = ResubmissionKind.SUBMITTED, None
    try:
        reply = await apply()
    except StateConflict:
        # Somebody was faster, or what was sent before has arrived in between.
        own = await calls.detail(app_version)
        if not _is_pending(own, version_desc):
            raise
        kind = ResubmissionKind.PENDING_ALREADY
    return Resubmission(kind=kind, reply=reply, withdrawn=tuple(withdrawn))


def next_step(
    app_version: str,
    version_desc: str,
    own: VersionDetail,
    others: Sequence[VersionSummary],
    policy: ResubmitPolicy,
) -> Resubmission | _Withdraw | None:
    """Decide what to do next, by what the platform has said; pure.

    Returns:
        How it ends, what has to be withdrawn first, or `None`: submit it.
    """
    if own.status == VersionStatus.AUDITING:
        return _in_audit(own, version_desc)
    for other in others:
        name = other.app_version
        if name is None or name == app_version or other.version_status not in IN_THE_WAY:
            continue
        step = _beside(app_version, name, other.version_status, policy)
        if step is not None:
            return step
    if own.status == VersionStatus.INIT:
        return None
    if own.status in _REJECTED and not own.can_release and own.status in policy.replace:
        return _Withdraw(app_version, own.status)
    return Resubmission(kind=ResubmissionKind.PAST_AUDIT, in_the_way=app_version, status=own.status)


def _in_audit(own: VersionDetail, version_desc: str) -> Resubmission:
    if _is_pending(own, version_desc):
        return Resubmission(kind=ResubmissionKind.PENDING_ALREADY, status=own.status)
    kind = ResubmissionKind.PENDING_WITH_OTHER_TEXT
    return Resubmission(kind=kind, in_the_way=own.app_version, status=own.status)


def _is_pending(own: VersionDetail, version_desc: str) -> bool:
    return own.status == VersionStatus.AUDITING and (
        normal_text(own.version_desc) == normal_text(version_desc)
    )


def _beside(
    app_version: str, name: str, status: VersionStatus | str, policy: ResubmitPolicy
) -> Resubmission | _Withdraw | None:
    ours, theirs = number_of(app_version), number_of(name)
    if ours is None or theirs is None or theirs > ours:
        kind = ResubmissionKind.NEWER_IN_THE_WAY
    elif status in policy.replace:
        return _Withdraw(name, status)
    else:
        kind = ResubmissionKind.OLDER_IN_THE_WAY
    return Resubmission(kind=kind, in_the_way=name, status=status)
