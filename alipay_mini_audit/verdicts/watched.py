"""`Watched`: one version whose verdict is awaited: what was seen of it, and when to ask next.

Pure: the time comes in, in seconds by any clock that is never set, and no I/O happens here.
"""

from __future__ import annotations

import datetime
from typing import Final, final

import attrs

from alipay_mini_audit.models import Verdict, VerdictKind, VersionDetail, VersionStatus
from alipay_mini_audit.verdicts.poll import Poll

__all__ = ["UPLOADING", "Target", "Watched", "kind_of"]

UPLOADING: Final = datetime.timedelta(minutes=10)
"""So much earlier than it signs its reply the platform may have accepted a version."""
_ROUNDED: Final = 1e-6
"""Sums of times are a little less than they should be."""
_PASSED: Final = frozenset(
    {
        VersionStatus.WAIT_RELEASE,
        VersionStatus.BASE_AUDIT_PASS,
        VersionStatus.RELEASE,
        VersionStatus.GRAY,
    }
)
_GONE_PAST: Final = frozenset({VersionStatus.OFFLINE, VersionStatus.AUDIT_OFFLINE})


@final
@attrs.frozen(kw_only=True)
class Target:
    """Which version.

    Attributes:
        app_version: the version.
        bundle_id: the application it runs in; `None` is the Alipay wallet.
        mini_app_id: the app id of its mini-program; `None` if it is not known.
        app_auth_token: the merchant's; `None` for none.
    """

    app_version: str
    bundle_id: str | None = None
    mini_app_id: str | None = None
    app_auth_token: str | None = attrs.field(default=None, repr=False)


def kind_of(detail: VersionDetail) -> VerdictKind | None:
    """Return what a state means; `None` for one in which the audit goes on, or a new one.

    That `BASE_AUDIT_PASS` is enough to go online says the official text of `audit_rule`; so is
    `PROMOTE_AUDIT_REJECT` with `can_release`, by the official text of that field.
    """
    match detail.status:
        case VersionStatus.INIT:
            return VerdictKind.WITHDRAWN
        case VersionStatus.AUDIT_REJECT:
            return VerdictKind.REJECTED
        case VersionStatus.PROMOTE_AUDIT_REJECT:
            return VerdictKind.PASSED if detail.can_release else VerdictKind.REJECTED
        case status if status in _PASSED:
            return VerdictKind.PASSED
        case status if status in _GONE_PAST:
            return VerdictKind.TAKEN_OVER
        case _:
            return None


@final
@attrs.define(kw_only=True, eq=False)
class Watched:
    """One version whose verdict is awaited.

    Attributes:
        target: which version.
        poll: how often to ask.
        earliest: before when it cannot have been submitted, by the platform's clock, and
        latest: after when it cannot; `None` if nobody knows.
        since: when it was submitted, by the platform's clock; `None` until that was seen.
        due: when to ask next; it begins with "at once".
        last: the last answer; `None` before the first.
        looks: how many answers there were.
    """

    target: Target
    poll: Poll
    earliest: datetime.datetime | None = None
    latest: datetime.datetime | None = None
    since: datetime.datetime | None = None
    due: float = float("-inf")
    last: VersionDetail | None = None
    looks: int = 0
    _was_in_audit: bool = False
    _asked_at: float = 0.0
    _behind_since: float | None = None
    _regular: float = float("-inf")
    _interval: float = attrs.field(init=False)
    _may_guess: bool = True
    _has_rung: bool = False
    _heard_before: bool = False

    def __attrs_post_init__(self) -> None:
        self._interval = self.poll.first

    def rang(self, now: float, *, is_certain: bool) -> bool:
        """Note a message: ask at once. Say whether that brings the next question forward.

        Args:
            now: the time.
            is_certain: the message names this mini-program. One that may be about another is heeded
                once between two regular questions.
        """
        if not is_certain and not self._may_guess:
            return False
        self._may_guess = self._may_guess and is_certain
        self._has_rung = True
        is_sooner = self.due > now
        self.due = min(self.due, now)
        return is_sooner

    def asking(self) -> None:
        """Note that a question goes out: a message from now on may know more than its answer."""
        self._heard_before, self._has_rung = self._has_rung, False

    def asked(self, now: float) -> None:
        """Note that a question is over, answered or not, and set when the next one is due.

        After a message there are two: the platform may take a while to show what it told.
        """
        self._asked_at = now
        if now >= self._regular:
            self._regular = now + self._interval
            self._interval = self.poll.after(self._interval)
            self._may_guess = True
        if self._has_rung:
            self.due = now
        elif self._heard_before:
            self.due = min(self._regular, now + self.poll.first)
        else:
            self.due = self._regular
        self._heard_before = False

    def saw(self, detail: VersionDetail) -> Verdict | None:
        """Note an answer; return the verdict if it holds one.

        The platform may take a while to show what was just submitted. So what it shows from before
        counts only once it stays so for `Poll.first` seconds: development, unless it says that it
        is that of the submission that was seen, and an earlier submission.
        """
        self.last = detail
        self.looks += 1
        submitted = detail.gmt_apply_audit
        kind = kind_of(detail)
        if kind is VerdictKind.WITHDRAWN:
            is_of_what_was_seen = self._was_in_audit and submitted == self.since is not None
            is_sure = self._stays_behind() or is_of_what_was_seen
            return self._verdict(kind, detail) if is_sure else None
        if submitted is not None:
            if self._is_earlier(submitted):
                is_sure = self._stays_behind()
                return self._verdict(VerdictKind.TAKEN_OVER, detail) if is_sure else None
            if self._is_later(submitted):
                return self._verdict(VerdictKind.TAKEN_OVER, detail)
            self.since = submitted
        self._behind_since = None
        self._was_in_audit |= detail.status == VersionStatus.AUDITING
        return None if kind is None else self._verdict(kind, detail)

    def _stays_behind(self) -> bool:
        """Say whether the platform has shown a state from before for long enough."""
        if self._behind_since is None:
            self._behind_since = self._asked_at
        return self._asked_at - self._behind_since >= self.poll.first - _ROUNDED

    def _is_earlier(self, submitted: datetime.datetime) -> bool:
        earliest = self.earliest if self.since is None else self.since
        return earliest is not None and submitted < earliest

    def _is_later(self, submitted: datetime.datetime) -> bool:
        latest = self.latest if self.since is None else self.since
        return latest is not None and submitted > latest

    def _verdict(self, kind: VerdictKind, detail: VersionDetail) -> Verdict:
        return Verdict.of(kind, self.target.app_version, detail)
