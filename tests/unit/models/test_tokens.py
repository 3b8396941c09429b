"""What the platform says of a token."""

import datetime

import pytest

from alipay_mini_audit import ReplyMeta, TokenInfo
from alipay_mini_audit.models import read_model

META = ReplyMeta(request_id="r-1", trace_id=None, http_status=200)
BEIJING = datetime.timezone(datetime.timedelta(hours=8))
APPLY = "alipay.open.mini.version.audit.apply"


def test_a_token_has_every_field_of_the_schema() -> None:
    fields = {
        "status": "valid",
        "auth_app_id": "2021000000000002",
        "user_id": "2088000000000001",
        "auth_methods": [APPLY, "alipay.open.mini.version.audit.rejected"],
        "auth_start": "2026-01-02 03:04:05",
        "auth_end": "2027-01-02 03:04:05",
        "expires_in": 31536000,
        "is_by_app_auth": True,
    }
    found = read_model(TokenInfo, fields, META)
    assert found == TokenInfo(
        status="valid",
        auth_app_id="2021000000000002",
        user_id="2088000000000001",
        auth_methods=[APPLY, "alipay.open.mini.version.audit.rejected"],
        auth_start=datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=BEIJING),
        auth_end=datetime.datetime(2027, 1, 2, 3, 4, 5, tzinfo=BEIJING),
        expires_in=31536000,
        is_by_app_auth=True,
        meta=META,
    )
    assert found.is_valid is True
    assert found.names(APPLY)
    assert not found.names("alipay.open.mini.version.audit.cancel")


@pytest.mark.parametrize(
    ("status", "expected"), [("valid", True), ("VALID", True), ("invalid", False), (None, None)]
)
def test_the_status_says_whether_it_may_be_used(status: str | None, expected: bool | None) -> None:
    assert read_model(TokenInfo, {"status": status}, META).is_valid is expected


def test_a_number_may_be_a_text() -> None:
    assert read_model(TokenInfo, {"expires_in": "31536000"}, META).expires_in == 31536000


@pytest.mark.parametrize("odd", [True, 1.5, "1.5", "-1", "", [], "٣"])
def test_what_is_no_number_is_kept_as_it_came(odd: object) -> None:
    found = read_model(TokenInfo, {"expires_in": odd}, META)
    assert (found.expires_in, found.extra) == (None, {"expires_in": odd})


def test_without_a_list_no_name_is_there() -> None:
    assert not read_model(TokenInfo, {"auth_methods": APPLY}, META).names(APPLY)
