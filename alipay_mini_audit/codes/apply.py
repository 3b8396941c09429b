"""Codes that only `apply` answers (official OpenAPI schema of 2026-10-08)."""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.codes.code import APPLY, RowsOf
from alipay_mini_audit.errors import ErrorKind

__all__ = ["APPLY_CODES"]

state = RowsOf(ErrorKind.STATE, APPLY)
permission = RowsOf(ErrorKind.PERMISSION, APPLY)
request = RowsOf(ErrorKind.REQUEST, APPLY)

CATEGORIES: Final = ("app_category_ids", "mini_category_ids")
SHOWN_TEXTS: Final = ("app_name", "app_slogan", "app_desc")

APPLY_CODES: Final = (
    state("SUBMIT_REPEAT", "ask_before_repeat", may_have_landed=True),
    state("CAN_NOT_SUBMIT_WITH_AUDIT", "wait_or_cancel", may_have_landed=True),
    state("CAN_NOT_SUBMIT_WITH_AUDIT_GRAY", "finish_other_version", may_have_landed=True),
    state("CAN_NOT_SUBMIT_WITHOUT_INIT", "ask_if_in_development", may_have_landed=True),
    state("MINI_APP_INFO_AUDIT_CONTAINS", "wait_for_info_audit"),
    state("CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS", "look_at_scan_result"),
    state("EXIST_LARGER_ONLINED_VERSION", "raise_version", "app_version"),
    # A limit of unknown length: REQUEST and STATE would promise that a correction or a short wait
    # helps, THROTTLED would repeat blindly, UNAVAILABLE would doubt a plain refusal. So a person
    # has to ask.
    permission("SYSTEM_LIMIT", "stop_and_ask_support"),
    permission("TINY_APP_AUDIT_NOT_PERMIT", "look_for_restriction"),
    permission("MINI_APP_RESTRICTED_AUDIT_CONTROL", "look_for_restriction"),
    permission("CAN_NOT_SUBMIT_WITH_PUNISH_ORDER_LIMIT", "look_for_restriction"),
    permission("CAN_NOT_SUBMIT_WITH_ONLINE_MINI_APP_EXCEED_LIMIT", "look_for_restriction"),
    permission("CAN_NOT_SUBMIT_WITH_ALI_CLOUD", "look_for_restriction"),
    permission("BUSINESS_LICENSE_REVOCATED_SUBMIT", "settle_revoked_license"),
    permission("USER_NOT_EXIST", "check_account_and_token"),
    permission("DEVELOPER_INFO_NOT_EXIST", "check_account_and_token"),
    permission("SUB_APPLICATION_TYPE_ERROR", "check_account_and_token"),
    permission("BRAND_TORT_NOT_END", "settle_brand_dispute"),
    request("MODIFY_SLOGAN_EXCEED_COUNT", "leave_slogan_out", "app_slogan"),
    request("MODIFY_CATEGORY_ID_EXCEED_COUNT", "leave_categories_out", *CATEGORIES),
    request("MODIFY_DESC_EXCEED_COUNT", "leave_desc_out", "app_desc"),
    request("HAS_NO_MODIFY_CNT", "leave_app_info_out"),
    request("APP_VERSION_IS_BLANK", "send_built_version", "app_version"),
    request("MINIAPP_VERSION_NOT_EXSIT", "correct_version", "app_version"),
    request("VERSION_DESC_IS_BLANK", "send_version_desc", "version_desc"),
    request("INVALID_MINI_APP_VERSION_DESC", "send_version_desc", "version_desc"),
    request("INVALID_VERSION_DESC_LENGTH", "send_version_desc", "version_desc"),
    request("MINI_APP_VERSION_DESC_SENSITIVE", "reword_version_desc", "version_desc"),
    request("INVALID_MINI_APP_MEMO_LENGTH", "shorten_memo", "memo"),
    request("MINI_APP_MEMO_SENSITIVE", "reword_memo", "memo"),
    request("INVALIID_MEMO_TRADENO", "correct_trade_number", "memo"),
    request("MEMO_TRADENO_CHECK_FAIL", "correct_trade_number", "memo"),
    request("INVALID_TEST_ACCOUNT_LENGTH", "shorten_test_account", "test_account"),
    request("INVALID_TEST_PWD_LENGTH", "shorten_test_password", "test_password"),
    request("INVALID_PARAMETER", "correct_named_field"),
    request("INVALID_PARAMS", "correct_named_field"),
    request("APP_NAME_IS_BLANK", "send_name", "app_name"),
    request("INVALID_MINI_APP_NAME", "correct_name", "app_name"),
    request("INVALID_MINI_APP_NAME_LENGTH", "correct_name_length", "app_name"),
    request("INVALID_MINI_APP_NAME_PREFIX", "change_name_start", "app_name"),
    request("ENGLISH_NAME_IS_BLANK", "send_english_name", "app_english_name"),
    request("INVALID_MINI_APP_EN_NAME", "correct_english_name", "app_english_name"),
    request("INVALID_MINI_APP_EN_NAME_LENGTH", "correct_english_name", "app_english_name"),
    request("MINI_APP_NAME_SENSITIVE", "reword_name", "app_name"),
    request("MINI_APP_EN_NAME_SENSITIVE", "reword_english_name", "app_english_name"),
    request("MINI_APP_NAME_DUPLICATE", "choose_other_name", "app_name"),
    request("MINI_VERSION_NAME_DUPLICATE", "choose_other_name", "app_name"),
    request("MINI_APP_EN_NAME_DUPLICATE", "choose_other_english_name", "app_english_name"),
    request("CAN_NOT_MODIFY_NAME_ONCE_ONLINE", "leave_name_out", "app_name"),
    request("CAN_NOT_MODIFY_EN_ONCE_ONLINE", "leave_english_name_out", "app_english_name"),
    request("SLOGAN_IS_BLANK", "send_slogan", "app_slogan"),
    request("INVALID_MINI_APP_SLOGAN", "send_slogan", "app_slogan"),
    request("INVALID_MINI_APP_SLOGAN_LENGTH", "send_slogan", "app_slogan"),
    request("MINI_APP_SLOGAN_SENSITIVE", "reword_slogan", "app_slogan"),
    request("APP_DESC_IS_BLANK", "send_desc", "app_desc"),
    request("INVALID_MINI_APP_DESC", "send_desc", "app_desc"),
    request("INVALID_MINI_APP_DESC_LENGTH", "send_desc", "app_desc"),
    request("MINI_APP_DESC_SENSITIVE", "reword_desc", "app_desc"),
    request("RISK_DECISION_CHECK_FAIL", "reword_risky_text", *SHOWN_TEXTS),
    request("RISK_DECISION_HIT_BRAND", "remove_brand", *SHOWN_TEXTS),
    request("RISK_DECISION_HIT_BROAD", "reword_or_ask_support", *SHOWN_TEXTS),
    request("CATEGORY_IS_BLANK", "choose_categories", *CATEGORIES),
    request("INVALID_CATEGORY", "choose_categories", *CATEGORIES),
    request("CATEGORY_NUM_IS_INVALID", "correct_category_count", *CATEGORIES),
    request("PRIVATE_NOT_ALLOW_CATEGORY", "choose_open_category", *CATEGORIES),
    request(
        "SERVICE_TEL_AND_MAIL_BOTH_BLANK", "send_phone_or_mail", "service_phone", "service_email"
    ),
    request("SERVICE_TEL_IS_BLANK", "send_phone", "service_phone"),
    request("INVALID_MINI_APP_SERVICE_TEL", "send_phone", "service_phone"),
    request("INVALID_MINI_APP_SERVICE_MAIL", "correct_email", "service_email"),
    request("MINI_APP_SERVICE_MAIL_SENSITIVE", "reword_email", "service_email"),
    request("INVALID_MINI_APP_SAFE_DOMAIN", "check_safe_domains"),
    request("REGION_TYPE_IS_BLANK", "send_region_type", "region_type"),
    request("REGION_TYPE_IS_INVALID", "send_region_type", "region_type"),
    request("REGION_CODE_IS_BLANK", "send_region_codes", "service_region_info"),
    request("REGION_CODE_IS_INVALID", "send_region_codes", "service_region_info"),
    request("INVALID_REGION", "send_region_codes", "service_region_info"),
    request("LICENSE_NAME_IS_BLANK", "send_license_name", "license_name"),
    request("LICENSE_NO_IS_BLANK", "send_license_no", "license_no"),
    request("LICENSE_VALID_DATE_IS_BLANK", "send_license_date", "license_valid_date"),
    request("LICENSE_VALID_DATE_IS_INVALID", "send_license_date", "license_valid_date"),
    request(
        "LICENSE_CHECK_FAIL",
        "match_license",
        "license_name",
        "license_no",
        "license_valid_date",
        "license_pics",
    ),
    request("LICENSE_PICS_ARE_BLANK", "send_license_pics", "license_pics"),
    request("LICENSE_PIC_NUM_IS_INVALID", "send_license_pics", "license_pics"),
    # Only the FAQ has it; no enum does.
    request("INVALID_LICENSE_PIC_EXT", "save_license_pics", "license_pics"),
    request("SPECIAL_LICENSE_PICS_ARE_BLANK", "send_special_pics", "special_license_pics"),
    request("INVALID_SPECIAL_LICENSE_NUM", "send_fewer_special_pics", "special_license_pics"),
    request("LOGO_IS_BLANK", "send_logo", "app_logo"),
    request("DEFAULT_LOGO", "send_own_logo", "app_logo"),
    request("INVALID_LOGO", "save_logo", "app_logo"),
    request("INVALID_LOGO_EXT", "save_logo", "app_logo"),
    request("LOGO_HEIGHT_NOT_EQUAL_WIDTH", "make_logo_square", "app_logo"),
    request("LOGO_EXCEED_MAX_SIZE", "shrink_logo", "app_logo"),
    request("LOGO_SIZE_EXCEED", "shrink_logo", "app_logo"),
    request("SCREEN_SHOTS_ARE_BLANK", "send_screen_shots", "screen_shots"),
    request("SCREEN_SHOT_NUM_IS_INVALID", "send_screen_shots", "screen_shots"),
    request("INVALID_SCREEN_SHOT_EXT", "save_screen_shots", "screen_shots"),
    request("SCREEN_SHOT_EXCEED_MAX_SIZE", "shrink_screen_shots", "screen_shots"),
    request("OUT_DOOR_PIC_IS_BLANK", "send_out_door_pic", "out_door_pic"),
    request("FILE_IS_BLANK", "send_named_file"),
    request("INVALID_FILE_EXT", "correct_file_format"),
    request("FILE_SIZE_EXCEED", "shrink_file"),
)
