"""What codes about the fields of a submission mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["BY_NAME", "DOCUMENTED"]

DOCUMENTED: Final[Mapping[str, tuple[str, str]]] = {
    "MODIFY_SLOGAN_EXCEED_COUNT": (
        "This month's changes of the slogan are used up.",
        "本月小程序简介的修改次数已用完。",
    ),
    "MODIFY_CATEGORY_ID_EXCEED_COUNT": (
        "This month's changes of the category are used up.",
        "本月类目的修改次数已用完。",
    ),
    "VERSION_DESC_IS_BLANK": (
        "`version_desc` is missing; every submission needs one.",
        "缺少 `version_desc`，每次提交都必须填写。",
    ),
    "INVALID_VERSION_DESC_LENGTH": (
        "`version_desc` is shorter than 30 characters or longer than 500.",
        "`version_desc` 少于 30 个字符或多于 500 个字符。",
    ),
    "INVALID_MINI_APP_MEMO_LENGTH": (
        "`memo` is longer than 500 characters.",
        "`memo` 多于 500 个字符。",
    ),
    "MINI_APP_MEMO_SENSITIVE": ("`memo` has a sensitive word.", "`memo` 含有敏感词。"),
    "APP_NAME_IS_BLANK": (
        "The app has no name, or its reserved name was released.",
        "应用没有名称，或预占的名称已被释放。",
    ),
    "INVALID_MINI_APP_NAME": (
        "`app_name` has characters that are not allowed.",
        "`app_name` 含有不允许的字符。",
    ),
    "INVALID_MINI_APP_NAME_LENGTH": (
        "`app_name` is too long or too short; the platform's texts disagree on the upper limit.",
        "`app_name` 过长或过短；平台各处文档给出的上限不一致。",
    ),
    "ENGLISH_NAME_IS_BLANK": (
        "The app has no English name, or its reserved one was released.",
        "应用没有英文名，或预占的英文名已被释放。",
    ),
    "INVALID_MINI_APP_EN_NAME": (
        "`app_english_name` has characters other than letters and digits.",
        "`app_english_name` 含有字母和数字以外的字符。",
    ),
    "INVALID_MINI_APP_EN_NAME_LENGTH": (
        "`app_english_name` is shorter than 3 characters or longer than 30.",
        "`app_english_name` 少于 3 个字符或多于 30 个字符。",
    ),
    "MINI_APP_NAME_SENSITIVE": ("`app_name` has a sensitive word.", "`app_name` 含有敏感词。"),
    "MINI_APP_EN_NAME_SENSITIVE": (
        "`app_english_name` has a sensitive word.",
        "`app_english_name` 含有敏感词。",
    ),
    "MINI_APP_NAME_DUPLICATE": ("`app_name` is taken.", "`app_name` 已被占用。"),
    "MINI_VERSION_NAME_DUPLICATE": (
        "The name of the version's app is taken.",
        "该版本使用的小程序名称已被占用。",
    ),
    "MINI_APP_EN_NAME_DUPLICATE": ("`app_english_name` is taken.", "`app_english_name` 已被占用。"),
    "CAN_NOT_MODIFY_NAME_ONCE_ONLINE": (
        "The name cannot be changed once the app has been online.",
        "应用上架过之后不能修改名称。",
    ),
    "CAN_NOT_MODIFY_EN_ONCE_ONLINE": (
        "The English name cannot be changed once the app has been online.",
        "应用上架过之后不能修改英文名。",
    ),
    "INVALID_MINI_APP_SLOGAN_LENGTH": (
        "`app_slogan` is shorter than 10 characters or longer than 32.",
        "`app_slogan` 少于 10 个字符或多于 32 个字符。",
    ),
    "MINI_APP_SLOGAN_SENSITIVE": (
        "`app_slogan` has a sensitive word.",
        "`app_slogan` 含有敏感词。",
    ),
    "INVALID_MINI_APP_DESC_LENGTH": (
        "`app_desc` is shorter than 20 characters or longer than 400.",
        "`app_desc` 少于 20 个字符或多于 400 个字符。",
    ),
    "MINI_APP_DESC_SENSITIVE": ("`app_desc` has a sensitive word.", "`app_desc` 含有敏感词。"),
    "RISK_DECISION_CHECK_FAIL": (
        "Risk control found a word in the name, slogan or description.",
        "风控在名称、简介或描述中发现了不允许的内容。",
    ),
    "INVALID_CATEGORY": (
        "A category id is unknown, of the other tree, or not open to the account.",
        "类目编号不存在、属于另一棵类目树，或对该账号不开放。",
    ),
    "CATEGORY_NUM_IS_INVALID": (
        "There are no categories, or more than 4.",
        "没有类目，或类目多于 4 个。",
    ),
    "SERVICE_TEL_AND_MAIL_BOTH_BLANK": (
        "Neither a service phone nor a service e-mail is set.",
        "客服电话和客服邮箱都没有填写。",
    ),
    "INVALID_MINI_APP_SERVICE_TEL": (
        "`service_phone` is not 5 to 30 digits and `-`.",
        "`service_phone` 不是由 5 至 30 位数字和 `-` 组成。",
    ),
    "MINI_APP_SERVICE_MAIL_SENSITIVE": (
        "`service_email` has a sensitive word.",
        "`service_email` 含有敏感词。",
    ),
    "REGION_TYPE_IS_BLANK": ("`region_type` is missing.", "缺少 `region_type`。"),
    "REGION_TYPE_IS_INVALID": (
        "`region_type` is none of GLOBAL, CHINA and LOCATION.",
        "`region_type` 不是 GLOBAL、CHINA、LOCATION 之一。",
    ),
}
"""Code -> its meaning in English and in Chinese."""

BY_NAME: Final[Mapping[str, tuple[str, str]]] = {
    "MODIFY_DESC_EXCEED_COUNT": (
        "the changes of the description are used up.",
        "小程序描述的修改次数已用完。",
    ),
    "HAS_NO_MODIFY_CNT": (
        "the changes of the app's information are used up.",
        "应用信息的修改次数已用完。",
    ),
    "INVALID_MINI_APP_VERSION_DESC": (
        "`version_desc` cannot be used as it is.",
        "`version_desc` 不符合要求。",
    ),
    "MINI_APP_VERSION_DESC_SENSITIVE": (
        "`version_desc` has a sensitive word.",
        "`version_desc` 含有敏感词。",
    ),
    "INVALIID_MEMO_TRADENO": ("a trade number in `memo` is not valid.", "`memo` 中的交易号无效。"),
    "MEMO_TRADENO_CHECK_FAIL": (
        "a trade number in `memo` fails its check.",
        "`memo` 中的交易号校验未通过。",
    ),
    "INVALID_TEST_ACCOUNT_LENGTH": (
        "`test_account` is too long or too short.",
        "`test_account` 的长度不符合要求。",
    ),
    "INVALID_TEST_PWD_LENGTH": (
        "`test_password` is too long or too short.",
        "`test_password` 的长度不符合要求。",
    ),
    "INVALID_PARAMETER": (
        "a field cannot be used as it is; the message says which.",
        "某个字段不符合要求，具体见错误信息。",
    ),
    "INVALID_PARAMS": (
        "a field cannot be used as it is; the message says which.",
        "某个字段不符合要求，具体见错误信息。",
    ),
    "INVALID_MINI_APP_NAME_PREFIX": (
        "`app_name` begins with something that is not allowed.",
        "`app_name` 的开头不符合要求。",
    ),
    "SLOGAN_IS_BLANK": ("the app has no slogan.", "应用没有简介。"),
    "INVALID_MINI_APP_SLOGAN": (
        "`app_slogan` cannot be used as it is.",
        "`app_slogan` 不符合要求。",
    ),
    "APP_DESC_IS_BLANK": ("the app has no description.", "应用没有描述。"),
    "INVALID_MINI_APP_DESC": ("`app_desc` cannot be used as it is.", "`app_desc` 不符合要求。"),
    "RISK_DECISION_HIT_BRAND": (
        "risk control found a brand in the texts.",
        "风控在文案中命中了品牌词。",
    ),
    "RISK_DECISION_HIT_BROAD": (
        "risk control objects to the texts; the rest of the name is unclear.",
        "风控不接受文案内容，错误码名称的其余部分含义不明。",
    ),
    "CATEGORY_IS_BLANK": ("the app has no category.", "应用没有类目。"),
    "PRIVATE_NOT_ALLOW_CATEGORY": (
        "a category is not open to individuals.",
        "有类目对个人账号不开放。",
    ),
    "SERVICE_TEL_IS_BLANK": ("the service phone is missing.", "缺少客服电话。"),
    "INVALID_MINI_APP_SERVICE_MAIL": (
        "`service_email` is not an e-mail address.",
        "`service_email` 不是有效的邮箱地址。",
    ),
    "INVALID_MINI_APP_SAFE_DOMAIN": (
        "a safe domain of the app is not valid.",
        "应用的安全域名无效。",
    ),
    "REGION_CODE_IS_BLANK": ("a region code is missing.", "缺少区域编码。"),
    "REGION_CODE_IS_INVALID": ("a region code is not valid.", "区域编码无效。"),
    "INVALID_REGION": ("a region is not valid.", "服务区域无效。"),
}
"""Code -> what its name alone suggests."""
