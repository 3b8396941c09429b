"""What codes of the calls around an audit mean: builds, release, gray release, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["BY_NAME", "DOCUMENTED"]

DOCUMENTED: Final[Mapping[str, tuple[str, str]]] = {
    "NO_AUTH_RELATION": (
        "The merchant has granted your application nothing.",
        "商家与第三方应用之间没有授权关系。",
    ),
    "AUTH_TOKEN_NOT_EXISTED": ("There is no such token.", "该授权令牌不存在。"),
    "AUTH_TOKEN_NOT_CONSISTENT": (
        "The token was granted to another application.",
        "该令牌是授权给另一个应用的。",
    ),
}
"""Code -> its meaning in English and in Chinese."""

BY_NAME: Final[Mapping[str, tuple[str, str]]] = {
    "CAN_NOT_BACK_DEV_WITHOUT_AUDIT": (
        "the version has not been audited, so there is nothing to take back.",
        "该版本没有审核结果，无法退回开发。",
    ),
    "CAN_NOT_ONLINE_WITHOUT_AUDIT": (
        "the version has not passed the audit.",
        "该版本未通过审核，不能上架。",
    ),
    "CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE": (
        "the version neither waits to be released nor is in gray release.",
        "该版本既不是待上架，也不在灰度中。",
    ),
    "CAN_NOT_ONLINE_WITHOUT_GRAY": (
        "the version has not been in gray release.",
        "该版本未经过灰度，不能上架。",
    ),
    "CAN_NOT_ONLINE_NO_PROMOTE": (
        "the audit of marketing is not passed.",
        "营销审核未通过，不能上架。",
    ),
    "CAN_NOT_OFFLINE_WITHOUT_ONLINE": ("the version is not online.", "该版本未上架，无法下架。"),
    "CAN_NOT_OFFLINE_WITH_GRAY": ("a gray release is under way.", "有版本在灰度中，不能下架。"),
    "CAN_NOT_ROLLBACK_WITHOUT_ONLINE": (
        "the version to leave is not online.",
        "要回滚的版本未上架。",
    ),
    "CAN_NOT_CONTINUOUS_ROLLBACK": (
        "there may be no second rollback in a row.",
        "不能连续回滚。",
    ),
    "CAN_NOT_ROLLBACK_WITH_GRAY": ("a gray release is under way.", "有版本在灰度中，不能回滚。"),
    "CAN_NOT_ROLLBACK_WITHOUT_OFFLINE": (
        "there is no earlier version to go back to.",
        "没有可以回滚到的历史版本。",
    ),
    "CAN_NOT_GRAY_WITHOUT_AUDIT_PASS": (
        "the version has not passed the audit.",
        "该版本未通过审核，不能灰度。",
    ),
    "CAN_NOT_GRAY_WITHOUT_INNER_PASS": (
        "an inner check is not passed.",
        "内部检查未通过，不能灰度。",
    ),
    "CAN_NOT_GRAY_WITH_RISK_VERSION": (
        "the version is held to be a risk.",
        "该版本存在风险，不能灰度。",
    ),
    "GRAY_STRATEGY_NOT_ALLOW_REDUCE": (
        "the share of a gray release may only grow.",
        "灰度比例只能增大，不能减小。",
    ),
    "CAN_NOT_END_GRAY_WITHOUT_GRAY": (
        "the version is not in gray release.",
        "该版本不在灰度中，无法结束灰度。",
    ),
    "MINI_APP_VERSION_STATUS_ILLEGAL": (
        "the version is in a state that the call does not allow.",
        "该版本的状态不允许此操作。",
    ),
    "CAN_NOT_CANCEL_GRAY_WITH_DIFF_DW": (
        "the gray release was begun with another setting.",
        "灰度开始时的设置与现在不同，无法结束。",
    ),
    "CAN_NOT_DELETE_WITHOUT_DEV": (
        "the version is not in development.",
        "该版本不在开发状态，不能删除。",
    ),
    "CAN_NOT_DELETE_WITH_SCANNING": (
        "the security scan of the version is under way.",
        "该版本正在安全扫描，不能删除。",
    ),
    "CAN_NOT_DELETE_WITH_EXPERIENCE": (
        "the version is the trial version.",
        "该版本是体验版，不能删除。",
    ),
    "CAN_NOT_DELETE_WITH_INSTANTIATE": (
        "the version is bound to the instance of a template.",
        "该版本与模板实例关联，不能删除。",
    ),
    "CAN_NOT_ONLINE_WITHOUT_REGISTRATION": (
        "the app is not filed with the authorities.",
        "小程序尚未备案，不能上架。",
    ),
    "CAN_NOT_ROLLBACK_PUNISH": ("a penalty forbids the rollback.", "因处罚不能回滚。"),
    "TEMPLATE_NOT_ALLOWED_OFFLINE": (
        "a template cannot be taken offline like this.",
        "模板不能用此接口下架。",
    ),
    "MERCHANT_NOT_EXESIT": ("the platform finds no such merchant.", "平台没有找到该商家。"),
    "NO_TEMPLATE_INSTANTIATE_RELATION": (
        "the app was not made of a template of yours.",
        "该小程序不是由您的模板实例化的。",
    ),
    "CODE_TEMPLATE_NOT_EXIST": ("there is no such template.", "模板不存在。"),
    "APPLICATION_TYPE_ILLEGAL": (
        "the app is of a type that the call does not allow.",
        "应用类型不允许调用此接口。",
    ),
    "ISV_APP_ID_IS_BLANK": (
        "the id of the third-party app is missing.",
        "缺少第三方应用的 APPID。",
    ),
    "APP_NOT_ISV": ("the calling app is no third-party app.", "调用方不是第三方应用。"),
    "POLLING_BUILDING_ERROR": (
        "the platform failed to look after the build.",
        "平台查询构建进度失败。",
    ),
    "APP_OPERATOR_QUERY_ERROR": (
        "the platform failed to look up the operator of the app.",
        "平台查询应用操作者失败。",
    ),
    "CREATE_GRAY_RULE_ERROR": (
        "the platform failed to set up the gray release.",
        "平台创建灰度规则失败。",
    ),
    "EXECUTE_GRAY_FAILED": (
        "the platform failed to carry out the gray release.",
        "平台执行灰度失败。",
    ),
    "MINI_APP_VERSION_NOT_EXIST": ("the app has no such version.", "小程序没有这个版本。"),
    "BUILD_VERSION_NOT_EXISTED": ("no such version was built.", "没有构建过这个版本。"),
    "POLLING_BUILD_VERSION_NOT_EXIST": (
        "no such version is being built.",
        "没有正在构建的这个版本。",
    ),
    "VERSION_IS_BLANK": ("the version is missing.", "缺少版本号。"),
    "GRAY_STRATEGY_IS_BLANK": (
        "the share of the gray release is missing.",
        "缺少灰度比例。",
    ),
    "GRAY_STRATEGY_IS_INVALID": (
        "the share of the gray release is not one of the platform's.",
        "灰度比例不是平台支持的取值。",
    ),
    "PACKAGE_ID_IS_BLANK": ("the id of the package is missing.", "缺少代码包的编号。"),
    "PAGE_SIZE_LESS_ZERO": (
        "the size of a page is below zero.",
        "分页大小小于零。",
    ),
    "ILLEGAL_PARAM": ("a parameter is not allowed.", "参数不合法。"),
}
"""Code -> what its name alone suggests."""
