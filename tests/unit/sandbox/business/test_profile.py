from alipay_mini_audit.sandbox.business.profile import check_basic_information
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

WHOLE = {
    "app_name": "咖啡馆",
    "app_english_name": "cafe",
    "app_slogan": "每天一杯好咖啡",
    "app_desc": "点单、外卖、会员积分都在这里",
    "mini_category_ids": "XS1",
    "service_phone": "0571-88888888",
    "region_type": "CHINA",
}


def code_of(missing: str, parts: tuple[str, ...] = ("app_logo",), **others: str) -> str | None:
    fields = {name: text for name, text in WHOLE.items() if name != missing} | others
    try:
        check_basic_information(fields, parts)
    except Refusal as refusal:
        return refusal.code
    return None


def test_each_thing_that_is_missing_has_its_code() -> None:
    assert {name: code_of(name) for name in ("", *WHOLE)} == {
        "": None,
        "app_name": "APP_NAME_IS_BLANK",
        "app_english_name": "ENGLISH_NAME_IS_BLANK",
        "app_slogan": "SLOGAN_IS_BLANK",
        "app_desc": "APP_DESC_IS_BLANK",
        "mini_category_ids": "CATEGORY_IS_BLANK",
        "service_phone": "SERVICE_TEL_AND_MAIL_BOTH_BLANK",
        "region_type": "REGION_TYPE_IS_BLANK",
    }
    assert code_of("", parts=("first_screen_shot",)) == "LOGO_IS_BLANK"


def test_either_tree_and_either_contact_will_do() -> None:
    assert code_of("mini_category_ids", app_category_ids="11_12") is None
    assert code_of("service_phone", service_email="a@b.cn") is None


def test_a_blank_text_is_none() -> None:
    assert code_of("", app_name=" ") == "APP_NAME_IS_BLANK"
