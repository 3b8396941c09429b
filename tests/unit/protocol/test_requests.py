"""A request before it is signed: exact texts and headers, and nothing secret in print."""

from typing import Any

import attrs
import pytest
from support.content import SomeContent

import alipay_mini_audit
from alipay_mini_audit.attachments import BytesSource, FilePart
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.protocol import (
    APPLY,
    CANCEL,
    DETAIL,
    Caller,
    Request,
    json_text,
    query_target,
)

PLAIN = {
    "Authorization": "ALIPAY-SHA256withRSA app_id=1,nonce=n-1,timestamp=1700000000000,sign=c2ln",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": f"alipay-mini-audit/{alipay_mini_audit.__version__}",
    "alipay-request-id": "request-1",
}


CANCEL_PATH = "/v3/alipay/open/mini/version/audit/cancel"
UPLOAD_PATH = "/v3/alipay/open/mini/version/audit/apply"


def request(body: str = "", **changes: Any) -> Request:
    fields = {
        "call": SomeContent(CANCEL, CANCEL_PATH, body),
        "caller": Caller("1"),
        "request_id": "request-1",
        "nonce": "n-1",
        "timestamp_ms": 1700000000000,
    }
    return Request(**(fields | changes))


def test_a_request_without_a_body_has_no_content_type() -> None:
    assert request().headers(b"sig") == PLAIN


def test_a_json_body_has_its_content_type() -> None:
    assert request(body="{}").headers(b"sig") == PLAIN | {"Content-Type": "application/json"}


def test_an_upload_leaves_the_content_type_to_the_framing() -> None:
    assert request(call=SomeContent(APPLY, UPLOAD_PATH, "{}")).headers(b"sig") == PLAIN


def test_a_token_has_its_header() -> None:
    headers = request(caller=Caller("1", app_auth_token="202212BBtoken")).headers(b"sig")
    assert headers == PLAIN | {"alipay-app-auth-token": "202212BBtoken"}


def test_certificate_mode_has_both_serial_numbers() -> None:
    caller = Caller("1", app_cert_sn="a1b2", alipay_root_cert_sn="c3_d4")
    headers = request(caller=caller).headers(b"sig")
    signed = "app_id=1,app_cert_sn=a1b2,nonce=n-1,timestamp=1700000000000"
    assert headers == PLAIN | {
        "Authorization": f"ALIPAY-SHA256withRSA {signed},sign=c2ln",
        "alipay-root-cert-sn": "c3_d4",
    }


def test_files_are_never_signed() -> None:
    file = FilePart(
        "app_logo", "attachments.app_logo", BytesSource(b"FILE"), "a.png", "image/png", 4
    )
    call = SomeContent(APPLY, "/v3/x", '{"a":"b"}', (file,))
    signed = request(call=call).string_to_sign
    assert signed == 'app_id=1,nonce=n-1,timestamp=1700000000000\nPOST\n/v3/x\n{"a":"b"}\n'


def test_a_printed_request_holds_neither_body_nor_token() -> None:
    file = FilePart(
        "app_logo", "attachments.app_logo", BytesSource(b"canary-3"), "a.png", "image/png", 8
    )
    caller = Caller("1", app_auth_token="canary-1")
    call = SomeContent(APPLY, UPLOAD_PATH, '{"test_password":"canary-2"}', (file,))
    shown = repr(request(call=call, caller=caller))
    assert "canary" not in shown
    assert "request-1" in shown
    assert "app_logo" in shown


def test_a_printed_caller_holds_no_token() -> None:
    assert repr(Caller("2021", "sn", "root", "canary-1")) == (
        "Caller(app_id='2021', app_cert_sn='sn', alipay_root_cert_sn='root')"
    )


def test_a_request_is_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        request().nonce = "again"  # type: ignore[misc]


def test_json_is_utf_8_without_blanks_in_the_order_given() -> None:
    body = {"b": "咖啡 🚀", "a": [1, 2.5, True, None, {"x": ""}], "quote": '"\\/\n<>&'}
    assert json_text(body) == (
        '{"b":"咖啡 🚀","a":[1,2.5,true,null,{"x":""}],"quote":"\\"\\\\/\\n<>&"}'
    )
    assert json_text({}) == "{}"


@pytest.mark.parametrize(
    "value",
    [b"x", {1}, object(), float("nan"), float("-inf"), "\ud800", {"\udfff": 1}, {(1, 2): 3}],
)
def test_what_is_no_json_is_refused_without_printing_it(value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        json_text({"password": "canary", "field": value})
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("body", "not_json")
    ]
    assert "canary" not in str(caught.value)


def test_json_that_holds_itself_is_refused() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    with pytest.raises(ValidationError):
        json_text(endless)


@pytest.mark.parametrize(
    ("query", "target"),
    [
        (None, "/v3/x"),
        ({}, "/v3/x"),
        ({"a": None}, "/v3/x"),
        ({"a": "1", "b": None, "c": "2"}, "/v3/x?a=1&c=2"),
        ({"c": "1", "a": "2"}, "/v3/x?c=1&a=2"),
        ({"a": ""}, "/v3/x?a="),
        ({"a": "1 2+3&4=5/6?7#8%9"}, "/v3/x?a=1+2%2B3%264%3D5%2F6%3F7%238%259"),
        ({"a": "咖"}, "/v3/x?a=%E5%92%96"),
        ({"a": "~-._"}, "/v3/x?a=~-._"),
        ({"a\r\nX: y": "\r\n"}, "/v3/x?a%0D%0AX%3A+y=%0D%0A"),
    ],
)
def test_a_query_is_encoded_once(query: dict[str, str | None] | None, target: str) -> None:
    assert query_target("/v3/x", query) == target


def test_the_query_of_a_version_is_the_known_answer() -> None:
    made = query_target(
        DETAIL.path, {"app_version": "0.0.1", "bundle_id": "com.alipay.alipaywallet"}
    )
    assert made == (
        "/v3/alipay/open/mini/version/detail/query?app_version=0.0.1&bundle_id=com.alipay.alipaywallet"
    )
