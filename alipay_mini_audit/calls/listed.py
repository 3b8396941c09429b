"""What the list of versions proves of a call that one version alone does not show.

A deleted version is in no list, and what a question about it answers is not documented. A rollback
shows in the version that is online again.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from alipay_mini_audit.calls.attempt import Answer
from alipay_mini_audit.models import (
    BundleId,
    VersionList,
    VersionStatus,
    VersionSummary,
    read_model,
)
from alipay_mini_audit.protocol import Effect

__all__ = ["LISTED", "has_left", "list_query"]

LISTED: Final = frozenset({Effect.ROLLS_BACK, Effect.DELETES})
"""Effects that the list of versions shows."""
_MOST_LISTED: Final = 20
"""The platform tells of no more; then a version that is not there may be one that is older."""
_ROWS: Final = "app_version_infos"
_VERSION: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10}){0,5}")
_BEFORE_OR_ONLINE: Final = frozenset(VersionStatus) - {
    VersionStatus.OFFLINE,
    VersionStatus.AUDIT_OFFLINE,
}


def list_query(
    bundle_id: str | None = None, statuses: Iterable[str] = tuple(VersionStatus)
) -> dict[str, str]:
    """Return what asks for a list of versions; without either parameter there are no details.

    Args:
        bundle_id: whose versions; `None` is the Alipay wallet.
        statuses: only versions in these; by default in every one that is known.
    """
    whose = BundleId.WALLET.value if bundle_id is None else bundle_id
    return {"bundle_id": whose, "version_status": ",".join(statuses)}


def has_left(
    effect: Effect, answer: Answer, about: Mapping[str, str], since: datetime.datetime | None
) -> bool | None:
    """Say whether a call took effect, by the list of the versions in every state.

    Args:
        effect: what the call does; one of `LISTED`.
        answer: the platform's, signed.
        about: the version that the call names.
        since: when the first byte of the call left, by the platform's clock; `None` if its clock is
            not known.

    Returns:
        `None` if the answer does not say.
    """
    rows = read_model(VersionList, answer.fields, answer.meta).versions
    whose = about.get("bundle_id", BundleId.WALLET.value)
    ours = [row for row in rows if row.bundle_id in (None, whose)]
    named = [row for row in ours if row.app_version == about["app_version"]]
    if effect is Effect.ROLLS_BACK:
        return _is_rolled_back(ours, named, about["app_version"])
    told = answer.fields.get(_ROWS)
    if not isinstance(told, list) or any(row.app_version is None for row in rows):
        return None
    is_whole = len(rows) == len(told) < _MOST_LISTED
    return _is_deleted(named, since, is_whole=is_whole)


def _is_deleted(
    named: Sequence[VersionSummary], since: datetime.datetime | None, *, is_whole: bool
) -> bool | None:
    if not named:
        return True if is_whole else None
    times = [row.create_time for row in named]
    # What was built since is another version of that number: it must not be deleted as well.
    is_older = all(since is not None and time is not None and time < since for time in times)
    return False if is_older else None


def _is_rolled_back(
    rows: Sequence[VersionSummary], named: Sequence[VersionSummary], version: str
) -> bool | None:
    if len(named) != 1:
        return None
    if named[0].version_status in _BEFORE_OR_ONLINE:
        return False
    online = [row.app_version for row in rows if row.version_status == VersionStatus.RELEASE]
    if named[0].version_status != VersionStatus.OFFLINE or len(online) != 1:
        return None
    ours, theirs = _number(version), _number(online[0])
    # That of a later version is not what a rollback leads to.
    return True if ours is not None and theirs is not None and theirs < ours else None


def _number(version: str | None) -> tuple[int, ...] | None:
    if version is None or not _VERSION.fullmatch(version):
        return None
    return tuple(map(int, version.split(".")))
