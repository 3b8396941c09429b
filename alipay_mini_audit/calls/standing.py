"""What the state of a version proves of a call that moves it after its build or its audit.

The states that follow each other are those of the official OpenAPI schema of 2026-10-08 and of
Alipay's FAQ. What is in the state that a call leads to has come there; where another call leads to
the same state, or the state says nothing, nothing is proved.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from alipay_mini_audit.models import VersionDetail, VersionStatus
from alipay_mini_audit.protocol import Effect

__all__ = ["MOVES", "has_moved"]

Fields = Mapping[str, object]
Since = datetime.datetime | None

_KNOWN: Final = frozenset(VersionStatus)
_NEVER_ONLINE: Final = _KNOWN - {
    VersionStatus.RELEASE,
    VersionStatus.OFFLINE,
    VersionStatus.AUDIT_OFFLINE,
}
"""No call leads from `RELEASE` or `OFFLINE` back to these."""
_SHARES: Final = {"p10": 10, "p30": 30, "p50": 50}


def has_moved(effect: Effect, detail: VersionDetail, fields: Fields, since: Since) -> bool | None:
    """Say whether a call took effect, by what the platform knows of the version that it moves.

    Args:
        effect: what the call does; one of `MOVES`.
        detail: the platform's signed answer, about that version.
        fields: what the call said.
        since: when the first byte of the call left, by the platform's clock; `None` if its clock is
            not known.

    Returns:
        `None` if the answer does not say.
    """
    return _JUDGES[effect](detail, fields, since)


def _is_back(detail: VersionDetail, _: Fields, since: Since) -> bool | None:
    if detail.status == VersionStatus.INIT:
        return True
    submitted = detail.gmt_apply_audit
    if detail.status not in _KNOWN or submitted is None or since is None:
        return None
    return False if submitted < since else None  # from development it is submitted once more


def _is_online(detail: VersionDetail, _: Fields, __: Since) -> bool | None:
    if detail.status == VersionStatus.RELEASE:
        return True
    return False if detail.status in _NEVER_ONLINE else None


def _is_offline(detail: VersionDetail, _: Fields, since: Since) -> bool | None:
    if detail.status == VersionStatus.OFFLINE:
        return True
    if detail.status in _NEVER_ONLINE:
        return False
    if detail.status != VersionStatus.RELEASE or since is None or detail.gmt_online is None:
        return None
    times = (detail.gmt_online, detail.gmt_offline)
    is_as_before = all(time is None or time < since for time in times)
    return False if is_as_before else None  # a rollback may have put it online once more


def _is_gray(detail: VersionDetail, fields: Fields, _: Since) -> bool | None:
    if detail.status in (VersionStatus.WAIT_RELEASE, VersionStatus.BASE_AUDIT_PASS):
        return False
    if detail.status != VersionStatus.GRAY:
        return None
    wanted, reached = fields.get("gray_strategy"), detail.gray_strategy
    if reached is not None and wanted == reached:
        return True
    ours, theirs = _SHARES.get(str(wanted)), _SHARES.get(str(reached))
    # A larger share may have followed ours, which would then have taken effect.
    return False if ours is not None and theirs is not None and theirs < ours else None


def _gray_has_ended(detail: VersionDetail, _: Fields, __: Since) -> bool | None:
    if detail.status == VersionStatus.WAIT_RELEASE:
        return True
    return False if detail.status == VersionStatus.GRAY else None


_JUDGES: Final[Mapping[Effect, Callable[[VersionDetail, Fields, Since], bool | None]]] = (
    MappingProxyType(
        {
            Effect.RETURNS: _is_back,
            Effect.RELEASES: _is_online,
            Effect.UNSHELVES: _is_offline,
            Effect.GRAYS: _is_gray,
            Effect.ENDS_GRAY: _gray_has_ended,
        }
    )
)

MOVES: Final = frozenset(_JUDGES)
"""Effects that the state of the one version shows."""
