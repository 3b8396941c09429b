"""`RegionInfo`: a place of service, in a request and in what the platform knows of a version."""

from __future__ import annotations

from typing import final

import attrs

from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models.fields import REGION_FIELDS
from alipay_mini_audit.models.text import text_problems

__all__ = ["RegionInfo"]


@final
@attrs.frozen(kw_only=True)
class RegionInfo:
    """One place of service: a province, a city in it, or an area in that. Codes are the platform's.

    A field left at `None` is not sent. A province alone is the whole province, and a city without
    an area the whole city.

    Raises:
        ValidationError: a field is not a string, or has characters that no field can have.
    """

    province_code: str | None = None
    """Needed in every place."""
    province_name: str | None = None
    city_code: str | None = None
    """Needed with an area."""
    city_name: str | None = None
    area_code: str | None = None
    area_name: str | None = None

    def __attrs_post_init__(self) -> None:
        problems = [
            problem
            for spec in REGION_FIELDS.values()
            if getattr(self, spec.attribute) is not None
            for problem in text_problems(
                spec.attribute,
                getattr(self, spec.attribute),
                lines=spec.allows_line_breaks,
            )
        ]
        if problems:
            raise ValidationError(problems)
