"""The table of fields: the one place that knows their wire names, limits and error codes.

Names: the official OpenAPI schema of 2026-10-08. Limits and needs: the field texts of that schema
and the platform's FAQ. Types and control characters are checked when a request is made, the rest by
preflight before it is sent.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, final

import attrs

__all__ = [
    "FIELDS",
    "REGION_FIELDS",
    "CharacterSet",
    "Counting",
    "FieldCodes",
    "FieldSpec",
    "Length",
    "Need",
    "ValueType",
]


class ValueType(enum.Enum):
    """What a field holds in Python; it decides how a value is checked and written."""

    TEXT = "text"
    CHOICE = "choice"
    """A member of an enum, or any other text: the platform may know more than this package."""
    FLAG = "flag"
    DATE = "date"
    REGIONS = "regions"


class Counting(enum.Enum):
    """How the platform counts characters."""

    ONCE = "once"
    CHINESE_TWICE = "a Chinese character as two"


class CharacterSet(enum.Enum):
    """The characters of a field that does not take every character."""

    NAME = "Chinese, letters, digits, `_`, `+`, `-`"
    ALPHANUMERIC = "letters and digits"
    PHONE = "digits and `-`"


class Need(enum.Enum):
    """When the platform needs a field that it cannot fill from earlier settings."""

    ALWAYS = "on every call"
    NEVER = "never"
    FIRST_TIME = "if it was never set before"
    CONTACT = "if neither phone nor e-mail was ever set"
    LOCATION = "if the region type is LOCATION"
    CATEGORY = "if no category was ever set, in one of the two trees"
    LICENCE = "if the category demands a business licence"
    EVERY_PLACE = "in every place of service"
    WITH_AREA = "if an area is given"


@final
@attrs.frozen(kw_only=True)
class Length:
    """How long a text may be.

    Attributes:
        minimum: the fewest characters of a text that is given.
        maximum: the most characters.
        counting: how they are counted.
        older_maximums: what older texts of the platform's say instead, largest first.
        note: what else they contradict each other in; empty if they agree.
    """

    minimum: int = 1
    maximum: int
    counting: Counting = Counting.CHINESE_TWICE
    older_maximums: tuple[int, ...] = ()
    note: str = ""


@final
@attrs.frozen(kw_only=True)
class FieldCodes:
    """The error codes by which the platform refuses a field.

    Attributes:
        blank: it is needed and not given; `None` if there is no such code, as for those below.
        length: it is too short or too long.
        characters: it has characters outside its set.
        value: it is not a value that the platform knows.
        sensitive: it has a word that the platform does not accept.
        others: what else is said of this field.
    """

    blank: str | None = None
    length: str | None = None
    characters: str | None = None
    value: str | None = None
    sensitive: str | None = None
    others: tuple[str, ...] = ()


@final
@attrs.frozen(kw_only=True)
class FieldSpec:
    """One field of part `data`, or of a place of service.

    Attributes:
        attribute: its name in Python.
        wire_name: its name on the wire; the same unless said otherwise.
        type: what it holds.
        length: its limits; `None` if none are documented.
        characters: the characters that it takes; `None` takes every character.
        need: when it is needed.
        codes: the platform's error codes for it.
        is_secret: it is never printed.
        allows_line_breaks: line breaks and tabs are allowed.
    """

    attribute: str
    wire_name: str = attrs.Factory(lambda spec: spec.attribute, takes_self=True)
    type: ValueType = ValueType.TEXT
    length: Length | None = None
    characters: CharacterSet | None = None
    need: Need
    codes: FieldCodes = FieldCodes()
    is_secret: bool = False
    allows_line_breaks: bool = False


def _by_attribute(*rows: FieldSpec) -> Mapping[str, FieldSpec]:
    return MappingProxyType({row.attribute: row for row in rows})


_CATEGORY_CODES: Final = FieldCodes(
    blank="CATEGORY_IS_BLANK",
    value="INVALID_CATEGORY",
    others=(
        "CATEGORY_NUM_IS_INVALID",
        "PRIVATE_NOT_ALLOW_CATEGORY",
        "MODIFY_CATEGORY_ID_EXCEED_COUNT",
    ),
)
_RISKS: Final = (
    "RISK_DECISION_CHECK_FAIL",
    "RISK_DECISION_HIT_BRAND",
    "RISK_DECISION_HIT_BROAD",
)
_REGION_CODES: Final = FieldCodes(blank="REGION_CODE_IS_BLANK", value="REGION_CODE_IS_INVALID")

FIELDS: Final = _by_attribute(
    FieldSpec(
        attribute="app_version",
        length=Length(maximum=64, counting=Counting.ONCE),
        need=Need.ALWAYS,
        codes=FieldCodes(
            blank="APP_VERSION_IS_BLANK",
            value="MINIAPP_VERSION_NOT_EXSIT",  # spelt so on the wire
            others=("MINI_APP_PACKAGE_INFO_NOT_EXIST", "EXIST_LARGER_ONLINED_VERSION"),
        ),
    ),
    FieldSpec(
        attribute="version_desc",
        length=Length(minimum=30, maximum=500),
        need=Need.ALWAYS,
        codes=FieldCodes(
            blank="VERSION_DESC_IS_BLANK",
            length="INVALID_VERSION_DESC_LENGTH",
            characters="INVALID_MINI_APP_VERSION_DESC",
            sensitive="MINI_APP_VERSION_DESC_SENSITIVE",
        ),
        allows_line_breaks=True,
    ),
    FieldSpec(
        attribute="app_name",
        length=Length(
            minimum=3,
            maximum=40,
            older_maximums=(30, 20),
            note="The texts that stop at 20 characters do not allow `+` and `-`.",
        ),
        characters=CharacterSet.NAME,
        need=Need.FIRST_TIME,
        codes=FieldCodes(
            blank="APP_NAME_IS_BLANK",
            length="INVALID_MINI_APP_NAME_LENGTH",
            characters="INVALID_MINI_APP_NAME",
            sensitive="MINI_APP_NAME_SENSITIVE",
            others=(
                *_RISKS,
                "INVALID_MINI_APP_NAME_PREFIX",
                "MINI_APP_NAME_DUPLICATE",
                "MINI_VERSION_NAME_DUPLICATE",
                "CAN_NOT_MODIFY_NAME_ONCE_ONLINE",
            ),
        ),
    ),
    FieldSpec(
        attribute="app_english_name",
        length=Length(minimum=3, maximum=30),
        characters=CharacterSet.ALPHANUMERIC,
        need=Need.FIRST_TIME,
        codes=FieldCodes(
            blank="ENGLISH_NAME_IS_BLANK",
            length="INVALID_MINI_APP_EN_NAME_LENGTH",
            characters="INVALID_MINI_APP_EN_NAME",
            sensitive="MINI_APP_EN_NAME_SENSITIVE",
            others=("MINI_APP_EN_NAME_DUPLICATE", "CAN_NOT_MODIFY_EN_ONCE_ONLINE"),
        ),
    ),
    FieldSpec(
        attribute="app_slogan",
        length=Length(minimum=10, maximum=32),
        need=Need.FIRST_TIME,
        codes=FieldCodes(
            blank="SLOGAN_IS_BLANK",
            length="INVALID_MINI_APP_SLOGAN_LENGTH",
            characters="INVALID_MINI_APP_SLOGAN",
            sensitive="MINI_APP_SLOGAN_SENSITIVE",
            others=(*_RISKS, "MODIFY_SLOGAN_EXCEED_COUNT"),
        ),
    ),
    FieldSpec(
        attribute="app_desc",
        length=Length(minimum=20, maximum=400),
        need=Need.FIRST_TIME,
        codes=FieldCodes(
            blank="APP_DESC_IS_BLANK",
            length="INVALID_MINI_APP_DESC_LENGTH",
            characters="INVALID_MINI_APP_DESC",
            sensitive="MINI_APP_DESC_SENSITIVE",
            others=(*_RISKS, "MODIFY_DESC_EXCEED_COUNT"),
        ),
        allows_line_breaks=True,
    ),
    FieldSpec(
        attribute="memo",
        length=Length(maximum=500),
        need=Need.NEVER,
        codes=FieldCodes(
            length="INVALID_MINI_APP_MEMO_LENGTH",
            sensitive="MINI_APP_MEMO_SENSITIVE",
            others=("INVALIID_MEMO_TRADENO", "MEMO_TRADENO_CHECK_FAIL"),  # spelt so on the wire
        ),
        allows_line_breaks=True,
    ),
    FieldSpec(
        attribute="service_phone",
        length=Length(minimum=5, maximum=30, counting=Counting.ONCE),
        characters=CharacterSet.PHONE,
        need=Need.CONTACT,
        codes=FieldCodes(
            blank="SERVICE_TEL_IS_BLANK",
            length="INVALID_MINI_APP_SERVICE_TEL",
            characters="INVALID_MINI_APP_SERVICE_TEL",
            others=("SERVICE_TEL_AND_MAIL_BOTH_BLANK",),
        ),
    ),
    FieldSpec(
        attribute="service_email",
        need=Need.CONTACT,
        codes=FieldCodes(
            value="INVALID_MINI_APP_SERVICE_MAIL",
            sensitive="MINI_APP_SERVICE_MAIL_SENSITIVE",
            others=("SERVICE_TEL_AND_MAIL_BOTH_BLANK",),
        ),
    ),
    FieldSpec(
        attribute="region_type",
        type=ValueType.CHOICE,
        need=Need.FIRST_TIME,
        codes=FieldCodes(blank="REGION_TYPE_IS_BLANK", value="REGION_TYPE_IS_INVALID"),
    ),
    FieldSpec(
        attribute="service_region_info",
        type=ValueType.REGIONS,
        need=Need.LOCATION,
        codes=FieldCodes(
            blank="REGION_CODE_IS_BLANK",
            value="REGION_CODE_IS_INVALID",
            others=("INVALID_REGION",),
        ),
    ),
    FieldSpec(attribute="app_category_ids", need=Need.CATEGORY, codes=_CATEGORY_CODES),
    FieldSpec(attribute="mini_category_ids", need=Need.CATEGORY, codes=_CATEGORY_CODES),
    FieldSpec(
        attribute="license_name",
        need=Need.LICENCE,
        codes=FieldCodes(blank="LICENSE_NAME_IS_BLANK", others=("LICENSE_CHECK_FAIL",)),
        is_secret=True,
    ),
    FieldSpec(
        attribute="license_no",
        need=Need.LICENCE,
        codes=FieldCodes(blank="LICENSE_NO_IS_BLANK", others=("LICENSE_CHECK_FAIL",)),
        is_secret=True,
    ),
    FieldSpec(
        attribute="license_valid_date",
        type=ValueType.DATE,
        need=Need.LICENCE,
        codes=FieldCodes(
            blank="LICENSE_VALID_DATE_IS_BLANK",
            value="LICENSE_VALID_DATE_IS_INVALID",
            others=("LICENSE_CHECK_FAIL",),
        ),
    ),
    FieldSpec(attribute="audit_rule", type=ValueType.CHOICE, need=Need.NEVER),
    FieldSpec(attribute="auto_online", type=ValueType.FLAG, need=Need.NEVER),
    FieldSpec(attribute="speed_up", type=ValueType.FLAG, need=Need.NEVER),
    FieldSpec(
        attribute="bundle_id",
        type=ValueType.CHOICE,
        need=Need.NEVER,
        codes=FieldCodes(value="BUNDLE_ID_NOT_EXIST"),
    ),
    FieldSpec(
        attribute="test_account",
        wire_name="test_accout",  # the official schema lacks the `n`
        need=Need.NEVER,
        codes=FieldCodes(length="INVALID_TEST_ACCOUNT_LENGTH"),
        is_secret=True,
    ),
    FieldSpec(
        attribute="test_password",
        need=Need.NEVER,
        codes=FieldCodes(length="INVALID_TEST_PWD_LENGTH"),
        is_secret=True,
    ),
)
"""The fields of part `data` by attribute, in the order of the schema."""

REGION_FIELDS: Final = _by_attribute(
    FieldSpec(attribute="province_code", need=Need.EVERY_PLACE, codes=_REGION_CODES),
    FieldSpec(attribute="province_name", need=Need.NEVER),
    FieldSpec(attribute="city_code", need=Need.WITH_AREA, codes=_REGION_CODES),
    FieldSpec(attribute="city_name", need=Need.NEVER),
    FieldSpec(
        attribute="area_code", need=Need.NEVER, codes=FieldCodes(value="REGION_CODE_IS_INVALID")
    ),
    FieldSpec(attribute="area_name", need=Need.NEVER),
)
"""The fields of a `RegionInfo` by attribute."""
