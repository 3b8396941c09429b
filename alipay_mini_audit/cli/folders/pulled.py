"""What the platform says of a version, as the fields of a submission. No input or output here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from alipay_mini_audit.models import Category, RegionInfo, VersionDetail
from alipay_mini_audit.models.fields import REGION_FIELDS

__all__ = ["fields_of"]

_SAME: Final = (
    *("app_version", "version_desc", "app_name", "app_english_name", "app_slogan", "app_desc"),
    *("memo", "service_phone", "service_email"),
)
"""What a detail query calls as an apply does."""


def fields_of(detail: VersionDetail) -> dict[str, object]:
    """Return the fields that a detail query answers, by wire name; empty ones are left out.

    It answers no licence, no test account, no setting of the audit, and pictures as URLs only.
    """
    found: dict[str, object] = {name: getattr(detail, name) for name in _SAME}
    found["region_type"] = detail.service_region_type
    found["service_region_info"] = [_place(each) for each in detail.service_region_info or ()]
    found["app_category_ids"] = _ids(detail.mini_app_category_info_list)
    found["mini_category_ids"] = _ids(detail.mini_category_info_list)
    return {name: value for name, value in found.items() if value}


def _place(region: RegionInfo) -> dict[str, str]:
    values = attrs.asdict(region)
    named = {spec.wire_name: values[spec.attribute] for spec in REGION_FIELDS.values()}
    return {name: value for name, value in named.items() if value}


def _ids(categories: Sequence[Category] | None) -> str:
    return ";".join(filter(None, map(_path, categories or ())))


def _path(category: Category) -> str:
    levels = (
        category.first_category_id,
        category.second_category_id,
        category.third_category_id,
    )
    return "_".join(filter(None, levels))
