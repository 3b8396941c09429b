"""What codes about versions, apps and accounts mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["BY_NAME", "DOCUMENTED"]

DOCUMENTED: Final[Mapping[str, tuple[str, str]]] = {
    "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY": (
        "Another version is in audit, passed, rejected or in gray release; there may be only one.",
        "已有另一个版本处于审核中、审核通过、审核驳回或灰度状态，同时最多只能有一个。",
    ),
    "MINI_APP_INFO_AUDIT_CONTAINS": (
        "A change of the app's basic information is itself in audit.",
        "应用基础信息的变更正在审核中。",
    ),
    "SYSTEM_ERROR": (
        "A fault of the platform; whether the call took effect is not known.",
        "平台系统异常，调用是否生效未知。",
    ),
    "MINI_APP_PACKAGE_INFO_NOT_EXIST": (
        "The version is wrong or was deleted, or its build is not finished.",
        "版本号有误、版本已删除，或构建尚未完成。",
    ),
    "APP_VERSION_IS_BLANK": (
        "The version is missing, empty or wrong, or its build is not finished.",
        "版本号缺失、为空或有误，或构建尚未完成。",
    ),
    "APPLICATION_TYPE_NOT_MINIAPP": (
        "The app id, or the app behind the token, is not a mini-program.",
        "该 APPID 或令牌对应的应用不是小程序。",
    ),
    "APP_INFO_NOT_EXIST": (
        "The token of the merchant is wrong or not in effect.",
        "商家授权令牌有误或未生效。",
    ),
    "BUNDLE_ID_NOT_EXIST": (
        "The platform does not know this `bundle_id`.",
        "平台没有这个 `bundle_id`。",
    ),
    "CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS": (
        "The security scan of the version is not over, or has failed.",
        "该版本的安全扫描尚未完成或未通过。",
    ),
    "EXIST_LARGER_ONLINED_VERSION": (
        "A larger version number is online already.",
        "线上已有更大的版本号。",
    ),
    "APPSTORE_RPC_INVOKE_ERROR": (
        "A call inside the platform failed; whether yours took effect is not known.",
        "平台内部调用失败，您的调用是否生效未知。",
    ),
}
"""Code -> its meaning in English and in Chinese."""

BY_NAME: Final[Mapping[str, tuple[str, str]]] = {
    "SUBMIT_REPEAT": ("this version has been submitted already.", "该版本已经提交过。"),
    "CAN_NOT_SUBMIT_WITH_AUDIT": ("a version is in audit already.", "已有版本在审核中。"),
    "CAN_NOT_SUBMIT_WITHOUT_INIT": ("the version is not in development.", "该版本不在开发状态。"),
    "MINIAPP_VERSION_NOT_EXSIT": ("the app has no such version.", "应用没有这个版本。"),
    "MINI_APP_VERSION_ITERATION_EXIST": (
        "an iteration of this version exists already.",
        "该版本的迭代已存在。",
    ),
    "SYSTEM_LIMIT": (
        "a limit of the platform is reached; for how long is not said.",
        "已达到平台的某项限制，但未说明持续多久。",
    ),
    "TINY_APP_AUDIT_NOT_PERMIT": (
        "the app may not be submitted for audit.",
        "该应用不允许提交审核。",
    ),
    "MINI_APP_RESTRICTED_AUDIT_CONTROL": (
        "the platform restricts submissions of this app.",
        "平台限制了该应用提交审核。",
    ),
    "CAN_NOT_SUBMIT_WITH_PUNISH_ORDER_LIMIT": (
        "a penalty keeps the app from being submitted.",
        "因处罚单的限制，该应用不能提交审核。",
    ),
    "CAN_NOT_SUBMIT_WITH_ONLINE_MINI_APP_EXCEED_LIMIT": (
        "too many mini-programs are online already.",
        "已上架的小程序数量超过上限。",
    ),
    "CAN_NOT_SUBMIT_WITH_ALI_CLOUD": (
        "the app cannot be submitted because of its tie to Alibaba Cloud.",
        "因与阿里云有关的原因，该应用不能提交审核。",
    ),
    "BUSINESS_LICENSE_REVOCATED_SUBMIT": (
        "the business licence has been revoked.",
        "营业执照已被吊销。",
    ),
    "USER_NOT_EXIST": ("the platform finds no such user.", "平台没有找到该用户。"),
    "DEVELOPER_INFO_NOT_EXIST": (
        "the platform finds no information on the developer.",
        "平台没有找到开发者信息。",
    ),
    "SUB_APPLICATION_TYPE_ERROR": (
        "the app is of a type that cannot be submitted.",
        "应用的子类型不符合要求。",
    ),
    "BRAND_TORT_NOT_END": ("a dispute about a brand is still open.", "品牌侵权纠纷尚未了结。"),
    "AUDITING_VERSION_NOT_EXIST": ("there is no version in audit.", "没有审核中的版本。"),
    "INVALID_VERSION_STATUS": (
        "the version is in a state that the call does not allow.",
        "该版本的状态不允许此操作。",
    ),
    "TINYAPP_STATUS_INVALID": (
        "the app is in a state that the call does not allow.",
        "该小程序的状态不允许此操作。",
    ),
    "MULTI_CLIENT_NOT_PACKAGED_STATUS": (
        "the version is not packaged for this client yet.",
        "该版本尚未在对应的端上打包。",
    ),
    "MINI_APP_NOT_ONLINE": ("the app is not online.", "该小程序未上架。"),
    "APPID_IS_BLANK": ("the app id is missing.", "缺少 APPID。"),
}
"""Code -> what its name alone suggests."""
