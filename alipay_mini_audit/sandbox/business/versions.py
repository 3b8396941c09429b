"""Where each version stands, and the audit calls that move it. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.business.days import beijing_time
from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["DEFAULT_BUNDLE", "STATUSES", "VersionState", "Versions"]

DEFAULT_BUNDLE: Final = "com.alipay.alipaywallet"
STATUSES: Final = (
    "INIT",
    "AUDITING",
    "WAIT_RELEASE",
    "BASE_AUDIT_PASS",
    "AUDIT_REJECT",
    "PROMOTE_AUDIT_REJECT",
    "RELEASE",
    "GRAY",
    "OFFLINE",
    "AUDIT_OFFLINE",
)
"""Where a version may stand."""
_PAST_AUDIT: Final = ("WAIT_RELEASE", "AUDIT_REJECT", "GRAY")
"""Where a version keeps others of its mini-program from being submitted, beside `AUDITING`."""
_ECHOED: Final = MappingProxyType(
    {
        "version_desc": "version_desc",
        "app_name": "app_name",
        "app_english_name": "app_english_name",
        "app_slogan": "app_slogan",
        "app_desc": "app_desc",
        "memo": "memo",
        "service_phone": "service_phone",
        "service_email": "service_email",
        "region_type": "service_region_type",
        "service_region_info": "service_region_info",
    }
)
"""Field of an apply -> field of the detail answer."""
_CATEGORIES: Final = {
    "app_category_ids": "mini_app_category_info_list",
    "mini_category_ids": "mini_category_info_list",
}
_LEVELS: Final = ("first_category_id", "second_category_id", "third_category_id")


@final
@attrs.frozen(kw_only=True)
class VersionState:
    """What the platform knows of one version.

    Times are seconds since 1970, `None` for what did not happen.

    Attributes:
        app_version: the version.
        bundle_id: the app that it runs in.
        status: one of `STATUSES`.
        fields: the fields of the last accepted apply; empty if there was none.
        reject_reason: the auditors' reason; `None` unless rejected.
        created: when the version came into being.
        applied: when it was submitted last; stays after a cancel.
        decided: when the audit ended.
        online: when it went online.
        offline: when it was taken offline.
    """

    app_version: str
    bundle_id: str = DEFAULT_BUNDLE
    status: str = "INIT"
    fields: Mapping[str, object] = attrs.field(factory=dict, repr=False)
    reject_reason: str | None = None
    created: float
    applied: float | None = None
    decided: float | None = None
    online: float | None = None
    offline: float | None = None

    def answer(self) -> dict[str, object]:
        """Return what a detail query answers; fields without a value are left out."""
        times = {
            "gmt_create": self.created,
            "gmt_apply_audit": self.applied,
            "gmt_audit_end": self.decided,
            "gmt_online": self.online,
            "gmt_offline": self.offline,
        }
        found: dict[str, object] = {
            "app_version": self.app_version,
            "status": self.status,
            "scan_result": "True",
            "reject_reason": self.reject_reason,
        }
        found |= {answered: self.fields.get(sent) for sent, answered in _ECHOED.items()}
        found |= {
            answered: _categories(self.fields.get(sent)) for sent, answered in _CATEGORIES.items()
        }
        found |= {
            name: None if time is None else beijing_time(time) for name, time in times.items()
        }
        return {name: value for name, value in found.items() if value is not None}


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

    def clear(self) -> None:
        """Forget every version."""
        self._states.clear()
        self._standing.clear()

    def all(self) -> tuple[tuple[str, VersionState], ...]:
        """Return every version that has moved and its owner, the one that moved last at the end."""
        return tuple((owner, state) for (owner, _, _), state in self._states.items())

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

    def check_apply(
        self, owner: str, fields: Mapping[str, object], *, alone: bool = False
    ) -> VersionState:
        """Check whether a version may be taken into audit.

        Args:
            owner: whose version.
            fields: the fields of the apply.
            alone: whether no other version of the mini-program may be in audit, or have come out of
                it without having gone online.

        Returns:
            Where it stands.

        Raises:
            Refusal: the version or its description is blank, it is not in development, or another
                one stands in its way.
        """
        state = self.find(owner, fields)
        if text_of(fields, "version_desc") is None:
            raise Refusal("VERSION_DESC_IS_BLANK")
        if state.status == "AUDITING":
            raise Refusal("SUBMIT_REPEAT")
        if state.status != "INIT":
            raise Refusal("CAN_NOT_SUBMIT_WITHOUT_INIT")
        if alone:
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
        return self._keep(owner, attrs.evolve(state, status="AUDITING", fields=fields, applied=now))

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
            state = self._latest_in_audit(owner, bundle)
        else:
            state = self.find(owner, fields)
        if state is None or state.status != "AUDITING":
            raise Refusal("AUDITING_VERSION_NOT_EXIST")
        return self._keep(owner, attrs.evolve(state, status="INIT"))

    def decide(
        self, owner: str, state: VersionState, status: str, reject_reason: str | None, now: float
    ) -> VersionState:
        """Move a version to any status.

        Args:
            owner: whose version.
            state: where it stands.
            status: where it stands from now on.
            reject_reason: what the auditors say; `None` for nothing.
            now: seconds since 1970.
        """
        moved = attrs.evolve(state, status=status, reject_reason=reject_reason)
        if state.status == "AUDITING" and status != "AUDITING":
            moved = attrs.evolve(moved, decided=now)
        if status == "RELEASE":
            moved = attrs.evolve(moved, online=now)
        if status in ("OFFLINE", "AUDIT_OFFLINE"):
            moved = attrs.evolve(moved, offline=now)
        return self._keep(owner, moved)

    def _check_others(self, owner: str, bundle: str) -> None:
        if self._with_status(owner, bundle, "AUDITING"):
            raise Refusal("CAN_NOT_SUBMIT_WITH_AUDIT")
        if any(self._with_status(owner, bundle, status) for status in _PAST_AUDIT):
            raise Refusal("CAN_NOT_SUBMIT_WITH_AUDIT_GRAY")

    def _latest_in_audit(self, owner: str, bundle: str) -> VersionState | None:
        return next(reversed(self._with_status(owner, bundle, "AUDITING").values()), None)

    def _with_status(self, owner: str, bundle: str, status: str) -> dict[str, VersionState]:
        return self._standing.get((owner, bundle, status), {})

    def _keep(self, owner: str, state: VersionState) -> VersionState:
        program, version = (owner, state.bundle_id), state.app_version
        # What moves is taken out and put in again: the tables stay in the order of the changes.
        before = self._states.pop((*program, version), None)
        if before is not None:
            del self._standing[*program, before.status][version]
        self._states[*program, version] = state
        self._standing.setdefault((*program, state.status), {})[version] = state
        return state


def _categories(ids: object) -> list[dict[str, str]] | None:
    if not isinstance(ids, str):
        return None
    chosen = [entry.split("_") for entry in ids.split(";") if entry]
    return [dict(zip(_LEVELS, levels, strict=False)) for levels in chosen]
