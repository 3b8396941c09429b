"""What codes mean, where the platform says so: its FAQ, its field texts, its page on common codes.

Of the others nothing is documented, and nothing is made up here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["MEANINGS", "meaning_of"]

_UNDOCUMENTED: Final = {
    "en": "Alipay documents nothing about this code.",
    "zh": "平台未公开说明该错误码的含义。",
}

MEANINGS: Final[Mapping[str, tuple[str, str]]] = {
    "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY": (
        "An app has at most one version in audit, passed, rejected or in gray release.",
        "一个应用同时最多只能有一个版本处于审核中、审核通过、审核驳回或灰度状态。",
    ),
    "MINI_APP_INFO_AUDIT_CONTAINS": (
        "A change of the app's basic information is itself in audit.",
        "应用基础信息的变更正在审核中。",
    ),
    "CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS": (
        "The security scan of the version is not over, or has failed.",
        "该版本的安全扫描尚未完成或未通过。",
    ),
    "SYSTEM_ERROR": (
        "A fault of the platform; whether the call took effect is not known.",
        "平台系统异常，调用是否生效未知。",
    ),
    "MINI_APP_PACKAGE_INFO_NOT_EXIST": (
        "The version is wrong or was deleted, or its build is not finished.",
        "版本号有误、版本已删除，或构建尚未完成。",
    ),
    "MODIFY_SLOGAN_EXCEED_COUNT": (
        "This month's changes of the slogan are used up.",
        "本月小程序简介的修改次数已用完。",
    ),
    "MODIFY_CATEGORY_ID_EXCEED_COUNT": (
        "This month's changes of the category are used up.",
        "本月类目的修改次数已用完。",
    ),
    "MODIFY_DESC_EXCEED_COUNT": (
        "This month's changes of the description are used up.",
        "本月小程序描述的修改次数已用完。",
    ),
    "APPLICATION_TYPE_NOT_MINIAPP": (
        "The app id, or the app behind the token, is not a mini-program.",
        "该应用编号或令牌对应的应用不是小程序。",
    ),
    "APP_INFO_NOT_EXIST": (
        "The token of the merchant is wrong or not in effect.",
        "商家授权令牌有误或未生效。",
    ),
    "APP_NAME_IS_BLANK": (
        "The app has no name, or its reserved name was released.",
        "应用没有名称，或预占的名称已被释放。",
    ),
    "ENGLISH_NAME_IS_BLANK": (
        "The app has no English name, or its reserved one was released.",
        "应用没有英文名，或预占的英文名已被释放。",
    ),
    "APP_VERSION_IS_BLANK": (
        "The version is missing, empty or wrong, or its build is not finished.",
        "版本号缺失、为空或有误，或构建尚未完成。",
    ),
    "VERSION_DESC_IS_BLANK": (
        "The description of the version is missing.",
        "缺少版本描述。",
    ),
    "SERVICE_TEL_AND_MAIL_BOTH_BLANK": (
        "Neither a service phone nor a service e-mail is set.",
        "客服电话和客服邮箱都没有填写。",
    ),
    "REGION_TYPE_IS_BLANK": ("The region type is missing.", "缺少服务区域类型。"),
    "REGION_TYPE_IS_INVALID": (
        "The region type is none of GLOBAL, CHINA and LOCATION.",
        "服务区域类型不是 GLOBAL、CHINA、LOCATION 之一。",
    ),
    "INVALID_MINI_APP_NAME": (
        "The name has characters that are not allowed.",
        "小程序名称含有不允许的字符。",
    ),
    "INVALID_MINI_APP_NAME_LENGTH": (
        "The name is too long or too short.",
        "小程序名称长度不符合要求。",
    ),
    "INVALID_MINI_APP_SERVICE_TEL": (
        "The service phone is not 5 to 30 digits and `-`.",
        "客服电话不是 5 至 30 位的数字和 `-`。",
    ),
    "INVALID_CATEGORY": (
        "A category id is unknown, of the other tree, or not open to the account.",
        "类目编号不存在、属于另一棵类目树，或对该账号不开放。",
    ),
    "CATEGORY_NUM_IS_INVALID": (
        "There are no categories, or more than four.",
        "没有类目，或类目多于 4 个。",
    ),
    "EXIST_LARGER_ONLINED_VERSION": (
        "A larger version number is online already.",
        "线上已有更大的版本号。",
    ),
    "DEFAULT_LOGO": ("The app still has the default logo.", "应用仍在使用默认图标。"),
    "INVALID_LOGO": (
        "The logo cannot be used; pictures in CMYK are refused so.",
        "图标不可用；CMYK 图片会这样被拒绝。",
    ),
    "INVALID_LOGO_EXT": (
        "The format of the logo is not allowed; pictures in CMYK are refused so, too.",
        "图标格式不允许；CMYK 图片也会这样被拒绝。",
    ),
    "INVALID_LICENSE_PIC_EXT": (
        "The format of a licence picture is not allowed, or its colours are CMYK.",
        "执照图片的格式不允许，或色彩模式为 CMYK。",
    ),
    "MINI_APP_NAME_SENSITIVE": ("The name has a sensitive word.", "小程序名称含有敏感词。"),
    "MINI_APP_EN_NAME_SENSITIVE": (
        "The English name has a sensitive word.",
        "小程序英文名含有敏感词。",
    ),
    "MINI_APP_SLOGAN_SENSITIVE": ("The slogan has a sensitive word.", "小程序简介含有敏感词。"),
    "MINI_APP_DESC_SENSITIVE": ("The description has a sensitive word.", "小程序描述含有敏感词。"),
    "MINI_APP_MEMO_SENSITIVE": ("The memo has a sensitive word.", "审核备注含有敏感词。"),
    "MINI_APP_SERVICE_MAIL_SENSITIVE": (
        "The service e-mail has a sensitive word.",
        "客服邮箱含有敏感词。",
    ),
    "RISK_DECISION_CHECK_FAIL": (
        "Risk control found a word in the name, slogan or description.",
        "风控在名称、简介或描述中发现了不允许的内容。",
    ),
    "MINI_APP_NAME_DUPLICATE": ("The name is taken.", "小程序名称已被占用。"),
    "MINI_APP_EN_NAME_DUPLICATE": ("The English name is taken.", "小程序英文名已被占用。"),
    "MINI_VERSION_NAME_DUPLICATE": ("The name is taken.", "小程序名称已被占用。"),
    "CAN_NOT_MODIFY_NAME_ONCE_ONLINE": (
        "The name cannot be changed once the app has been online.",
        "应用上架过之后不能修改名称。",
    ),
    "APPSTORE_RPC_INVOKE_ERROR": (
        "A call inside the platform failed.",
        "平台内部调用失败。",
    ),
    "app-call-limited": ("The app calls too often.", "应用的调用频率超限。"),
    "method-call-limited": ("The API is called too often.", "接口的调用频率超限。"),
    "unknow-error": ("A fault of the platform.", "平台服务异常。"),
    "access-data-time-out": (
        "The platform did not reach its data in time.",
        "平台访问数据超时。",
    ),
    "insufficient-isv-permissions": (
        "The app has no permission for this API.",
        "应用没有该接口的权限。",
    ),
    "self-invoke-forbidden": (
        "A third-party app called for itself, without a merchant's token.",
        "第三方应用没有携带商家授权令牌，以自身身份发起了调用。",
    ),
    "illegal-client-ip": (
        "The calling address is not on the app's allow-list.",
        "调用方地址不在应用的 IP 白名单内。",
    ),
    "no-product-reg-by-partner": (
        "The merchant behind the token has not signed up, or the app was penalised.",
        "令牌对应的商家没有签约该产品，或应用受到处罚。",
    ),
    "invalid-app-id": (
        "The app id is unknown in this environment.",
        "该环境没有这个应用编号。",
    ),
    "missing-default-signature-type": (
        "Signing is not set up for the app in the console.",
        "应用还没有在控制台设置签名方式。",
    ),
    "invalid-signature": (
        "The signature does not match what was received and the key of the app.",
        "签名与收到的内容或应用的密钥不符。",
    ),
    "missing-timestamp": (
        "The time stamp is missing; a call without an Authorization header gets this answer.",
        "缺少时间戳；没有请求头 Authorization 的调用也会得到这个回答。",
    ),
    "unknown-sub-code": (
        "The gateway does not know the code of the business side; its message has it.",
        "网关不认识业务侧的错误码，真正的错误码在错误信息里。",
    ),
}
"""Code -> its meaning in English and in Chinese."""


def meaning_of(code: str, language: str) -> str:
    """Return what a code means; a sentence that says so where it is not documented.

    Args:
        code: spelt as on the wire.
        language: "zh" or "en".
    """
    found = MEANINGS.get(code)
    if found is None:
        return _UNDOCUMENTED[language]
    return found[1] if language == "zh" else found[0]
