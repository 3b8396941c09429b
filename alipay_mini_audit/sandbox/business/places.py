"""Rules of where a mini-program serves, its categories, and the end of a licence. No I/O here."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["check_categories", "check_licence", "check_regions"]

_REGION_TYPES: Final = ("GLOBAL", "CHINA", "LOCATION")
_REGION_CODE: Final = re.compile(r"[0-9]{6}")
_CODES: Final = ("province_code", "city_code", "area_code")
_CATEGORIES: Final = {
    "app_category_ids": re.compile(r"[0-9]+_[0-9]+"),
    "mini_category_ids": re.compile(r"XS[0-9]+(?:_XS[0-9]+){0,2}"),
}
_MOST_CATEGORIES: Final = 4
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


def check_regions(fields: Mapping[str, object]) -> None:
    """Check `region_type` and the places of service.

    Args:
        fields: the business data, its types checked.

    Raises:
        Refusal: the first thing that is wrong.
    """
    kind = text_of(fields, "region_type")
    if kind is not None and kind.strip() not in _REGION_TYPES:
        raise Refusal("REGION_TYPE_IS_INVALID")
    places = fields.get("service_region_info")
    if not isinstance(places, list) or not places:
        if kind is not None and kind.strip() == "LOCATION":
            raise Refusal("REGION_CODE_IS_BLANK", "LOCATION needs places of service.")
        return
    for place in places:
        _check_place(place)


def check_categories(fields: Mapping[str, object]) -> None:
    """Check the categories of both trees.

    Args:
        fields: the business data, its types checked.

    Raises:
        Refusal: an entry is none of its tree, or there are more than four.
    """
    for name, entry in _CATEGORIES.items():
        text = text_of(fields, name)
        is_ignored = name == "app_category_ids" and text_of(fields, "mini_category_ids") is not None
        if text is None or is_ignored:
            continue
        entries = text.strip().removesuffix(";").split(";")
        if not all(map(entry.fullmatch, entries)):
            raise Refusal("INVALID_CATEGORY", f"{name} has an entry that is no category.")
        if len(entries) > _MOST_CATEGORIES:
            raise Refusal("CATEGORY_NUM_IS_INVALID")


def check_licence(fields: Mapping[str, object], today: datetime.date) -> None:
    """Check that the licence has not ended.

    Args:
        fields: the business data, its types checked.
        today: the day in Beijing.

    Raises:
        Refusal: it ended before today, or `license_valid_date` is not a date.
    """
    text = text_of(fields, "license_valid_date")
    if text is not None and (_day(text.strip()) or datetime.date.min) < today:
        raise Refusal("LICENSE_VALID_DATE_IS_INVALID")


def _check_place(place: Mapping[str, object]) -> None:
    if text_of(place, "province_code") is None:
        raise Refusal("REGION_CODE_IS_BLANK", "A place of service has no province_code.")
    if text_of(place, "area_code") is not None and text_of(place, "city_code") is None:
        raise Refusal("REGION_CODE_IS_BLANK", "A place of service has an area and no city_code.")
    for name in _CODES:
        code = text_of(place, name)
        if code is not None and not _REGION_CODE.fullmatch(code.strip()):
            raise Refusal("REGION_CODE_IS_INVALID", f"{name} is not six digits.")


def _day(text: str) -> datetime.date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return datetime.date(*map(int, found.groups()))
    except ValueError:
        return None
