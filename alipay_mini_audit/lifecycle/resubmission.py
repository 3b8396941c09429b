"""`resubmit`: a version into audit, whatever stands in its way, and never twice.

The state is read before each step, so that repeating it after any failure goes on where it ended.
At most one version of a mini-program may be in audit, passed, rejected or in gray release at a time
(Alipay's FAQ).
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.errors import ConfigurationError, StateConflict
from alipay_mini_audit.lifecycle.numbering import number_of
from alipay_mini_audit.models import (
    ApplyReply,
    BundleId,
    VersionDetail,
    VersionList,
    VersionStatus,
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
_FIRST_PAUSE_SECONDS: Final = 0.05
"""After a refusal; it doubles with each, for what is shown may lag."""
_LONGEST_PAUSE_SECONDS: Final = 2.0
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
    try:
        return frozenset(statuses)
    except TypeError:  # no collection, or one of what is no status
        return statuses  # which the validator refuses


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
        if not isinstance(value, frozenset) or not value <= _WITHDRAWABLE:
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
    is_contradicted: bool = False
    """The list shows another state than the detail, and one of them lags."""


async def resubmit(
    calls: ResubmitCalls,
    app_version: str,
    version_desc: str,
    apply: Callable[[], Awaitable[ApplyReply]],
    policy: ResubmitPolicy,
    *,
    bundle_id: str | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> Resubmission:
    """Bring a version into audit.

    Args:
        calls: about its mini-program.
        app_version: the version.
        version_desc: what is said about it, by which a submission is recognised.
        apply: submits it.
        policy: what may be withdrawn for it.
        bundle_id: the application it runs in; `None` is the Alipay wallet. What is in audit for
            another one stands in no way.
        sleep: waits so many seconds before what was refused is looked at again.

    Raises:
        AuditError: a call failed; its outcome is that of the call. What was withdrawn before is in
            a note of it, and repeating goes on from there.
    """
    way = _Way(
        calls=calls,
        app_version=app_version,
        version_desc=version_desc,
        apply=apply,
        policy=policy,
        bundle_id=BundleId.WALLET.value if bundle_id is None else bundle_id,
        sleep=sleep,
    )
    try:
        return await way.go()
    except BaseException as error:
        if way.withdrawn:
            error.add_note(f"Withdrawn before: {', '.join(way.withdrawn)}.")
        raise


@final
@attrs.define(kw_only=True)
class _Way:
    calls: ResubmitCalls
    app_version: str
    version_desc: str
    apply: Callable[[], Awaitable[ApplyReply]]
    policy: ResubmitPolicy
    bundle_id: str
    sleep: Callable[[float], Awaitable[object]]
    withdrawn: list[str] = attrs.field(factory=list)

    async def go(self) -> Resubmission:
        """Take one step after another."""
        refused: StateConflict | None = None
        for number in range(_MOST_ROUNDS):
            if refused is not None and number:
                await self.sleep(min(_FIRST_PAUSE_SECONDS * 2**number, _LONGEST_PAUSE_SECONDS))
            refused = None
            step = await self._next_step()
            if step is None:
                return await self._submit()
            if isinstance(step, Resubmission):
                return attrs.evolve(step, withdrawn=tuple(self.withdrawn))
            refused = await self._take_back(step)
        raise refused or _too_often()

    async def _take_back(self, step: _Withdraw) -> StateConflict | None:
        """Withdraw a version; return the refusal if somebody was faster, or what is shown lags."""
        if step.is_contradicted:
            return _contradiction()
        try:
            if step.status == VersionStatus.AUDITING:
                await self.calls.cancel(step.app_version)
            else:
                await self.calls.cancel_audited(step.app_version)
        except StateConflict as error:
            return error
        self.withdrawn.append(step.app_version)
        return None

    async def _next_step(self) -> Resubmission | _Withdraw | None:
        """Decide by the list; but what it shows of a version is not enough to withdraw that."""
        standing = await self._standing()
        own = await self.calls.detail(self.app_version)
        seen: set[str] = set()
        while True:
            step = next_step(self.app_version, self.version_desc, own, standing, self.policy)
            if not isinstance(step, _Withdraw) or step.app_version in seen:
                return step
            if step.app_version == self.app_version:
                listed = standing.get(self.app_version, step.status)
                return attrs.evolve(step, is_contradicted=listed != step.status)
            seen.add(step.app_version)
            detail = await self.calls.detail(step.app_version)
            standing[step.app_version] = detail.status

    async def _standing(self) -> dict[str, VersionStatus | str | None]:
        rows = (await self.calls.listed(IN_THE_WAY)).versions
        return {
            row.app_version: row.version_status
            for row in rows
            if row.app_version is not None and row.bundle_id in (None, self.bundle_id)
        }

    async def _submit(self) -> Resubmission:
        kind, reply = ResubmissionKind.SUBMITTED, None
        try:
            reply = await self.apply()
        except StateConflict:
            # Somebody was faster, or what was sent before has arrived in between.
            own = await self.calls.detail(self.app_version)
            if not _is_pending(own, self.version_desc):
                raise
            kind = ResubmissionKind.PENDING_ALREADY
        return Resubmission(kind=kind, reply=reply, withdrawn=tuple(self.withdrawn))


def _contradiction() -> StateConflict:
    return StateConflict(
        "CAN_NOT_BACK_DEV_WITHOUT_AUDIT",
        "The platform's list and its detail contradict each other.",
    )


def _too_often() -> StateConflict:
    return StateConflict(
        "CAN_NOT_SUBMIT_WITH_AUDIT", "Somebody submits as fast as versions are withdrawn."
    )


def next_step(
    app_version: str,
    version_desc: str,
    own: VersionDetail,
    standing: Mapping[str, VersionStatus | str | None],
    policy: ResubmitPolicy,
) -> Resubmission | _Withdraw | None:
    """Decide what to do next, by what the platform has said; pure.

    Args:
        app_version: the version.
        version_desc: what is said about it.
        own: what the platform knows of it.
        standing: where versions stand.
        policy: what may be withdrawn.

    Returns:
        How it ends, what has to be withdrawn first, or `None`: submit it. Nothing is withdrawn as
        long as something else keeps the version from being submitted.
    """
    if own.status == VersionStatus.AUDITING:
        return _in_audit(own, version_desc)
    is_rejected = own.status in _REJECTED and not own.can_release and own.status in policy.replace
    if own.status != VersionStatus.INIT and not is_rejected:
        kind = ResubmissionKind.PAST_AUDIT
        return Resubmission(kind=kind, in_the_way=app_version, status=own.status)
    beside = [
        _beside(app_version, name, status, policy)
        for name, status in standing.items()
        if name != app_version and status is not None and status in IN_THE_WAY
    ]
    for step in sorted(beside, key=lambda step: isinstance(step, _Withdraw)):
        return step
    return _Withdraw(app_version, own.status) if is_rejected and own.status else None


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
) -> Resubmission | _Withdraw:
    ours, theirs = number_of(app_version), number_of(name)
    if ours is None or theirs is None or theirs >= ours:
        kind = ResubmissionKind.NEWER_IN_THE_WAY
    elif status in policy.replace:
        return _Withdraw(name, status)
    else:
        kind = ResubmissionKind.OLDER_IN_THE_WAY
    return Resubmission(kind=kind, in_the_way=name, status=status)
