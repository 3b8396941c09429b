"""The catalogue of error codes, against the official lists written out by hand."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import cast

import attrs
import pytest

from alipay_mini_audit.attachments import Attachments
from alipay_mini_audit.codes import (
    CATALOGUE,
    Code,
    codes_of,
    kind_of_status,
    look_up,
    unwrap,
)
from alipay_mini_audit.codes.apply import APPLY_CODES
from alipay_mini_audit.codes.cancel import CANCEL_CODES
from alipay_mini_audit.codes.common import COMMON_CODES
from alipay_mini_audit.codes.versions import ANSWERED, VERSION_CODES
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import ErrorKind
from alipay_mini_audit.models import AuditApply

GLUED = "app-key-security-risk, app-cert-expired"
HALVES = {"app-key-security-risk", "app-cert-expired"}
ONLY_IN_THE_DOCS = {
    "not-online-app",
    "invalid-content-type",
    "invalid-http-method",
    "unsupported-sdk-version",
}
CANCEL_OF_THE_SCHEMA = {
    "APPID_IS_BLANK",
    "APPLICATION_TYPE_NOT_MINIAPP",
    "APPSTORE_RPC_INVOKE_ERROR",
    "APP_INFO_NOT_EXIST",
    "AUDITING_VERSION_NOT_EXIST",
    "BUNDLE_ID_NOT_EXIST",
    "INVALID_VERSION_STATUS",
    "MINI_APP_NOT_ONLINE",
    "MINI_APP_PACKAGE_INFO_NOT_EXIST",
    "MINI_APP_VERSION_ITERATION_EXIST",
    "MULTI_CLIENT_NOT_PACKAGED_STATUS",
    "SYSTEM_ERROR",
    "TINYAPP_STATUS_INVALID",
}


CODES_OF_THE_SCHEMA = {
    "detail": 5,
    "list": 4,
    "build_status": 14,
    "cancel_audited": 10,
    "online": 15,
    "offline": 12,
    "gray_online": 17,
    "gray_cancel": 11,
    "rollback": 13,
    "delete": 12,
    "token": 5,
    "categories": 3,
}
"""How many the schema has of each call around an audit."""
STATES_AROUND_AN_AUDIT = {
    "CAN_NOT_BACK_DEV_WITHOUT_AUDIT",
    "CAN_NOT_ONLINE_WITHOUT_AUDIT",
    "CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE",
    "CAN_NOT_ONLINE_WITHOUT_GRAY",
    "CAN_NOT_ONLINE_NO_PROMOTE",
    "CAN_NOT_OFFLINE_WITHOUT_ONLINE",
    "CAN_NOT_OFFLINE_WITH_GRAY",
    "CAN_NOT_ROLLBACK_WITHOUT_ONLINE",
    "CAN_NOT_CONTINUOUS_ROLLBACK",
    "CAN_NOT_ROLLBACK_WITH_GRAY",
    "CAN_NOT_ROLLBACK_WITHOUT_OFFLINE",
    "CAN_NOT_GRAY_WITHOUT_AUDIT_PASS",
    "CAN_NOT_GRAY_WITHOUT_INNER_PASS",
    "CAN_NOT_GRAY_WITH_RISK_VERSION",
    "GRAY_STRATEGY_NOT_ALLOW_REDUCE",
    "CAN_NOT_END_GRAY_WITHOUT_GRAY",
    "MINI_APP_VERSION_STATUS_ILLEGAL",
    "CAN_NOT_CANCEL_GRAY_WITH_DIFF_DW",
    "CAN_NOT_DELETE_WITHOUT_DEV",
    "CAN_NOT_DELETE_WITH_SCANNING",
    "CAN_NOT_DELETE_WITH_EXPERIENCE",
    "CAN_NOT_DELETE_WITH_INSTANTIATE",
}


def row_of(code: str) -> Code:
    row = look_up(code)
    assert row is not None, code
    return row


def test_apply_has_the_106_codes_of_the_schema_and_one_of_the_faq() -> None:
    codes = codes_of("apply")
    assert len(codes) == 107
    assert len(set(codes) - {"INVALID_LICENSE_PIC_EXT"}) == 106


def test_cancel_has_the_13_codes_of_the_schema() -> None:
    assert len(codes_of("cancel")) == 13
    assert set(codes_of("cancel")) == CANCEL_OF_THE_SCHEMA


def test_the_calls_around_an_audit_have_the_codes_of_the_schema() -> None:
    assert {operation: len(codes_of(operation)) for operation in ANSWERED} == CODES_OF_THE_SCHEMA
    assert all(len(set(codes)) == len(codes) for codes in ANSWERED.values())
    assert {code for codes in ANSWERED.values() for code in codes} <= set(CATALOGUE)


def test_every_row_of_the_table_is_answered_by_a_call() -> None:
    assert [row.code for row in VERSION_CODES if not row_of(row.code).operations] == []


def test_the_gateway_has_93_enum_values_four_of_the_docs_and_two_halves() -> None:
    codes = set(codes_of("common"))
    assert len(codes_of("common")) == 99
    assert codes >= ONLY_IN_THE_DOCS | HALVES
    assert len(codes - ONLY_IN_THE_DOCS - HALVES) == 93


def test_the_catalogue_holds_each_code_once() -> None:
    assert len(CATALOGUE) == 260
    written = Counter(
        row.code for row in (*APPLY_CODES, *CANCEL_CODES, *VERSION_CODES, *COMMON_CODES)
    )
    assert [code for code, times in written.items() if times > 1] == []


def test_an_unknown_operation_has_no_codes() -> None:
    assert codes_of("withdraw") == ()


def test_a_code_of_two_operations_names_both() -> None:
    assert row_of("APPSTORE_RPC_INVOKE_ERROR").operations == {"cancel"}
    assert row_of("USER_NOT_EXIST").operations == {"apply", "categories"}
    assert row_of("CAN_NOT_OFFLINE_WITH_GRAY").operations == {"offline"}
    assert row_of("SYSTEM_ERROR").operations == {"apply", "cancel", *CODES_OF_THE_SCHEMA}
    assert row_of("SUBMIT_REPEAT").operations == {"apply"}
    assert row_of("AUDITING_VERSION_NOT_EXIST").operations == {"cancel"}
    assert row_of("invalid-signature").operations == {"common"}


@pytest.mark.parametrize(
    "code",
    [
        "INVALIID_MEMO_TRADENO",
        "MINIAPP_VERSION_NOT_EXSIT",
        "BUSINESS_LICENSE_REVOCATED_SUBMIT",
        "unknow-error",
        "unsupport-operation",
        "sevice-not-been-subscribed-to",
    ],
)
def test_misspelt_codes_are_spelt_as_the_platform_spells_them(code: str) -> None:
    assert row_of(code).code == code


@pytest.mark.parametrize(
    "code",
    [
        "INVALID_MEMO_TRADENO",
        "MINIAPP_VERSION_NOT_EXIST",
        "BUSINESS_LICENSE_REVOKED_SUBMIT",
        "unknown-error",
        "unsupported-operation",
        "service-not-been-subscribed-to",
        "submit_repeat",
        "GLOBAL",
        "NAN",
        "",
    ],
)
def test_what_the_platform_does_not_send_is_unknown(code: str) -> None:
    assert look_up(code) is None


def test_the_glued_code_is_known_whole_and_by_halves() -> None:
    for code in (GLUED, "app-key-security-risk", "app-cert-expired"):
        assert row_of(code).kind is ErrorKind.AUTHENTICATION
    assert "certificate" in row_of("app-cert-expired").advice
    assert "key pair" in row_of("app-key-security-risk").advice


def test_only_two_codes_are_throttling() -> None:
    throttled = {code for code, row in CATALOGUE.items() if row.kind is ErrorKind.THROTTLED}
    assert throttled == {"app-call-limited", "method-call-limited"}


def test_ten_codes_leave_the_outcome_open() -> None:
    unavailable = {code for code, row in CATALOGUE.items() if row.kind is ErrorKind.UNAVAILABLE}
    assert unavailable == {
        "SYSTEM_ERROR",
        "APPSTORE_RPC_INVOKE_ERROR",
        "unknow-error",
        "access-data-time-out",
        "upload-fail",
        "invalid-response-data",
        "POLLING_BUILDING_ERROR",
        "APP_OPERATOR_QUERY_ERROR",
        "CREATE_GRAY_RULE_ERROR",
        "EXECUTE_GRAY_FAILED",
    }


def test_only_the_wrapper_is_known_to_say_nothing() -> None:
    assert {code for code, row in CATALOGUE.items() if row.kind is ErrorKind.UNKNOWN} == {
        "unknown-sub-code"
    }


def test_the_codes_of_a_wrong_state_are_these() -> None:
    assert {code for code, row in CATALOGUE.items() if row.kind is ErrorKind.STATE} == {
        "SUBMIT_REPEAT",
        "CAN_NOT_SUBMIT_WITH_AUDIT",
        "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY",
        "CAN_NOT_SUBMIT_WITHOUT_INIT",
        "CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS",
        "MINI_APP_INFO_AUDIT_CONTAINS",
        "MINI_APP_VERSION_ITERATION_EXIST",
        "MINI_APP_PACKAGE_INFO_NOT_EXIST",
        "EXIST_LARGER_ONLINED_VERSION",
        "AUDITING_VERSION_NOT_EXIST",
        "INVALID_VERSION_STATUS",
        "TINYAPP_STATUS_INVALID",
        "MULTI_CLIENT_NOT_PACKAGED_STATUS",
        "MINI_APP_NOT_ONLINE",
        *STATES_AROUND_AN_AUDIT,
    }


def test_the_codes_that_an_earlier_attempt_may_have_caused_are_these() -> None:
    landed = {
        operation: {code for code in codes_of(operation) if row_of(code).may_have_landed}
        for operation in ("apply", "cancel", "common")
    }
    assert landed == {
        "apply": {
            "SUBMIT_REPEAT",
            "CAN_NOT_SUBMIT_WITH_AUDIT",
            "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY",
            "CAN_NOT_SUBMIT_WITHOUT_INIT",
            "MINI_APP_VERSION_ITERATION_EXIST",
            "MINI_APP_PACKAGE_INFO_NOT_EXIST",
        },
        "cancel": {
            "AUDITING_VERSION_NOT_EXIST",
            "INVALID_VERSION_STATUS",
            "TINYAPP_STATUS_INVALID",
            "MULTI_CLIENT_NOT_PACKAGED_STATUS",
            "MINI_APP_VERSION_ITERATION_EXIST",
            "MINI_APP_PACKAGE_INFO_NOT_EXIST",
        },
        "common": set(),
    }


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_code_is_about_fields_that_exist(code: str) -> None:
    known = {field.name for field in attrs.fields(AuditApply)}
    known |= {field.name for field in attrs.fields(Attachments) if field.init}
    known |= set(inspect.signature(Credentials.from_certificates).parameters)
    known |= {"app_auth_token", "base_url"}
    fields = row_of(code).fields
    assert set(fields) <= known - {"extra", "clock"}
    assert len(set(fields)) == len(fields)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("MODIFY_SLOGAN_EXCEED_COUNT", ("app_slogan",)),
        ("INVALID_CATEGORY", ("app_category_ids", "mini_category_ids")),
        ("INVALID_TEST_ACCOUNT_LENGTH", ("test_account",)),
        ("SERVICE_TEL_AND_MAIL_BOTH_BLANK", ("service_phone", "service_email")),
        ("SCREEN_SHOT_NUM_IS_INVALID", ("screen_shots",)),
        ("INVALID_SPECIAL_LICENSE_NUM", ("special_license_pics",)),
        ("BUNDLE_ID_NOT_EXIST", ("bundle_id",)),
        ("invalid-app-auth-token", ("app_auth_token",)),
        ("decryption-error", ("encrypt_key",)),
        ("invalid-app-id", ("app_id", "base_url")),
        ("FILE_IS_BLANK", ()),
        ("SUBMIT_REPEAT", ()),
        ("invalid-signature", ()),
    ],
)
def test_a_code_names_the_fields_that_it_is_about(code: str, fields: tuple[str, ...]) -> None:
    assert row_of(code).fields == fields


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SYSTEM_LIMIT", ErrorKind.PERMISSION),
        ("CAN_NOT_SUBMIT_WITH_PUNISH_ORDER_LIMIT", ErrorKind.PERMISSION),
        ("CAN_NOT_SUBMIT_WITH_ONLINE_MINI_APP_EXCEED_LIMIT", ErrorKind.PERMISSION),
        ("BRAND_TORT_NOT_END", ErrorKind.PERMISSION),
        ("APP_INFO_NOT_EXIST", ErrorKind.PERMISSION),
        ("APPLICATION_TYPE_NOT_MINIAPP", ErrorKind.PERMISSION),
        ("MODIFY_SLOGAN_EXCEED_COUNT", ErrorKind.REQUEST),
        ("HAS_NO_MODIFY_CNT", ErrorKind.REQUEST),
        ("VERSION_DESC_IS_BLANK", ErrorKind.REQUEST),
        ("INVALID_LICENSE_PIC_EXT", ErrorKind.REQUEST),
        ("RISK_DECISION_HIT_BRAND", ErrorKind.REQUEST),
        ("CAN_NOT_MODIFY_NAME_ONCE_ONLINE", ErrorKind.REQUEST),
        ("APPID_IS_BLANK", ErrorKind.REQUEST),
        ("BUNDLE_ID_NOT_EXIST", ErrorKind.REQUEST),
        ("exceed-api-balance", ErrorKind.PERMISSION),
        ("insufficient-isv-permissions", ErrorKind.PERMISSION),
        ("invalid-app-auth-token", ErrorKind.PERMISSION),
        ("invalid-app-id", ErrorKind.PERMISSION),
        ("not-online-app", ErrorKind.PERMISSION),
        ("invalid-signature", ErrorKind.AUTHENTICATION),
        ("missing-timestamp", ErrorKind.AUTHENTICATION),
        ("illegal-timestamp", ErrorKind.AUTHENTICATION),
        ("app-cert-not-exist", ErrorKind.AUTHENTICATION),
        ("decryption-error-unknown", ErrorKind.AUTHENTICATION),
        ("missing-encrypt-key", ErrorKind.AUTHENTICATION),
        ("suspected-attack", ErrorKind.REQUEST),
        ("unsupported-sdk-version", ErrorKind.REQUEST),
        ("invalid-http-method", ErrorKind.REQUEST),
    ],
)
def test_a_code_is_of_the_kind_that_says_who_must_act(code: str, kind: ErrorKind) -> None:
    assert row_of(code).kind is kind


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_has_one_line_of_advice_that_is_a_sentence(code: str) -> None:
    advice = row_of(code).advice
    assert advice.isascii()
    assert "\n" not in advice
    assert advice[0].isupper()
    assert advice.endswith(".")
    assert not advice.endswith("..")
    assert len(advice) >= 20


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("SUBMIT_REPEAT", "`version_detail`"),
        ("CAN_NOT_SUBMIT_WITHOUT_INIT", "`version_detail`"),
        ("CAN_NOT_SUBMIT_WITH_AUDIT_GRAY", "audited.cancel"),
        ("CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS", "`scan_result`"),
        ("MINI_APP_PACKAGE_INFO_NOT_EXIST", "build.query"),
        ("INVALID_LICENSE_PIC_EXT", "CMYK"),
        ("VERSION_DESC_IS_BLANK", "30 to 500"),
        ("REGION_TYPE_IS_INVALID", "LOCATION"),
        ("INVALID_CATEGORY", "category.query"),
        ("AUDITING_VERSION_NOT_EXIST", "earlier cancel"),
        ("self-invoke-forbidden", "`app_auth_token`"),
        ("illegal-client-ip", "allow-list"),
        ("invalid-timestamp", "clock"),
        ("SYSTEM_LIMIT", "trace id"),
    ],
)
def test_advice_names_the_fact_that_helps(code: str, fact: str) -> None:
    assert fact in row_of(code).advice


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("MINI_APP_INFO_AUDIT_CONTAINS", "MINI_APP_INFO_AUDIT_CONTAINS"),
        ("未知的子错误码MINI_APP_INFO_AUDIT_CONTAINS,请稍后再试", "MINI_APP_INFO_AUDIT_CONTAINS"),
        ("错误码为SUBMIT_REPEAT。", "SUBMIT_REPEAT"),
        ('{"sub_code":"SUBMIT_REPEAT","sub_msg":"重复提交"}', "SUBMIT_REPEAT"),
        (r"{\"sub_code\":\"SUBMIT_REPEAT\"}", "SUBMIT_REPEAT"),
        ("isv.CAN_NOT_SUBMIT_WITH_AUDIT", "CAN_NOT_SUBMIT_WITH_AUDIT"),
        ("MINI_AUDIT_SERVICE 返回 LOGO_IS_BLANK", "LOGO_IS_BLANK"),
        ("子码 unknow-error 未定义", "unknow-error"),
        ("子码unknow-error未定义", "unknow-error"),
        ("unknown-sub-code: SUBMIT_REPEAT", "SUBMIT_REPEAT"),
        ("未知的子错误码 BRAND_NEW_CODE_2", "BRAND_NEW_CODE_2"),
        ("FIRST_NEW_CODE, SECOND_NEW_CODE", "FIRST_NEW_CODE"),
        ("CAN_NOT_SUBMIT_WITH_AUDIT_NIGHT", "CAN_NOT_SUBMIT_WITH_AUDIT_NIGHT"),
    ],
)
def test_the_wrapper_gives_way_to_the_code_in_its_message(message: str, code: str) -> None:
    assert unwrap("unknown-sub-code", message) == code


@pytest.mark.parametrize(
    "message",
    [
        "",
        "未知错误",
        "unknown-sub-code",
        "an ERROR of the mini-program, field app_version",
        "ERROR_ _CODE camelCase_X Abc_DEFg",
        "not-a-known-code",
    ],
)
def test_the_wrapper_stays_where_its_message_names_no_code(message: str) -> None:
    assert unwrap("unknown-sub-code", message) == "unknown-sub-code"


def test_any_other_code_stays_whatever_its_message_says() -> None:
    assert unwrap("invalid-parameter", "SUBMIT_REPEAT") == "invalid-parameter"
    assert unwrap("BRAND_NEW_CODE", "SUBMIT_REPEAT") == "BRAND_NEW_CODE"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, ErrorKind.UNKNOWN),
        (302, ErrorKind.UNKNOWN),
        (400, ErrorKind.UNKNOWN),
        (401, ErrorKind.AUTHENTICATION),
        (403, ErrorKind.PERMISSION),
        (404, ErrorKind.UNKNOWN),
        (413, ErrorKind.UNKNOWN),
        (429, ErrorKind.THROTTLED),
        (499, ErrorKind.UNKNOWN),
        (500, ErrorKind.UNAVAILABLE),
        (502, ErrorKind.UNAVAILABLE),
        (599, ErrorKind.UNAVAILABLE),
    ],
)
def test_the_status_decides_for_an_unknown_code(status: int, kind: ErrorKind) -> None:
    assert kind_of_status(status) is kind


def test_the_catalogue_cannot_be_changed() -> None:
    writable = cast("dict[str, Code]", CATALOGUE)
    with pytest.raises(TypeError):
        writable["SUBMIT_REPEAT"] = Code("SUBMIT_REPEAT", ErrorKind.UNKNOWN, "", frozenset())


def test_a_row_cannot_be_changed() -> None:
    row = row_of("SUBMIT_REPEAT")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        row.kind = ErrorKind.THROTTLED  # type: ignore[misc]
    assert isinstance(row.operations, frozenset)
