"""The list of versions of a mini-program. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from alipay_mini_audit.sandbox.business.answers import summary_of
from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.business.moves import ABSENT, STATUSES
from alipay_mini_audit.sandbox.business.states import DEFAULT_BUNDLE, VersionState
from alipay_mini_audit.sandbox.business.versions import Versions

__all__ = ["list_versions"]

_MOST: Final = 20


def list_versions(
    versions: Versions, owner: str, query: Mapping[str, object], now: float
) -> dict[str, object]:
    """Return what a list query answers; what nobody has touched is not listed.

    Without `version_status` there are no details, and at most 20 altogether with it (schema of
    2026-10-08). `app_versions`, which that schema calls obsolete, has the newest of each status.

    Args:
        versions: where versions stand.
        owner: whose versions.
        query: `version_status`, some statuses with commas between, and `bundle_id` if it is not the
            default.
        now: seconds since 1970.
    """
    bundle = text_of(query, "bundle_id") or DEFAULT_BUNDLE
    answer: dict[str, object] = {}
    if bundle == DEFAULT_BUNDLE:
        newest = (_there(versions, owner, bundle, [status], now)[:1] for status in STATUSES)
        answer["app_versions"] = [state.app_version for found in newest for state in found]
    wanted = text_of(query, "version_status")
    if wanted is not None:
        statuses = {each.strip() for each in wanted.split(",")}
        found = _there(versions, owner, bundle, statuses, now)[:_MOST]
        answer["app_version_infos"] = [summary_of(state) for state in found]
    return answer


def _there(
    versions: Versions, owner: str, bundle: str, statuses: Iterable[str], now: float
) -> list[VersionState]:
    """Return the versions that stand somewhere and are there, the highest number first."""
    found = (state for each in statuses for state in versions.with_status(owner, bundle, each))
    there = [state for state in found if state.standing(now) != ABSENT]
    return sorted(there, key=lambda state: _number(state.app_version), reverse=True)


def _number(version: str) -> tuple[list[int], str]:
    """Return what versions are ordered by; texts that are no numbers come last."""
    parts = version.split(".")
    is_number = all(part.isascii() and part.isdigit() for part in parts)
    return [int(part) for part in parts] if is_number else [], version
