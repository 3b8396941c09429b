"""Codes that only `apply` answers (official OpenAPI schema of 2026-10-08)."""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.codes.code import Table
from alipay_mini_audit.errors import ErrorKind

__all__ = ["APPLY"]

APPLY: Final[Table] = {
    ErrorKind.STATE: {
        "Ask `version_detail` before anything else: an earlier attempt of yours may have landed.": (
            "SUBMIT_REPEAT",
        ),
        "Ask `version_detail`: a version is in audit, perhaps by an earlier attempt; wait, or `cancel` it.": (
            "CAN_NOT_SUBMIT_WITH_AUDIT",
        ),
        "In audit: wait. Rejected: audited.cancel. Passed: that, or go online. Gray: finish going online.": (
            "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY",
        ),
        "Ask `version_detail`: the version is not in development; an earlier attempt may have landed.": (
            "CAN_NOT_SUBMIT_WITHOUT_INIT",
        ),
        "Wait until the change of the app's basic information has passed its own audit, then submit.": (
            "MINI_APP_INFO_AUDIT_CONTAINS",
        ),
        "Ask `version_detail` for `scan_result`: NAN is running, wait; False is failed, fix the package.": (
            "CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS",
        ),
        "Upload the package again with a version number above the one online, and submit that.": (
            "EXIST_LARGER_ONLINED_VERSION",
        ),
    },
    ErrorKind.PERMISSION: {
        # A limit of unknown length: REQUEST and STATE would promise that a correction or a short
        # wait helps, THROTTLED would repeat blindly, UNAVAILABLE would doubt a plain refusal. So a
        # person has to ask.
        "Not documented; stop submitting for now and ask Alipay support with the trace id.": (
            "SYSTEM_LIMIT",
        ),
        "Not documented; look for a restriction in the console, or ask Alipay support with the trace id.": (
            "TINY_APP_AUDIT_NOT_PERMIT",
            "MINI_APP_RESTRICTED_AUDIT_CONTROL",
            "CAN_NOT_SUBMIT_WITH_PUNISH_ORDER_LIMIT",
            "CAN_NOT_SUBMIT_WITH_ONLINE_MINI_APP_EXCEED_LIMIT",
            "CAN_NOT_SUBMIT_WITH_ALI_CLOUD",
        ),
        "Not documented; by its name the business licence is revoked: settle that, or ask Alipay support.": (
            "BUSINESS_LICENSE_REVOCATED_SUBMIT",
        ),
        "Not documented; check account and `app_auth_token`, or ask Alipay support with the trace id.": (
            "USER_NOT_EXIST",
            "DEVELOPER_INFO_NOT_EXIST",
            "SUB_APPLICATION_TYPE_ERROR",
        ),
        "Not documented; by its name a brand dispute is open: settle it, or ask Alipay support.": (
            "BRAND_TORT_NOT_END",
        ),
    },
    ErrorKind.REQUEST: {
        "Leave `app_slogan` out, or wait for next month: its changes (5 a month published) are used up.": (
            "MODIFY_SLOGAN_EXCEED_COUNT",
        ),
        "Leave the category ids out, or wait for next month: the changes (5 published) are used up.": (
            "MODIFY_CATEGORY_ID_EXCEED_COUNT",
        ),
        "Leave `app_desc` out, or wait for next month: its changes are used up.": (
            "MODIFY_DESC_EXCEED_COUNT",
        ),
        "Not documented; leave out fields that change the app's information, or wait for the next period.": (
            "HAS_NO_MODIFY_CNT",
        ),
        "Send the `app_version` of a finished build; after an upload, poll build.query until it is built.": (
            "APP_VERSION_IS_BLANK",
        ),
        "Correct `app_version`: the app has no such version.": ("MINIAPP_VERSION_NOT_EXSIT",),
        "Send `version_desc` of 30 to 500 characters, a Chinese one counting as two.": (
            "VERSION_DESC_IS_BLANK",
            "INVALID_MINI_APP_VERSION_DESC",
            "INVALID_VERSION_DESC_LENGTH",
        ),
        "Remove the sensitive word from `version_desc` and submit again.": (
            "MINI_APP_VERSION_DESC_SENSITIVE",
        ),
        "Shorten `memo` to 500 characters, a Chinese one counting as two.": (
            "INVALID_MINI_APP_MEMO_LENGTH",
        ),
        "Remove the sensitive word from `memo` and submit again.": ("MINI_APP_MEMO_SENSITIVE",),
        "Not documented; by its name a trade number in `memo` fails its check: correct it or leave it out.": (
            "INVALIID_MEMO_TRADENO",
            "MEMO_TRADENO_CHECK_FAIL",
        ),
        "Shorten `test_account`; its limit is not documented.": ("INVALID_TEST_ACCOUNT_LENGTH",),
        "Shorten `test_password`; its limit is not documented.": ("INVALID_TEST_PWD_LENGTH",),
        "Correct the field that the message names; leave unset fields out, do not send empty text.": (
            "INVALID_PARAMETER",
            "INVALID_PARAMS",
        ),
        "Send `app_name`: the app has no name yet, or its reserved name was released.": (
            "APP_NAME_IS_BLANK",
        ),
        "Keep `app_name` to Chinese characters, letters, digits and underscores.": (
            "INVALID_MINI_APP_NAME",
        ),
        "Keep `app_name` to 3 to 40 characters, a Chinese one counting as two; older rules stop at 20.": (
            "INVALID_MINI_APP_NAME_LENGTH",
        ),
        "Not documented; by its name the start of `app_name` is not allowed: choose another.": (
            "INVALID_MINI_APP_NAME_PREFIX",
        ),
        "Send `app_english_name`: the app has none yet, or its reserved one was released.": (
            "ENGLISH_NAME_IS_BLANK",
        ),
        "Keep `app_english_name` to 3 to 30 letters and digits.": (
            "INVALID_MINI_APP_EN_NAME",
            "INVALID_MINI_APP_EN_NAME_LENGTH",
        ),
        "Remove the sensitive word from `app_name` and submit again.": ("MINI_APP_NAME_SENSITIVE",),
        "Remove the sensitive word from `app_english_name` and submit again.": (
            "MINI_APP_EN_NAME_SENSITIVE",
        ),
        "Pick another `app_name`: this one is taken, and it cannot be changed once the app is online.": (
            "MINI_APP_NAME_DUPLICATE",
            "MINI_VERSION_NAME_DUPLICATE",
        ),
        "Pick another `app_english_name`: this one is taken, and it cannot be changed once online.": (
            "MINI_APP_EN_NAME_DUPLICATE",
        ),
        "Leave `app_name` out: it cannot be changed once the app has been online.": (
            "CAN_NOT_MODIFY_NAME_ONCE_ONLINE",
        ),
        "Leave `app_english_name` out: it cannot be changed once the app has been online.": (
            "CAN_NOT_MODIFY_EN_ONCE_ONLINE",
        ),
        "Send `app_slogan` of 10 to 32 characters, a Chinese one counting as two.": (
            "SLOGAN_IS_BLANK",
            "INVALID_MINI_APP_SLOGAN",
            "INVALID_MINI_APP_SLOGAN_LENGTH",
        ),
        "Remove the sensitive word from `app_slogan` and submit again.": (
            "MINI_APP_SLOGAN_SENSITIVE",
        ),
        "Send `app_desc` of 20 to 400 characters, a Chinese one counting as two.": (
            "APP_DESC_IS_BLANK",
            "INVALID_MINI_APP_DESC",
            "INVALID_MINI_APP_DESC_LENGTH",
        ),
        "Remove the sensitive word from `app_desc` and submit again.": ("MINI_APP_DESC_SENSITIVE",),
        "Reword `app_name`, `app_slogan` or `app_desc`: risk control objects to a word in one of them.": (
            "RISK_DECISION_CHECK_FAIL",
        ),
        "Not documented; by its name a brand was found: take it out of name, slogan and description.": (
            "RISK_DECISION_HIT_BRAND",
        ),
        "Not documented; reword name, slogan and description, or ask Alipay support with the trace id.": (
            "RISK_DECISION_HIT_BROAD",
        ),
        "Take category ids from category.query, open to the account; XS ids go in `mini_category_ids`.": (
            "CATEGORY_IS_BLANK",
            "INVALID_CATEGORY",
        ),
        "Send 1 to 4 categories; the field is needed if none was set before.": (
            "CATEGORY_NUM_IS_INVALID",
        ),
        "Choose a category that is open to individuals, or submit from a company's account.": (
            "PRIVATE_NOT_ALLOW_CATEGORY",
        ),
        "Send `service_phone` or `service_email`; at least one is needed.": (
            "SERVICE_TEL_AND_MAIL_BOTH_BLANK",
        ),
        "Send `service_phone` of 5 to 30 digits and `-`.": (
            "SERVICE_TEL_IS_BLANK",
            "INVALID_MINI_APP_SERVICE_TEL",
        ),
        "Correct `service_email`, or leave it out.": ("INVALID_MINI_APP_SERVICE_MAIL",),
        "Remove the sensitive word from `service_email` and submit again.": (
            "MINI_APP_SERVICE_MAIL_SENSITIVE",
        ),
        "Not documented; check the app's list of safe domains in the console.": (
            "INVALID_MINI_APP_SAFE_DOMAIN",
        ),
        "Send `region_type` GLOBAL, CHINA or LOCATION; LOCATION needs `service_region_info`.": (
            "REGION_TYPE_IS_BLANK",
            "REGION_TYPE_IS_INVALID",
        ),
        "Send the platform's codes in `service_region_info`: a city with its province, an area with both.": (
            "REGION_CODE_IS_BLANK",
            "REGION_CODE_IS_INVALID",
            "INVALID_REGION",
        ),
        "Send `license_name`: the category demands a licence.": ("LICENSE_NAME_IS_BLANK",),
        "Send `license_no`: the category demands a licence.": ("LICENSE_NO_IS_BLANK",),
        "Send `license_valid_date`, the day the licence ends; 9999-12-31 for one without end.": (
            "LICENSE_VALID_DATE_IS_BLANK",
            "LICENSE_VALID_DATE_IS_INVALID",
        ),
        "Make `license_name`, `license_no` and `license_valid_date` agree with the pictured licence.": (
            "LICENSE_CHECK_FAIL",
        ),
        "Send 1 to 5 `license_pics`.": ("LICENSE_PICS_ARE_BLANK", "LICENSE_PIC_NUM_IS_INVALID"),
        # The FAQ has it, no enum does.
        "Save the `license_pics` as png or jpg in RGB, not CMYK, with the extension in the file name.": (
            "INVALID_LICENSE_PIC_EXT",
        ),
        "Send the `special_license_pics` that the category demands.": (
            "SPECIAL_LICENSE_PICS_ARE_BLANK",
        ),
        "Send fewer `special_license_pics`: 3 are taken everywhere, up to 10 by the newest schema.": (
            "INVALID_SPECIAL_LICENSE_NUM",
        ),
        "Send `app_logo`: the app has none yet.": ("LOGO_IS_BLANK",),
        "Send an `app_logo` of your own: the app still has the default one.": ("DEFAULT_LOGO",),
        "Save `app_logo` as png or jpg in RGB, not CMYK, with the extension in the file name.": (
            "INVALID_LOGO",
            "INVALID_LOGO_EXT",
        ),
        "Make `app_logo` square; 180 by 180 pixels are suggested.": (
            "LOGO_HEIGHT_NOT_EQUAL_WIDTH",
        ),
        "Shrink `app_logo`: 2 MB at most, 180 by 180 pixels suggested.": (
            "LOGO_EXCEED_MAX_SIZE",
            "LOGO_SIZE_EXCEED",
        ),
        "Send 2 to 5 `screen_shots`.": ("SCREEN_SHOTS_ARE_BLANK", "SCREEN_SHOT_NUM_IS_INVALID"),
        "Save the `screen_shots` as png or jpg, with the extension in the file name.": (
            "INVALID_SCREEN_SHOT_EXT",
        ),
        "Shrink the `screen_shots`: each 4 MB and 2160 by 3840 pixels at most.": (
            "SCREEN_SHOT_EXCEED_MAX_SIZE",
        ),
        "Send `out_door_pic`, a photo of the shop front.": ("OUT_DOOR_PIC_IS_BLANK",),
        "Read the message for the file that is missing or empty, and send it.": ("FILE_IS_BLANK",),
        "Correct format and extension of the file: pictures png or jpg, `test_file` zip or rar.": (
            "INVALID_FILE_EXT",
        ),
        "Shrink the file: logo 2 MB, other pictures 4 MB, `test_file` 10 MB at most.": (
            "FILE_SIZE_EXCEED",
        ),
    },
}
