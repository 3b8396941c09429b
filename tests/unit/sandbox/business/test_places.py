import datetime

import pytest

from alipay_mini_audit.sandbox.business.places import (
    check_categories,
    check_licence,
    check_regions,
)
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

TODAY = datetime.date(2026, 3, 1)
SHANGHAI = {"province_code": "310000"}


def code_of(fields: dict[str, object]) -> str | None:
    try:
        check_regions(fields)
        check_categories(fields)
        check_licence(fields, TODAY)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"region_type": "china"}, "REGION_TYPE_IS_INVALID"),
        ({"region_type": "LOCATION"}, "REGION_CODE_IS_BLANK"),
        ({"region_type": "LOCATION", "service_region_info": []}, "REGION_CODE_IS_BLANK"),
        ({"service_region_info": [{}]}, "REGION_CODE_IS_BLANK"),
        ({"service_region_info": [SHANGHAI, {"city_code": "310100"}]}, "REGION_CODE_IS_BLANK"),
        ({"service_region_info": [SHANGHAI | {"area_code": "310101"}]}, "REGION_CODE_IS_BLANK"),
        ({"service_region_info": [{"province_code": "31000"}]}, "REGION_CODE_IS_INVALID"),
        ({"service_region_info": [{"province_code": "\uff1310000"}]}, "REGION_CODE_IS_INVALID"),
        ({"service_region_info": [SHANGHAI | {"city_code": "x"}]}, "REGION_CODE_IS_INVALID"),
        ({"app_category_ids": "11"}, "INVALID_CATEGORY"),
        ({"app_category_ids": "11_12_13"}, "INVALID_CATEGORY"),
        ({"app_category_ids": "11_12;;12_13"}, "INVALID_CATEGORY"),
        ({"app_category_ids": "11_12,12_13"}, "INVALID_CATEGORY"),
        ({"app_category_ids": "XS1_XS2"}, "INVALID_CATEGORY"),
        ({"app_category_ids": "11_12;;"}, "INVALID_CATEGORY"),
        ({"app_category_ids": ";".join(["11_12"] * 5)}, "CATEGORY_NUM_IS_INVALID"),
        ({"mini_category_ids": "XS1_XS2_XS3_XS4"}, "INVALID_CATEGORY"),
        ({"mini_category_ids": "XS1_2"}, "INVALID_CATEGORY"),
        ({"mini_category_ids": "xs1"}, "INVALID_CATEGORY"),
        ({"mini_category_ids": ";".join(["XS1"] * 5)}, "CATEGORY_NUM_IS_INVALID"),
        ({"license_valid_date": "2026-02-28"}, "LICENSE_VALID_DATE_IS_INVALID"),
        ({"license_valid_date": "2026-02-30"}, "LICENSE_VALID_DATE_IS_INVALID"),
        ({"license_valid_date": "never"}, "LICENSE_VALID_DATE_IS_INVALID"),
    ],
)
def test_what_is_surely_wrong_is_refused(fields: dict[str, object], code: str) -> None:
    assert code_of(fields) == code


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"region_type": "GLOBAL"},
        {"region_type": " CHINA "},
        {"region_type": "LOCATION", "service_region_info": [SHANGHAI]},
        {"region_type": "GLOBAL", "service_region_info": [SHANGHAI]},
        {
            "service_region_info": [
                SHANGHAI | {"city_code": "310100", "area_code": "310101", "area_name": "黄浦区"}
            ]
        },
        {"app_category_ids": "11_12;12_13;1_2;3_4;"},
        {"mini_category_ids": "XS1;XS1_XS2;XS1_XS2_XS3;XS9"},
        {"app_category_ids": "11_12", "mini_category_ids": "XS1"},
        {"license_valid_date": "2026-03-01"},
        {"license_valid_date": "9999-12-31"},
    ],
)
def test_what_one_reading_allows_is_taken(fields: dict[str, object]) -> None:
    assert code_of(fields) is None
