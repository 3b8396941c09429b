"""What is needed, versions, contacts, dates; `test_corpus` has an example of each rule."""

import datetime

import pytest
from support.preflight_findings import TODAY, found

from alipay_mini_audit.preflight.fields import contacts, date_of_licence, needed, version


def test_what_the_platform_fills_in_is_not_demanded() -> None:
    assert found(needed) == []
    assert found(contacts) == []


@pytest.mark.parametrize("text", ["1.0.0", "0.0.1", "12.34.56", "00.1.2147483647"])
def test_versions_that_may_exist(text: str) -> None:
    assert found(version, app_version=text) == []


@pytest.mark.parametrize(
    "text", ["1", "v1.0.0", "1.0.0-beta", "1.0.0.0", "一.0.0", "1..0", "1.0.x"]
)
def test_odd_versions_are_left_to_the_platform(text: str) -> None:
    assert found(version, app_version=text) == [("app_version", "version_format", "warning")]


def test_a_number_of_any_length_is_read() -> None:
    code = "MINIAPP_VERSION_NOT_EXSIT"
    assert found(version, app_version="9" * 5000 + ".0.0") == [("app_version", code, "error")]
    assert found(version, app_version="9" * 50 + ".0.0") == [("app_version", code, "error")]


@pytest.mark.parametrize(
    "address", ["a@b.cn", "a'b@b.cn", "a+b@sub.shop.com", " a@b.cn ", "a@[10.0.0.1]"]
)
def test_addresses_that_work(address: str) -> None:
    assert found(contacts, service_email=address) == []


@pytest.mark.parametrize(
    "address", ['"odd one@x"@b.cn', 'a."b@c"@x.com', '"a\\" b"@c.cn', '"a@b"', "a@b", "a@例子.cn"]
)
def test_addresses_that_one_program_takes_and_another_does_not(address: str) -> None:
    code = "INVALID_MINI_APP_SERVICE_MAIL"
    assert found(contacts, service_email=address) == [("service_email", code, "warning")]


def test_a_long_text_of_quotes_takes_no_time() -> None:
    code = "INVALID_MINI_APP_SERVICE_MAIL"
    address = '"\\' * 200_000
    assert found(contacts, service_email=address) == [("service_email", code, "error")]


@pytest.mark.parametrize(
    "address",
    ["a", "@b.cn", "a@", "a b@c.cn", "a@b@c.cn", "a@b c.cn", '"a b@c.cn', '"a" b@c.cn'],
)
def test_addresses_that_cannot(address: str) -> None:
    code = "INVALID_MINI_APP_SERVICE_MAIL"
    assert found(contacts, service_email=address) == [("service_email", code, "error")]


def test_the_last_day_of_a_licence_counts() -> None:
    assert found(date_of_licence, license_valid_date=TODAY) == []
    yesterday = TODAY - datetime.timedelta(days=1)
    code = "LICENSE_VALID_DATE_IS_INVALID"
    assert found(date_of_licence, license_valid_date=yesterday) == [
        ("license_valid_date", code, "error")
    ]
