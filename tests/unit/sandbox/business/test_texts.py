import pytest

from alipay_mini_audit.sandbox.business.texts import check_texts
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

GOOD = {"app_version": "1.0.0", "version_desc": "d" * 30}


def code_of(**fields: object) -> str | None:
    try:
        check_texts(GOOD | fields)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("app_version", None, "APP_VERSION_IS_BLANK"),
        ("app_version", " ", "APP_VERSION_IS_BLANK"),
        ("app_version", "1" * 65, "MINIAPP_VERSION_NOT_EXSIT"),
        ("app_version", "1.2147483648.0", "MINIAPP_VERSION_NOT_EXSIT"),
        ("version_desc", None, "VERSION_DESC_IS_BLANK"),
        ("version_desc", "中" * 14 + "a", "INVALID_VERSION_DESC_LENGTH"),
        ("version_desc", "中" * 250 + "a", "INVALID_VERSION_DESC_LENGTH"),
        ("app_name", "ab", "INVALID_MINI_APP_NAME_LENGTH"),
        ("app_name", "中" * 20 + "a", "INVALID_MINI_APP_NAME_LENGTH"),
        ("app_name", "咖啡 馆", "INVALID_MINI_APP_NAME"),
        ("app_name", "咖啡·馆", "INVALID_MINI_APP_NAME"),
        ("app_name", "咖啡😀", "INVALID_MINI_APP_NAME"),
        ("app_name", "cafe1\ufe0f\u20e3", "INVALID_MINI_APP_NAME"),
        ("app_name", "caf\te", "INVALID_MINI_APP_NAME"),
        ("app_name", "a=b", "INVALID_MINI_APP_NAME"),
        ("app_english_name", "ab", "INVALID_MINI_APP_EN_NAME_LENGTH"),
        ("app_english_name", "a" * 31, "INVALID_MINI_APP_EN_NAME_LENGTH"),
        ("app_english_name", "my_shop", "INVALID_MINI_APP_EN_NAME"),
        ("app_english_name", "my shop", "INVALID_MINI_APP_EN_NAME"),
        ("app_slogan", "咖啡 a b c", None),
        ("app_slogan", "中中中中a", "INVALID_MINI_APP_SLOGAN_LENGTH"),
        ("app_slogan", "中" * 16 + "a", "INVALID_MINI_APP_SLOGAN_LENGTH"),
        ("app_desc", "d" * 19, "INVALID_MINI_APP_DESC_LENGTH"),
        ("app_desc", "d" * 401, "INVALID_MINI_APP_DESC_LENGTH"),
        ("memo", "d" * 501, "INVALID_MINI_APP_MEMO_LENGTH"),
        ("service_phone", "1234", "INVALID_MINI_APP_SERVICE_TEL"),
        ("service_phone", "1" * 31, "INVALID_MINI_APP_SERVICE_TEL"),
        ("service_phone", "+8613800000000", "INVALID_MINI_APP_SERVICE_TEL"),
        ("service_phone", "\uff11\uff12\uff13\uff14\uff15", "INVALID_MINI_APP_SERVICE_TEL"),
        ("service_email", "shop.example.com", "INVALID_MINI_APP_SERVICE_MAIL"),
        ("service_email", "a@b@c.com", "INVALID_MINI_APP_SERVICE_MAIL"),
        ("service_email", "@c.com", "INVALID_MINI_APP_SERVICE_MAIL"),
        ("service_email", "a@", "INVALID_MINI_APP_SERVICE_MAIL"),
        ("service_email", "a b@c.com", "INVALID_MINI_APP_SERVICE_MAIL"),
        ("service_email", '"a@b@c.com', "INVALID_MINI_APP_SERVICE_MAIL"),
    ],
)
def test_what_is_surely_wrong_is_refused(name: str, text: str | None, code: str | None) -> None:
    assert code_of(**{name: text}) == code


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app_version", "1"),
        ("app_version", "v1.0-beta"),
        ("app_version", "2147483648"),
        ("app_version", " " + "1" * 64),
        ("app_version", "2147483647.0.2147483647"),
        ("version_desc", "中" * 15),
        ("version_desc", "😀" * 15),
        ("version_desc", "😀" * 500),
        ("version_desc", " " * 15 + "d" * 15),
        ("version_desc", "d" * 500 + "\n" * 9),
        ("app_name", "中" * 20),
        ("app_name", "中-a_b+1"),
        ("app_name", "カフェé한\uff21\uff11"),
        ("app_name", " 咖啡馆 "),
        ("app_name", " "),
        ("app_english_name", "Café"),
        ("app_english_name", "cafe\u0301s"),
        ("memo", "d" * 500),
        ("memo", ""),
        ("service_phone", "0571-88888888"),
        ("service_phone", " 12345"),
        ("service_email", "a@localhost"),
        ("service_email", "商店@例子.中国"),
        ("service_email", '"a@b"@c.com '),
        ("service_email", '"a\\"@b"@c.com'),
    ],
)
def test_what_one_reading_allows_is_taken(name: str, text: str) -> None:
    assert code_of(**{name: text}) is None


def test_a_long_text_of_quotes_takes_no_time() -> None:
    assert code_of(service_email='"\\' * 200_000) == "INVALID_MINI_APP_SERVICE_MAIL"


def test_the_first_problem_is_told() -> None:
    wrong = {"memo": "d" * 501, "app_name": "a b", "service_phone": "1"}
    assert code_of(**wrong) == "INVALID_MINI_APP_NAME"
