"""The JSON Schema of a submission, judged by the package `jsonschema`."""

import datetime
import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.preflight_findings import subject_of

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.models.fields import FIELDS, ValueType
from alipay_mini_audit.models.schema import submission_schema
from alipay_mini_audit.preflight import find_problems

SCHEMA = submission_schema()
JUDGE = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
GOOD: dict[str, object] = {
    "app_version": "1.0.0",
    "version_desc": "按门店筛选订单，修复退款金额错误。",
}
TEXTS = [
    spec.wire_name
    for spec in FIELDS.values()
    if spec.type in (ValueType.TEXT, ValueType.CHOICE) and spec.wire_name not in GOOD
]


def refused(**fields: object) -> list[str]:
    """Return where the judge finds errors."""
    return [error.json_path for error in JUDGE.iter_errors(GOOD | fields)]


def test_it_is_a_schema_and_json() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_it_knows_every_field_and_part() -> None:
    properties = SCHEMA["properties"]
    assert isinstance(properties, dict)
    lists = {"screen_shots", "license_pics", "special_license_pics"}
    assert properties.keys() == {*(spec.wire_name for spec in FIELDS.values()), *PARTS, *lists}
    assert len(properties) == 22 + 23 + 3
    secrets = [name for name, each in properties.items() if each.get("writeOnly")]
    assert secrets == ["license_name", "license_no", "test_accout", "test_password"]
    assert all(each["description"].count("\n") == 1 for each in properties.values())


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"app_slogan": "一句话介绍五个字"},
        {"app_name": "ab+", "app_english_name": "Shop2", "service_phone": "0571-8888"},
        {"region_type": "LOCATION", "service_region_info": [{"province_code": "330000"}]},
        {"license_valid_date": "9999-12-31", "auto_online": True, "speed_up": False},
        {"audit_rule": "NEWER", "bundle_id": "com.alipay.iot.xpaas"},
        {"app_logo": "logo.png", "test_file_name": "../t.zip", "tenth_special_license_pic": "x"},
        {"screen_shots": ["1.png", "2.png"]},
    ],
)
def test_what_is_right_is_taken(fields: dict[str, object]) -> None:
    assert refused(**fields) == []


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"app_verson": "1"}, "$"),
        ({"screen_shots": "1.png"}, "$.screen_shots"),
        ({"screen_shots": ["1.png"] * 6}, "$.screen_shots"),
        ({"app_version": 1.0}, "$.app_version"),
        ({"app_version": "1" * 65}, "$.app_version"),
        ({"version_desc": "太短"}, "$.version_desc"),
        ({"app_slogan": "x" * 33}, "$.app_slogan"),
        ({"service_phone": "0571 8888"}, "$.service_phone"),
        ({"region_type": "WORLD"}, "$.region_type"),
        ({"auto_online": "true"}, "$.auto_online"),
        ({"license_valid_date": "2030-02-30"}, "$.license_valid_date"),
        ({"service_region_info": [{"city_code": "330100"}]}, "$.service_region_info[0]"),
        ({"service_region_info": [{"province_code": 1}]}, "$.service_region_info[0].province_code"),
        ({"service_region_info": [{"province_code": "1", "x": "1"}]}, "$.service_region_info[0]"),
        ({"app_logo": 1}, "$.app_logo"),
    ],
)
def test_what_is_wrong_is_refused(fields: dict[str, object], place: str) -> None:
    assert refused(**fields) == [place]


def test_what_every_call_needs_is_required() -> None:
    assert [error.validator for error in JUDGE.iter_errors({})] == ["required", "required"]


@given(
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=80),
)
def test_it_refuses_nothing_that_the_check_takes(name: str, text: str) -> None:
    problems = find_problems(subject_of(GOOD | {name: text}))
    attribute = next(spec.attribute for spec in FIELDS.values() if spec.wire_name == name)
    is_wrong = any(each.path == attribute and each.severity.value == "error" for each in problems)
    assert is_wrong or refused(**{name: text}) == []


def test_a_day_is_written_as_toml_writes_it() -> None:
    assert refused(license_valid_date=datetime.date(2030, 1, 2).isoformat()) == []
