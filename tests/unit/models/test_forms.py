"""A form has strings only: every type of field is read from one, and every problem is told."""

import contextlib
import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData, UploadFile

from alipay_mini_audit.errors import Problem, ValidationError
from alipay_mini_audit.models import AuditApply, RegionInfo, RegionType
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.models.forms import read_fields

PLACES = [
    {"province_code": "330000", "city_code": "330100"},
    {"province_code": "310000", "province_name": "上海市"},
]
REGIONS = [
    RegionInfo(province_code="330000", city_code="330100"),
    RegionInfo(province_code="310000", province_name="上海市"),
]


def problems(fields: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        AuditApply.from_wire(fields)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_a_form_becomes_what_is_submitted() -> None:
    form = FormData(
        {
            "app_version": "0.0.1",
            "version_desc": "第一版",
            "region_type": "LOCATION",
            "service_region_info": json.dumps(PLACES),
            "license_valid_date": "9999-12-31",
            "auto_online": "true",
            "speed_up": "0",
            "test_accout": "tester",
            "memo": "",
        }
    )
    assert AuditApply.from_wire(form) == AuditApply(
        app_version="0.0.1",
        version_desc="第一版",
        region_type=RegionType.LOCATION,
        service_region_info=REGIONS,
        license_valid_date=datetime.date(9999, 12, 31),
        auto_online=True,
        speed_up=False,
        test_account="tester",
    )


def test_what_is_sent_can_be_read_again() -> None:
    request = AuditApply(
        app_version="0.0.1",
        service_region_info=REGIONS,
        license_valid_date=datetime.date(2030, 1, 2),
        auto_online=False,
        region_type=RegionType.CHINA,
        test_account="a",
        test_password="b",
    )
    assert AuditApply.from_wire(request.to_wire()) == request


def test_every_field_is_known_by_its_wire_name() -> None:
    assert read_fields(dict.fromkeys((spec.wire_name for spec in FIELDS.values()), "")) == ({}, [])
    assert AuditApply.from_wire({}) == AuditApply()
    assert AuditApply.from_wire(dict.fromkeys(["app_name", "speed_up"])) == AuditApply()


@pytest.mark.parametrize("value", ["true", "TRUE", " True ", "1", "on", "yes", True, 1])
def test_a_flag_that_is_set(value: object) -> None:
    assert AuditApply.from_wire({"auto_online": value}).auto_online is True


@pytest.mark.parametrize("value", ["false", "False", "0", "off", "no", False, 0])
def test_a_flag_that_is_not_set(value: object) -> None:
    assert AuditApply.from_wire({"auto_online": value}).auto_online is False


@pytest.mark.parametrize("value", ["maybe", "2", 2, [], 1.0, " "])
def test_a_flag_that_is_neither(value: object) -> None:
    assert problems({"auto_online": value}) == [("auto_online", "bad_value")]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-02-30", "bad_value"),
        ("tomorrow", "bad_value"),
        (20260101, "wrong_type"),
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), "wrong_type"),
    ],
)
def test_a_day_that_is_none(value: object, code: str) -> None:
    assert problems({"license_valid_date": value}) == [("license_valid_date", code)]


def test_places_may_be_objects_already() -> None:
    for places in (PLACES, REGIONS, tuple(PLACES), [PLACES[0], REGIONS[1]]):
        read = AuditApply.from_wire({"service_region_info": places})
        assert list(read.service_region_info or ()) == REGIONS


@pytest.mark.parametrize(
    ("value", "path", "code"),
    [
        ("[", "", "not_json"),
        ("[" * 100_000, "", "not_json"),
        ("9" * 5_000, "", "not_json"),
        ("{}", "", "wrong_type"),
        ('"text"', "", "wrong_type"),
        ("null", "", "wrong_type"),
        (5, "", "wrong_type"),
        ([5], "[0]", "wrong_type"),
        ('[{"province_code": 330000}]', "[0].province_code", "wrong_type"),
        ([{}, {"city_code": "a\0"}], "[1].city_code", "bad_character"),
        ([{"city": "330100"}], "[0].city", "unknown_field"),
        ([{5: "330100"}], "[0].5", "unknown_field"),
    ],
)
def test_places_that_are_none(value: object, path: str, code: str) -> None:
    assert problems({"service_region_info": value}) == [(f"service_region_info{path}", code)]


def test_every_problem_comes_at_once_in_the_order_of_the_fields() -> None:
    found = problems(
        {
            "version": "1",
            "auto_online": "maybe",
            "app_version": 5,
            "license_valid_date": "never",
            "service_region_info": [{"city": "1", "city_code": 5}, 5],
            "test_account": "tester",
            "odd name": "x",
        }
    )
    assert found == [
        ("app_version", "wrong_type"),
        ("service_region_info[0].city", "unknown_field"),
        ("service_region_info[0].city_code", "wrong_type"),
        ("service_region_info[1]", "wrong_type"),
        ("license_valid_date", "bad_value"),
        ("auto_online", "bad_value"),
        ("version", "unknown_field"),
        ("test_account", "unknown_field"),
        ("'odd name'", "unknown_field"),
    ]


def unknown(name: str, value: object = "x") -> Problem:
    _, (problem,) = read_fields({name: value})
    assert problem.code == "unknown_field"
    return problem


def test_an_unknown_name_is_told_what_it_may_be() -> None:
    assert unknown("test_account").advice == "Is it test_accout?"
    assert unknown("app_versoin").advice == "Is it app_version?"
    assert all(spec.wire_name in unknown("zzz").advice for spec in FIELDS.values())


def test_a_file_of_the_form_is_told_where_it_belongs() -> None:
    assert "Attachments.from_parts" in unknown("app_logo", UploadFile).advice


def test_no_value_is_shown() -> None:
    secret = "canary-4711"
    given = dict.fromkeys(("auto_online", "license_valid_date", "service_region_info"), secret)
    with pytest.raises(ValidationError) as caught:
        AuditApply.from_wire({**given, "test_password": f"{secret}\0", "pass_word": secret})
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("fields", [None, [("app_version", "1")], "app_version=1", 5])
def test_what_is_no_mapping_is_an_error_of_the_program(fields: object) -> None:
    with pytest.raises(TypeError, match="fields must be a mapping by wire name, not "):
        AuditApply.from_wire(fields)  # type: ignore[arg-type]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
NAMES = st.sampled_from([spec.wire_name for spec in FIELDS.values()]) | st.text(max_size=9)


@given(st.dictionaries(NAMES, JSON, max_size=8))
def test_whatever_is_given_it_is_read_or_refused(fields: dict[str, object]) -> None:
    with contextlib.suppress(ValidationError):
        AuditApply.from_wire(fields)
