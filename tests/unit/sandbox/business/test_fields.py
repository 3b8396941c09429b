import pytest

from alipay_mini_audit.sandbox.business.fields import check_fields, text_of
from alipay_mini_audit.sandbox.protocol.refusals import Refusal


def test_texts_and_regions_and_unknown_fields_pass() -> None:
    regions = [{"province_code": "310000"}, {}]
    check_fields({"app_name": "咖啡", "memo": None, "newer": 7, "service_region_info": regions})
    check_fields({})


@pytest.mark.parametrize(
    "fields",
    [
        {"app_version": 1},
        {"auto_online": True},
        {"test_accout": ["a"]},
        {"service_region_info": {}},
        {"service_region_info": ["310000"]},
        {"service_region_info": [{"province_code": 310000}]},
    ],
)
def test_another_type_is_refused_by_the_name_of_its_field(fields: dict[str, object]) -> None:
    with pytest.raises(Refusal) as caught:
        check_fields(fields)
    assert caught.value.code == "INVALID_PARAMETER"
    assert next(iter(fields)) in caught.value.message


def test_a_blank_text_counts_as_missing() -> None:
    fields = {"memo": " \n", "app_name": " a "}
    assert text_of(fields, "memo") is None
    assert text_of(fields, "app_desc") is None
    assert text_of(fields, "app_name") == " a "
