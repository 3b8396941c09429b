"""Regions and categories; `test_corpus` has an example of each rule."""

import pytest
from support.preflight_findings import found

from alipay_mini_audit.preflight.places import categories, regions


def test_every_place_is_looked_at() -> None:
    places = [
        {"province_code": "330000"},
        {"city_code": "33010"},
        {"province_code": "三三〇〇〇〇"},
    ]
    assert found(regions, region_type="LOCATION", service_region_info=places) == [
        ("service_region_info[1].province_code", "REGION_CODE_IS_BLANK", "error"),
        ("service_region_info[1].city_code", "REGION_CODE_IS_INVALID", "error"),
        ("service_region_info[2].province_code", "REGION_CODE_IS_INVALID", "error"),
    ]


@pytest.mark.parametrize("ids", ["11_12", "11_12;", "1_2;3_4;5_6", " 11_12 "])
def test_ids_of_the_old_tree(ids: str) -> None:
    assert found(categories, app_category_ids=ids) == []


@pytest.mark.parametrize(
    "ids", [";", "11_12;;13_14", "11-12", "11_12,13_14", "11_12_13", "\uff11_2"]
)
def test_what_is_none(ids: str) -> None:
    assert ("app_category_ids", "INVALID_CATEGORY", "error") in found(
        categories, app_category_ids=ids
    )


@pytest.mark.parametrize("ids", ["XS1", "XS1_XS2", "XS1_XS2_XS3;XS4"])
def test_ids_of_the_new_tree(ids: str) -> None:
    assert found(categories, mini_category_ids=ids) == []


@pytest.mark.parametrize("ids", ["xs1", "XS1_2", "XS1_XS2_XS3_XS4", "XS", "1_2"])
def test_what_is_none_in_the_new_tree(ids: str) -> None:
    assert ("mini_category_ids", "INVALID_CATEGORY", "error") in found(
        categories, mini_category_ids=ids
    )


def test_blanks_around_are_no_part_of_a_value() -> None:
    assert found(regions, region_type="  ") == []
    assert found(regions, region_type=" CHINA ") == []
    places = [{"province_code": " 330000 "}]
    assert found(regions, region_type="LOCATION", service_region_info=places) == []
    blank = ("service_region_info", "REGION_CODE_IS_BLANK", "error")
    assert found(regions, region_type=" LOCATION ") == [blank]


def test_what_is_ignored_is_not_judged() -> None:
    assert found(categories, app_category_ids="XS1", mini_category_ids="XS1") == [
        ("app_category_ids", "categories_ignored", "warning")
    ]


def test_a_blank_code_is_missing() -> None:
    places = [{"province_code": " ", "city_code": " ", "area_code": "330106"}]
    assert found(regions, region_type="LOCATION", service_region_info=places) == [
        ("service_region_info[0].province_code", "REGION_CODE_IS_BLANK", "error"),
        ("service_region_info[0].city_code", "REGION_CODE_IS_BLANK", "error"),
    ]
