"""The types of the fields of an apply, as the platform's schema has them. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["check_fields", "text_of"]

_TEXTS: Final = (
    "app_version",
    "version_desc",
    "app_name",
    "app_english_name",
    "app_slogan",
    "app_desc",
    "memo",
    "service_phone",
    "service_email",
    "region_type",
    "app_category_ids",
    "mini_category_ids",
    "license_name",
    "license_no",
    "license_valid_date",
    "audit_rule",
    "auto_online",
    "speed_up",
    "bundle_id",
    "test_accout",
    "test_password",
)
"""Texts on the wire, the two booleans among them."""


def check_fields(fields: Mapping[str, object]) -> None:
    """Check the types of the fields that the schema knows; others are tolerated.

    Args:
        fields: the business data of an apply.

    Raises:
        Refusal: a field has another type.
    """
    for name in _TEXTS:
        text_of(fields, name)
    regions = fields.get("service_region_info", [])
    if not isinstance(regions, list) or not all(map(_is_region, regions)):
        raise Refusal("INVALID_PARAMETER", "service_region_info is not a list of objects of texts.")


def text_of(fields: Mapping[str, object], name: str) -> str | None:
    """Return a field's text; `None` if it is missing or blank.

    Args:
        fields: business data.
        name: of the field.

    Raises:
        Refusal: it is not a text.
    """
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal("INVALID_PARAMETER", f"{name} is not a text.")
    return value if value and value.strip() else None


def _is_region(region: object) -> bool:
    return isinstance(region, dict) and all(isinstance(value, str) for value in region.values())
