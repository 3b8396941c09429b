"""The calls of a version's life after its audit, and its deletion. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, final

import attrs

from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.business.moves import MOVES, MoveName
from alipay_mini_audit.sandbox.business.states import VersionState
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["Releases"]

_SHARES: Final = ("p10", "p30", "p50")
"""Of users in gray release, the smallest first."""
_FLAGS: Final = ("downgrade", "permit_registration_limit_release")
_Fields = Mapping[str, object]


@final
@attrs.frozen(kw_only=True)
class _Asked:
    """A call that moves a version from where it stands."""

    owner: str
    state: VersionState
    fields: _Fields
    leads: str
    now: float


@final
class Releases:
    """Moves versions as the developer asks.

    Args:
        versions: where they stand.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._calls: Mapping[MoveName, Callable[[_Asked], object]] = {
            "cancel_audited": self._cancel_audited,
            "delete": self._delete,
            "gray_online": self._gray_online,
            "gray_cancel": self._gray_cancel,
            "online": self._online,
            "offline": self._offline,
            "rollback": self._rollback,
        }

    def move(self, call: MoveName, owner: str, fields: _Fields, now: float) -> None:
        """Do what a call asks.

        Args:
            call: its name.
            owner: whose version.
            fields: `app_version`, `bundle_id` and what else the call takes.
            now: seconds since 1970.

        Raises:
            Refusal: a field is wrong, or the version does not stand where the call moves it from;
                nothing has changed then.
        """
        state = self._versions.find(owner, fields)
        if call == "gray_online":
            _check_share(fields)
        if call == "online":
            _check_flags(fields)
        leads = MOVES[call].next(state.standing(now))
        self._calls[call](_Asked(owner=owner, state=state, fields=fields, leads=leads, now=now))

    def _cancel_audited(self, asked: _Asked) -> None:
        self._versions.take_back(asked.owner, asked.state, asked.leads)

    def _delete(self, asked: _Asked) -> None:
        if asked.state.scan_result == "NAN":
            raise Refusal("CAN_NOT_DELETE_WITH_SCANNING")
        self._versions.keep(asked.owner, attrs.evolve(asked.state, is_deleted=True))

    def _gray_online(self, asked: _Asked) -> None:
        share = text_of(asked.fields, "gray_strategy")
        before = asked.state.gray_strategy
        if share is not None and before is not None and share < before:
            raise Refusal("GRAY_STRATEGY_NOT_ALLOW_REDUCE")
        self._keep(asked, gray_strategy=share)

    def _gray_cancel(self, asked: _Asked) -> None:
        self._keep(asked, gray_strategy=None)

    def _online(self, asked: _Asked) -> None:
        if asked.state.status == "PROMOTE_AUDIT_REJECT" and not asked.state.can_release:
            raise Refusal("CAN_NOT_ONLINE_NO_PROMOTE")
        self._versions.release(asked.owner, asked.state, asked.now)

    def _offline(self, asked: _Asked) -> None:
        self._check_no_gray(asked, "CAN_NOT_OFFLINE_WITH_GRAY")
        self._keep(asked, offline=asked.now)

    def _rollback(self, asked: _Asked) -> None:
        self._check_no_gray(asked, "CAN_NOT_ROLLBACK_WITH_GRAY")
        if self._versions.shelf(asked.owner, asked.state.bundle_id).was_rolled_back:
            raise Refusal("CAN_NOT_CONTINUOUS_ROLLBACK")
        target = self._predecessor(asked)
        if target.status == "AUDIT_OFFLINE":
            raise Refusal("CAN_NOT_ROLLBACK_PUNISH")
        self._versions.release(asked.owner, target, asked.now, by_rollback=True)

    def _predecessor(self, asked: _Asked) -> VersionState:
        bundle = asked.state.bundle_id
        shelf = self._versions.shelf(asked.owner, bundle)
        for version in shelf.before(asked.state.app_version):
            other = self._versions.find(asked.owner, {"app_version": version, "bundle_id": bundle})
            if other.status in ("OFFLINE", "AUDIT_OFFLINE"):
                return other
        raise Refusal("CAN_NOT_ROLLBACK_WITHOUT_OFFLINE")

    def _check_no_gray(self, asked: _Asked, code: str) -> None:
        if self._versions.with_status(asked.owner, asked.state.bundle_id, "GRAY"):
            raise Refusal(code)

    def _keep(self, asked: _Asked, **changes: Any) -> None:
        moved = attrs.evolve(asked.state, status=asked.leads, **changes)
        self._versions.keep(asked.owner, moved)


def _check_share(fields: _Fields) -> None:
    share = text_of(fields, "gray_strategy")
    if share is None:
        raise Refusal("GRAY_STRATEGY_IS_BLANK")
    if share not in _SHARES:
        raise Refusal("GRAY_STRATEGY_IS_INVALID")


def _check_flags(fields: _Fields) -> None:
    for name in _FLAGS:
        if not isinstance(fields.get(name, False), bool):
            raise Refusal("INVALID_PARAMETER", f"{name} is neither true nor false.")
