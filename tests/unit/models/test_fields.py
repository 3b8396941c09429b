"""The table of fields, against a list written by hand from the official schema and its texts."""

import attrs
import pytest

from alipay_mini_audit.codes import CATALOGUE
from alipay_mini_audit.errors import ErrorKind
from alipay_mini_audit.models import AuditApply, RegionInfo
from alipay_mini_audit.models.fields import (
    FIELDS,
    REGION_FIELDS,
    CharacterSet,
    Counting,
    FieldCodes,
    FieldSpec,
    Length,
    Need,
    ValueType,
)

OF_AUDITS = {"apply", "cancel"}
WIRE_NAMES = {name: name for name in FIELDS} | {"test_account": "test_accout"}
TYPES = {
    "region_type": ValueType.CHOICE,
    "service_region_info": ValueType.REGIONS,
    "license_valid_date": ValueType.DATE,
    "audit_rule": ValueType.CHOICE,
    "auto_online": ValueType.FLAG,
    "speed_up": ValueType.FLAG,
    "bundle_id": ValueType.CHOICE,
}
LENGTHS = {  # fewest, most, a Chinese character counts as two
    "app_version": (1, 64, False),
    "version_desc": (30, 500, True),
    "app_name": (3, 40, True),
    "app_english_name": (3, 30, True),
    "app_slogan": (10, 32, True),
    "app_desc": (20, 400, True),
    "memo": (1, 500, True),
    "service_phone": (5, 30, False),
}
CHARACTERS = {
    "app_name": CharacterSet.NAME,
    "app_english_name": CharacterSet.ALPHANUMERIC,
    "service_phone": CharacterSet.PHONE,
}
SECRETS = {"license_name", "license_no", "test_account", "test_password"}
SEVERAL_LINES = {"version_desc", "app_desc", "memo"}
NEVER_NEEDED = {
    "memo",
    "audit_rule",
    "auto_online",
    "speed_up",
    "bundle_id",
    "test_account",
    "test_password",
}
ABOUT_FILES_OR_SEVERAL_FIELDS = {
    "APPID_IS_BLANK",
    "DEFAULT_LOGO",
    "FILE_IS_BLANK",
    "FILE_SIZE_EXCEED",
    "HAS_NO_MODIFY_CNT",
    "INVALID_FILE_EXT",
    "INVALID_LICENSE_PIC_EXT",
    "INVALID_LOGO",
    "INVALID_LOGO_EXT",
    "INVALID_MINI_APP_SAFE_DOMAIN",
    "INVALID_PARAMETER",
    "INVALID_PARAMS",
    "INVALID_SCREEN_SHOT_EXT",
    "INVALID_SPECIAL_LICENSE_NUM",
    "LICENSE_PICS_ARE_BLANK",
    "LICENSE_PIC_NUM_IS_INVALID",
    "LOGO_EXCEED_MAX_SIZE",
    "LOGO_HEIGHT_NOT_EQUAL_WIDTH",
    "LOGO_IS_BLANK",
    "LOGO_SIZE_EXCEED",
    "OUT_DOOR_PIC_IS_BLANK",
    "SCREEN_SHOTS_ARE_BLANK",
    "SCREEN_SHOT_EXCEED_MAX_SIZE",
    "SCREEN_SHOT_NUM_IS_INVALID",
    "SPECIAL_LICENSE_PICS_ARE_BLANK",
}


def codes_of(spec: FieldSpec) -> set[str]:
    single = attrs.astuple(spec.codes, filter=attrs.filters.exclude("others"))
    return {code for code in single if code is not None} | set(spec.codes.others)


def test_the_rows_are_the_attributes_in_their_order() -> None:
    assert [*FIELDS, "extra"] == [field.name for field in attrs.fields(AuditApply)]
    assert list(REGION_FIELDS) == [field.name for field in attrs.fields(RegionInfo)]
    assert (len(FIELDS), len(REGION_FIELDS)) == (22, 6)


@pytest.mark.parametrize("table", [FIELDS, REGION_FIELDS])
def test_every_row_is_filed_under_its_own_attribute(table: dict[str, FieldSpec]) -> None:
    assert [spec.attribute for spec in table.values()] == list(table)
    with pytest.raises(TypeError):
        table["memo"] = FIELDS["memo"]


@pytest.mark.parametrize("name", FIELDS)
def test_a_row_states_the_documented_facts(name: str) -> None:
    spec = FIELDS[name]
    assert spec.wire_name == WIRE_NAMES[name]
    assert spec.type is TYPES.get(name, ValueType.TEXT)
    assert spec.characters is CHARACTERS.get(name)
    assert spec.is_secret == (name in SECRETS)
    assert spec.allows_line_breaks == (name in SEVERAL_LINES)
    assert (spec.need is Need.NEVER) == (name in NEVER_NEEDED)
    assert (spec.need is Need.ALWAYS) == (name in ("app_version", "version_desc"))


@pytest.mark.parametrize("name", FIELDS)
def test_a_row_states_the_documented_length(name: str) -> None:
    length = FIELDS[name].length
    if name not in LENGTHS:
        assert length is None
        return
    minimum, maximum, is_wide = LENGTHS[name]
    counting = Counting.CHINESE_TWICE if is_wide else Counting.ONCE
    assert length is not None
    assert (length.minimum, length.maximum, length.counting) == (minimum, maximum, counting)


def test_contradictions_of_the_platform_are_noted() -> None:
    noted = [name for name, spec in FIELDS.items() if spec.length and spec.length.note]
    assert noted == ["app_name"]


def test_a_place_is_plain_texts_under_their_own_names() -> None:
    for name, spec in REGION_FIELDS.items():
        assert spec.wire_name == name
        assert (spec.type, spec.length, spec.characters) == (ValueType.TEXT, None, None)
        assert (spec.is_secret, spec.allows_line_breaks) == (False, False)


@pytest.mark.parametrize("name", [*FIELDS, *REGION_FIELDS])
def test_a_field_that_is_never_needed_is_never_blank(name: str) -> None:
    spec = FIELDS.get(name) or REGION_FIELDS[name]
    assert spec.need is not Need.NEVER or spec.codes.blank is None


def test_every_code_is_in_the_catalogue_of_apply() -> None:
    for spec in [*FIELDS.values(), *REGION_FIELDS.values()]:
        for code in codes_of(spec):
            assert "apply" in CATALOGUE[code].operations, code


def test_every_code_that_asks_for_another_request_has_its_field() -> None:
    claimed = {code for spec in FIELDS.values() for code in codes_of(spec)}
    business = {code for code, row in CATALOGUE.items() if row.operations & OF_AUDITS}
    requests = {code for code in business if CATALOGUE[code].kind is ErrorKind.REQUEST}
    assert requests - claimed == ABOUT_FILES_OR_SEVERAL_FIELDS


@pytest.mark.parametrize("name", FIELDS)
def test_the_catalogue_says_the_same_of_a_field_as_the_field_says_of_its_codes(name: str) -> None:
    business = [row for row in CATALOGUE.values() if row.operations & OF_AUDITS]
    assert codes_of(FIELDS[name]) == {row.code for row in business if name in row.fields}


def test_a_row_is_frozen_and_has_plain_defaults() -> None:
    spec = FieldSpec(attribute="new", need=Need.NEVER)
    assert spec == FieldSpec(
        attribute="new", wire_name="new", type=ValueType.TEXT, need=Need.NEVER, codes=FieldCodes()
    )
    assert Length(maximum=5) == Length(minimum=1, maximum=5, counting=Counting.CHINESE_TWICE)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        spec.need = Need.ALWAYS  # type: ignore[misc]
