"""What queries answer about a version. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from alipay_mini_audit.sandbox.business.days import beijing_time
from alipay_mini_audit.sandbox.business.states import VersionState

__all__ = ["detail_of", "summary_of"]

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


def detail_of(state: VersionState) -> dict[str, object]:
    """Return what a detail query answers; fields without a value are left out.

    Args:
        state: of the version.
    """
    times = {
        "gmt_create": state.created,
        "gmt_apply_audit": state.applied,
        "gmt_audit_end": state.decided,
        "gmt_online": state.online,
        "gmt_offline": state.offline,
    }
    found: dict[str, object] = {
        "app_version": state.app_version,
        "status": state.status,
        "scan_result": state.scan_result,
        "reject_reason": state.reject_reason,
        "gray_strategy": state.gray_strategy,
    }
    found |= {answered: state.fields.get(sent) for sent, answered in _ECHOED.items()}
    found |= {
        answered: _categories(state.fields.get(sent)) for sent, answered in _CATEGORIES.items()
    }
    found |= {name: None if time is None else beijing_time(time) for name, time in times.items()}
    if state.has_two_audits:
        records = (state.base_audit_record, state.promote_audit_record)
        found |= _audits(state)
        found |= dict(zip(("base_audit_record", "promote_audit_record"), records, strict=True))
    return _without_blanks(found)


def summary_of(state: VersionState) -> dict[str, object]:
    """Return what a list of versions says of one; fields without a value are left out.

    Args:
        state: of the version.
    """
    found: dict[str, object] = {
        "app_version": state.app_version,
        "bundle_id": state.bundle_id,
        "version_description": state.fields.get("version_desc"),
        "version_status": state.status,
        "create_time": beijing_time(state.created),
    }
    if state.has_two_audits:
        found |= _audits(state)
    return _without_blanks(found)


def _audits(state: VersionState) -> dict[str, object]:
    spelt = {True: "true", False: "false", None: None}[state.can_release]
    return {
        "base_audit": state.base_audit,
        "promote_audit": state.promote_audit,
        "can_release": spelt,
    }


def _categories(ids: object) -> list[dict[str, str]] | None:
    if not isinstance(ids, str):
        return None
    chosen = [entry.split("_") for entry in ids.split(";") if entry]
    return [dict(zip(_LEVELS, levels, strict=False)) for levels in chosen]


def _without_blanks(answer: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in answer.items() if value is not None}
