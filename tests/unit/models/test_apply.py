"""`AuditApply`: the wire form of every field, written by hand from the official schema."""

import datetime
import enum
import json
from typing import Any

import attrs
import pytest

from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models import AuditApply, AuditRule, BundleId, RegionInfo, RegionType

WIRE: dict[str, tuple[str, object, object]] = {  # field: wire name, value, wire value
    "app_version": ("app_version", "0.0.1", "0.0.1"),
    "version_desc": ("version_desc", "first\r\n\tsecond", "first\r\n\tsecond"),
    "app_name": ("app_name", "咖啡小站", "咖啡小站"),
    "app_english_name": ("app_english_name", "coffee", "coffee"),
    "app_slogan": ("app_slogan", "十个字的口号在这里吧", "十个字的口号在这里吧"),
    "app_desc": ("app_desc", "line\nline", "line\nline"),
    "memo": ("memo", "🚀\n", "🚀\n"),
    "service_phone": ("service_phone", "0571-12345678", "0571-12345678"),
    "service_email": ("service_email", "a@b.cn", "a@b.cn"),
    "region_type": ("region_type", RegionType.LOCATION, "LOCATION"),
    "service_region_info": (
        "service_region_info",
        [
            RegionInfo(province_code="310000", province_name="上海市"),
            RegionInfo(
                province_code="330000",
                province_name="浙江省",
                city_code="330100",
                city_name="杭州市",
                area_code="330106",
                area_name="西湖区",
            ),
        ],
        [
            {"province_code": "310000", "province_name": "上海市"},
            {
                "province_code": "330000",
                "province_name": "浙江省",
                "city_code": "330100",
                "city_name": "杭州市",
                "area_code": "330106",
                "area_name": "西湖区",
            },
        ],
    ),
    "app_category_ids": ("app_category_ids", "11_12;12_13", "11_12;12_13"),
    "mini_category_ids": ("mini_category_ids", "XS1001_XS2001_XS3002", "XS1001_XS2001_XS3002"),
    "license_name": ("license_name", "某某公司", "某某公司"),
    "license_no": ("license_no", "91330000MA000000XX", "91330000MA000000XX"),
    "license_valid_date": ("license_valid_date", datetime.date(9999, 12, 31), "9999-12-31"),
    "audit_rule": ("audit_rule", AuditRule.BASE_PROMOTE, "BASE_PROMOTE"),
    "auto_online": ("auto_online", False, "false"),
    "speed_up": ("speed_up", True, "true"),
    "bundle_id": ("bundle_id", BundleId.WALLET, "com.alipay.alipaywallet"),
    "test_account": ("test_accout", "tester", "tester"),
    "test_password": ("test_password", "hunter2", "hunter2"),
}
TEXTS = sorted(set(WIRE) - {"service_region_info", "license_valid_date", "auto_online", "speed_up"})
SEVERAL_LINES = ["version_desc", "app_desc", "memo"]
SECRETS = ["license_name", "license_no", "test_account", "test_password"]


class Rule(str, enum.Enum):  # noqa: UP042  # the old spelling of a string enum is the point
    OWN = "OWN_RULE"


def problems(**fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        AuditApply(**fields)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_there_are_22_fields_and_one_for_newer_ones() -> None:
    assert [field.name for field in attrs.fields(AuditApply)] == [*WIRE, "extra"]
    assert len(WIRE) == 22


@pytest.mark.parametrize("field", WIRE)
def test_each_field_has_its_wire_form(field: str) -> None:
    name, value, expected = WIRE[field]
    wire = AuditApply(**{field: value}).to_wire()  # type: ignore[arg-type]
    assert wire == {name: expected}
    assert json.loads(json.dumps(wire)) == {name: expected}


def test_all_fields_together_keep_the_order_of_the_schema() -> None:
    wire = AuditApply(**{field: value for field, (_, value, _) in WIRE.items()}).to_wire()  # type: ignore[arg-type]
    assert list(wire.items()) == [(name, expected) for name, _, expected in WIRE.values()]


def test_what_is_not_given_is_not_sent() -> None:
    assert AuditApply().to_wire() == {}
    assert AuditApply(app_version="1", memo=None).to_wire() == {"app_version": "1"}


@pytest.mark.parametrize("field", TEXTS)
def test_an_empty_text_counts_as_not_given(field: str) -> None:
    assert AuditApply(**{field: ""}).to_wire() == {}


def test_an_empty_list_of_places_counts_as_not_given() -> None:
    assert AuditApply(service_region_info=[]).to_wire() == {}
    assert AuditApply(service_region_info=()).to_wire() == {}


def test_an_empty_text_in_a_place_counts_as_not_given() -> None:
    places = [RegionInfo(province_code="310000", city_code="", area_name=None)]
    assert AuditApply(service_region_info=places).to_wire() == {
        "service_region_info": [{"province_code": "310000"}]
    }


@pytest.mark.parametrize("field", ["auto_online", "speed_up"])
def test_a_flag_is_sent_as_a_text(field: str) -> None:
    assert AuditApply(**{field: True}).to_wire() == {field: "true"}
    assert AuditApply(**{field: False}).to_wire() == {field: "false"}


def test_a_date_is_sent_with_leading_zeros() -> None:
    wire = AuditApply(license_valid_date=datetime.date(2027, 3, 4)).to_wire()
    assert wire == {"license_valid_date": "2027-03-04"}


def test_the_known_choices_are_the_documented_ones() -> None:
    assert [*AuditRule] == ["NONE", "BASE_PROMOTE"]
    assert [*RegionType] == ["GLOBAL", "CHINA", "LOCATION"]
    assert {*BundleId} == {
        "com.alipay.alipaywallet",
        "com.alipay.iot.xpaas",
        "com.alibaba.android.rimet",
        "com.amap.app",
        "com.alibaba.ailabs.genie.webapps",
    }


@pytest.mark.parametrize("field", ["audit_rule", "region_type", "bundle_id"])
def test_a_choice_takes_any_other_text(field: str) -> None:
    assert AuditApply(**{field: "com.example.new"}).to_wire() == {field: "com.example.new"}


def test_a_choice_takes_the_members_of_an_enum_of_ones_own() -> None:
    assert AuditApply(audit_rule=Rule.OWN).to_wire() == {"audit_rule": "OWN_RULE"}


def test_newer_fields_are_sent_as_they_are() -> None:
    newer = {"new_field": ["x", {"y": None}], "empty": "", "flag": True}
    assert AuditApply(app_version="1", extra=newer).to_wire() == {"app_version": "1"} | newer


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    "value", [5, 1.5, True, b"text", ["text"], {"a": 1}, datetime.date(2026, 1, 1)]
)
def test_a_text_of_another_type_is_named(field: str, value: object) -> None:
    assert problems(**{field: value}) == [(field, "wrong_type")]


@pytest.mark.parametrize("field", ["auto_online", "speed_up"])
@pytest.mark.parametrize("value", ["true", "", 1, 0, "false"])
def test_a_flag_of_another_type_is_named(field: str, value: object) -> None:
    assert problems(**{field: value}) == [(field, "wrong_type")]


@pytest.mark.parametrize(
    "value", ["2027-03-04", 20270304, datetime.datetime(2027, 3, 4, tzinfo=datetime.UTC), True]
)
def test_a_date_of_another_type_is_named(value: object) -> None:
    assert problems(license_valid_date=value) == [("license_valid_date", "wrong_type")]


@pytest.mark.parametrize(
    "value",
    [
        RegionInfo(),
        "310000",
        [{"province_code": "310000"}],
        [RegionInfo(), None],
        iter([RegionInfo()]),
    ],
)
def test_places_of_another_type_are_named(value: object) -> None:
    assert problems(service_region_info=value) == [("service_region_info", "wrong_type")]


@pytest.mark.parametrize("field", sorted(set(TEXTS) - set(SEVERAL_LINES)))
@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\x00", "\x1f", "\x7f", "\x85", "\ud800"])
def test_a_character_that_no_field_can_have_is_named(field: str, character: str) -> None:
    assert problems(**{field: f"a{character}b"}) == [(field, "bad_character")]


@pytest.mark.parametrize("field", SEVERAL_LINES)
@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\x7f", "\x85", "\ud800"])
def test_a_text_of_several_lines_has_no_other_control_characters(
    field: str, character: str
) -> None:
    assert problems(**{field: f"a{character}b"}) == [(field, "bad_character")]


def test_a_bad_character_is_shown_with_its_position_and_not_its_text() -> None:
    with pytest.raises(ValidationError) as caught:
        AuditApply(test_password="canary-88\x07")
    assert "U+0007" in str(caught.value)
    assert "position 9" in str(caught.value)
    assert "canary-88" not in str(caught.value)


@pytest.mark.parametrize("name", ["app_version", "test_accout", "service_region_info"])
def test_a_known_field_does_not_belong_to_the_newer_ones(name: str) -> None:
    assert problems(extra={name: "x"}) == [(f"extra[{name!r}]", "known_field")]


@pytest.mark.parametrize(
    "value", [b"x", {1, 2}, float("nan"), float("inf"), object(), "\ud800", datetime.date.max]
)
def test_a_newer_field_that_is_not_json_is_named(value: object) -> None:
    assert problems(extra={"new": value}) == [("extra['new']", "not_json")]


def test_a_newer_field_that_holds_itself_is_named() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert problems(extra={"new": endless}) == [("extra['new']", "not_json")]


def test_all_problems_of_all_fields_come_at_once() -> None:
    found = problems(
        app_version=1,
        memo="\x00",
        speed_up="true",
        license_valid_date="x",
        extra={"a": b"", "memo": ""},
    )
    assert sorted(found) == [
        ("app_version", "wrong_type"),
        ("extra['a']", "not_json"),
        ("extra['memo']", "known_field"),
        ("license_valid_date", "wrong_type"),
        ("memo", "bad_character"),
        ("speed_up", "wrong_type"),
    ]


@pytest.mark.parametrize("field", SECRETS)
def test_a_secret_is_not_printed(field: str) -> None:
    apply = AuditApply(app_version="0.0.1", **{field: "canary-99"})  # type: ignore[arg-type]
    for shown in (repr(apply), str(apply), f"{apply}"):
        assert "canary-99" not in shown
        assert "0.0.1" in shown


def test_newer_fields_are_not_printed() -> None:
    assert "canary-99" not in repr(AuditApply(extra={"new_password": "canary-99"}))
    with pytest.raises(ValidationError) as caught:
        AuditApply(extra={"new_password": b"canary-99", "memo": "canary-99"})
    assert "canary-99" not in str(caught.value)


def test_the_fields_are_given_by_name_and_frozen() -> None:
    with pytest.raises(TypeError):
        AuditApply("0.0.1")  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        AuditApply().app_version = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        AuditApply(test_accout="x")  # type: ignore[call-arg]


@pytest.mark.parametrize("given", [None, [("a", 1)], "memo"])
def test_extra_that_is_not_a_mapping_is_named(given: object) -> None:
    with pytest.raises(ValidationError, match="extra: expected a mapping"):
        AuditApply(extra=given)  # type: ignore[arg-type]


def test_what_is_added_to_the_newer_fields_later_is_not_sent() -> None:
    extra: dict[str, object] = {"new_field": "x"}
    request = AuditApply(app_version="1.0.0", extra=extra)
    extra["app_version"] = "2.0.0"
    assert request.to_wire() == {"app_version": "1.0.0", "new_field": "x"}
