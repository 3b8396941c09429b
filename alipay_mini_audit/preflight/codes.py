"""The codes of all problems that the rules of this package can find; a test holds it to them."""

from __future__ import annotations

from typing import Final

__all__ = ["RULE_CODES"]

RULE_CODES: Final = frozenset(
    {
        # about fields
        "APP_DESC_IS_BLANK",
        "APP_NAME_IS_BLANK",
        "APP_VERSION_IS_BLANK",
        "BUNDLE_ID_NOT_EXIST",
        "CATEGORY_IS_BLANK",
        "CATEGORY_NUM_IS_INVALID",
        "ENGLISH_NAME_IS_BLANK",
        "INVALID_CATEGORY",
        "INVALID_MINI_APP_DESC_LENGTH",
        "INVALID_MINI_APP_EN_NAME",
        "INVALID_MINI_APP_EN_NAME_LENGTH",
        "INVALID_MINI_APP_MEMO_LENGTH",
        "INVALID_MINI_APP_NAME",
        "INVALID_MINI_APP_NAME_LENGTH",
        "INVALID_MINI_APP_SERVICE_MAIL",
        "INVALID_MINI_APP_SERVICE_TEL",
        "INVALID_MINI_APP_SLOGAN_LENGTH",
        "INVALID_VERSION_DESC_LENGTH",
        "LICENSE_VALID_DATE_IS_INVALID",
        "MINIAPP_VERSION_NOT_EXSIT",
        "REGION_CODE_IS_BLANK",
        "REGION_CODE_IS_INVALID",
        "REGION_TYPE_IS_BLANK",
        "REGION_TYPE_IS_INVALID",
        "SERVICE_TEL_AND_MAIL_BOTH_BLANK",
        "SERVICE_TEL_IS_BLANK",
        "SLOGAN_IS_BLANK",
        "VERSION_DESC_IS_BLANK",
        "categories_ignored",
        "example_email",
        "other_platform",
        "placeholder_text",
        "regions_unused",
        "surrounding_blanks",
        "test_account_incomplete",
        "test_account_missing",
        "unknown_value",
        "version_format",
        # about files
        "FILE_SIZE_EXCEED",
        "INVALID_FILE_EXT",
        "INVALID_LICENSE_PIC_EXT",
        "INVALID_LOGO",
        "INVALID_LOGO_EXT",
        "INVALID_SCREEN_SHOT_EXT",
        "LOGO_EXCEED_MAX_SIZE",
        "LOGO_HEIGHT_NOT_EQUAL_WIDTH",
        "LOGO_IS_BLANK",
        "SCREEN_SHOTS_ARE_BLANK",
        "SCREEN_SHOT_EXCEED_MAX_SIZE",
        "SCREEN_SHOT_NUM_IS_INVALID",
        "animated",
        "archive_encrypted",
        "extension_differs",
        "gap",
        "out_door_pic_colours",
        "out_door_pic_format",
        "out_door_pic_size",
        "same_picture",
        "truncated",
        "turned",
    }
)
"""The platform's, and ours in lower case."""
