"""The list of versions of a mini-program. No I/O here."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
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

    The schema of 2026-10-08 says of either field that the details need it: without one of them
    there are none, and at most 20 altogether with both. `app_versions`, which that schema calls
    obsolete, has the newest of each status.

    Args:
        versions: where versions stand.
        owner: whose versions.
        query: `version_status`, some statuses with commas between, and `bundle_id`.
        now: seconds since 1970.
    """
    named = text_of(query, "bundle_id")
    bundle = named or DEFAULT_BUNDLE
    answer: dict[str, object] = {}
    if bundle == DEFAULT_BUNDLE:
        there = (_there(versions, owner, bundle, [status], now) for status in STATUSES)
        newest = (max(found, key=_number, default=None) for found in there)
        answer["app_versions"] = [each.app_version for each in newest if each is not None]
    wanted = text_of(query, "version_status")
    if wanted is not None and named is not None:
        statuses = {each.strip() for each in wanted.split(",")}
        found = _there(versions, owner, bundle, statuses, now)
        highest = heapq.nlargest(_MOST, found, key=_number)
        answer["app_version_infos"] = [summary_of(state) for state in highest]
    return answer


def _there(
    versions: Versions, owner: str, bundle: str, statuses: Iterable[str], now: float
) -> Iterator[VersionState]:
    """Yield the versions that stand somewhere and are there."""
    for status in statuses:
        for state in versions.with_status(owner, bundle, status):
            if state.standing(now) != ABSENT:
                yield state


def _number(state: VersionState) -> tuple[list[tuple[int, str]], str]:
    """Return what versions are ordered by; texts that are no numbers come last."""
    parts = state.app_version.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return [], state.app_version
    # As numbers are ordered, and without a limit to their digits.
    digits = [part.lstrip("0") for part in parts]
    return [(len(each), each) for each in digits], state.app_version
