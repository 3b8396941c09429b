"""Where each version stands, and the calls of its audit. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping, ValuesView
from typing import Any, Final, final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.business.builds import Build
from alipay_mini_audit.sandbox.business.decisions import Decision
from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.business.moves import ABSENT, MOVES
from alipay_mini_audit.sandbox.business.shelves import Shelf
from alipay_mini_audit.sandbox.business.states import DEFAULT_BUNDLE, VersionState
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["Versions"]

_PAST_AUDIT: Final = ("WAIT_RELEASE", "AUDIT_REJECT", "GRAY")
"""Where a version keeps others of its mini-program from being submitted, beside `AUDITING`."""
_UNAUDITED: Final[Mapping[str, Any]] = {
    "reject_reason": None,
    "base_audit": None,
    "promote_audit": None,
    "can_release": None,
    "base_audit_record": None,
    "promote_audit_record": None,
    "gray_strategy": None,
}
"""What goes when a version comes back to development, or into audit once more."""


@final
class Versions:
    """All versions of a sandbox, by owner, bundle and version.

    An owner is a merchant's token, or the app itself.

    Args:
        created: seconds since 1970: when the versions that nobody has seen yet came into being.
    """

    def __init__(self, created: float) -> None:
        self._created = created
        self._states: dict[tuple[str, str, str], VersionState] = {}
        self._standing: dict[tuple[str, str, str], dict[str, VersionState]] = {}
        """Owner, bundle and status -> the states by version, the one that moved last at the end."""
        self._shelves: dict[tuple[str, str], Shelf] = {}
        """Owner and bundle -> what was online."""

    def clear(self) -> None:
        """Forget every version."""
        self._states.clear()
        self._standing.clear()
        self._shelves.clear()

    def all(self) -> tuple[tuple[str, VersionState], ...]:
        """Return every version that has moved and its owner, the one that moved last at the end."""
        return tuple((owner, state) for (owner, _, _), state in self._states.items())

    def with_status(self, owner: str, bundle: str, status: str) -> ValuesView[VersionState]:
        """Return the versions that stand somewhere, the one that moved last at the end.

        Args:
            owner: whose versions.
            bundle: the app that they run in.
            status: where they stand. At `INIT` there may be some that are not there.
        """
        return self._standing.get((owner, bundle, status), {}).values()

    def find(self, owner: str, fields: Mapping[str, object]) -> VersionState:
        """Return the state of the version that `fields` name; `INIT` if nobody has seen it yet.

        Args:
            owner: whose version.
            fields: `app_version`, and `bundle_id` if it is not the default.

        Raises:
            Refusal: there is no `app_version`.
        """
        version = text_of(fields, "app_version")
        if version is None:
            raise Refusal("APP_VERSION_IS_BLANK")
        bundle = text_of(fields, "bundle_id") or DEFAULT_BUNDLE
        unseen = VersionState(app_version=version, bundle_id=bundle, created=self._created)
        return self._states.get((owner, bundle, version), unseen)

    def build(self, owner: str, state: VersionState, build: Build) -> VersionState:
        """Begin a version; one that was deleted or whose build failed may be begun again.

        Args:
            owner: whose version.
            state: where it stands.
            build: what makes it.

        Raises:
            ConfigurationError: it is there already.
        """
        is_known = (owner, state.bundle_id, state.app_version) in self._states
        if is_known and state.standing(build.began) != ABSENT:
            raise ConfigurationError("app_version", "there is such a version already.")
        begun = VersionState(
            app_version=state.app_version,
            bundle_id=state.bundle_id,
            created=build.ends,
            build=build,
        )
        return self.keep(owner, begun)

    def check_apply(
        self, owner: str, fields: Mapping[str, object], now: float, *, strict: bool = False
    ) -> VersionState:
        """Check whether a version may be taken into audit.

        Args:
            owner: whose version.
            fields: the fields of the apply.
            now: seconds since 1970.
            strict: whether its package has to have passed the scan, and no other version of the
                mini-program may be in audit, or have come out of it without having gone online.

        Returns:
            Where it stands.

        Raises:
            Refusal: the version or its description is blank, it is not in development, or another
                one stands in its way.
        """
        state = self.find(owner, fields)
        if text_of(fields, "version_desc") is None:
            raise Refusal("VERSION_DESC_IS_BLANK")
        MOVES["apply"].next(state.standing(now))
        if strict:
            if state.scan_result != "True":
                raise Refusal("CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS")
            self._check_others(owner, state.bundle_id)
        return state

    def apply(
        self, owner: str, state: VersionState, fields: Mapping[str, object], now: float
    ) -> VersionState:
        """Take a version into audit.

        Args:
            owner: whose version.
            state: where it stands, as `check_apply` returned it.
            fields: the fields of the apply.
            now: seconds since 1970.
        """
        submitted = attrs.evolve(
            state, status="AUDITING", fields=fields, applied=now, decided=None, **_UNAUDITED
        )
        return self.keep(owner, submitted)

    def cancel(self, owner: str, fields: Mapping[str, object]) -> VersionState:
        """Take a version out of audit; without `app_version` the one that was submitted last.

        Args:
            owner: whose version.
            fields: the fields of the cancel.

        Raises:
            Refusal: it is not under audit.
        """
        bundle = text_of(fields, "bundle_id") or DEFAULT_BUNDLE
        if text_of(fields, "app_version") is None:
            in_audit = self._standing.get((owner, bundle, "AUDITING"), {})
            latest = next(reversed(in_audit.values()), None)
            if latest is None:
                raise Refusal("AUDITING_VERSION_NOT_EXIST")
            state = latest
        else:
            state = self.find(owner, fields)
        return self.keep(owner, attrs.evolve(state, status=MOVES["cancel"].next(state.status)))

    def take_back(self, owner: str, state: VersionState, status: str) -> VersionState:
        """Bring a version back to where it stood before its audit, and forget what that said.

        Args:
            owner: whose version.
            state: where it stands.
            status: where it stood.
        """
        return self.keep(owner, attrs.evolve(state, status=status, **_UNAUDITED))

    def release(
        self, owner: str, state: VersionState, now: float, *, by_rollback: bool = False
    ) -> VersionState:
        """Put a version online, and take the one offline that was there.

        Args:
            owner: whose version.
            state: where it stands.
            now: seconds since 1970.
            by_rollback: whether another one is left for it.
        """
        for other in tuple(self.with_status(owner, state.bundle_id, "RELEASE")):
            if other.app_version != state.app_version:
                self.keep(owner, attrs.evolve(other, status="OFFLINE", offline=now))
        self.shelf(owner, state.bundle_id).put(state.app_version, by_rollback=by_rollback)
        online = attrs.evolve(state, status="RELEASE", online=now, gray_strategy=None)
        return self.keep(owner, online)

    def decide(
        self, owner: str, state: VersionState, decision: Decision, now: float
    ) -> VersionState:
        """Move a version to any status, whether or not a call would.

        Args:
            owner: whose version.
            state: where it stands.
            decision: where it is moved, and what is said of it.
            now: seconds since 1970.

        Raises:
            ConfigurationError: it says something of two audits, and there is one.
        """
        decision.check_audits(state)
        status = decision.status
        was_in_audit = state.status == "AUDITING"
        told: dict[str, Any] = decision.told()
        moved = attrs.evolve(state, build=None, is_deleted=False, **told)
        if status != "GRAY":
            moved = attrs.evolve(moved, gray_strategy=None)
        if was_in_audit and status != "AUDITING":
            moved = attrs.evolve(moved, decided=now)
        goes_online_itself = was_in_audit and state.fields.get("auto_online") == "true"
        if status == "RELEASE" or (status == "WAIT_RELEASE" and goes_online_itself):
            return self.release(owner, moved, now)
        if status in ("OFFLINE", "AUDIT_OFFLINE"):
            moved = attrs.evolve(moved, offline=now)
            online = next(iter(self.with_status(owner, state.bundle_id, "RELEASE")), None)
            self.shelf(owner, state.bundle_id).put_before(
                state.app_version, None if online is None else online.app_version
            )
        return self.keep(owner, moved)

    def shelf(self, owner: str, bundle: str) -> Shelf:
        """Return in which order the versions of a mini-program were online.

        Args:
            owner: whose versions.
            bundle: the app that they run in.
        """
        return self._shelves.setdefault((owner, bundle), Shelf())

    def keep(self, owner: str, state: VersionState) -> VersionState:
        """Note where a version stands from now on.

        Args:
            owner: whose version.
            state: where it stands.
        """
        program, version = (owner, state.bundle_id), state.app_version
        # What moves is taken out and put in again: the tables stay in the order of the changes.
        before = self._states.pop((*program, version), None)
        if before is not None:
            del self._standing[*program, before.status][version]
        self._states[*program, version] = state
        self._standing.setdefault((*program, state.status), {})[version] = state
        return state

    def _check_others(self, owner: str, bundle: str) -> None:
        if self.with_status(owner, bundle, "AUDITING"):
            raise Refusal("CAN_NOT_SUBMIT_WITH_AUDIT")
        if any(self.with_status(owner, bundle, status) for status in _PAST_AUDIT):
            raise Refusal("CAN_NOT_SUBMIT_WITH_AUDIT_GRAY")
