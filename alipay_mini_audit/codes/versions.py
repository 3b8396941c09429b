"""Codes of the calls around an audit (official OpenAPI schema of 2026-10-08, enums of its SDKs).

Which state gives which code is stated nowhere: what a code advises is to ask for the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from alipay_mini_audit.codes.code import RowsOf
from alipay_mini_audit.errors import ErrorKind

__all__ = ["ANSWERED", "VERSION_CODES"]

NONE: Final[frozenset[str]] = frozenset()
"""Who answers them is in `ANSWERED`."""

state = RowsOf(ErrorKind.STATE, NONE)
permission = RowsOf(ErrorKind.PERMISSION, NONE)
unavailable = RowsOf(ErrorKind.UNAVAILABLE, NONE)
request = RowsOf(ErrorKind.REQUEST, NONE)

VERSION_CODES: Final = (
    state("CAN_NOT_BACK_DEV_WITHOUT_AUDIT", "ask_if_audited", may_have_landed=True),
    state("CAN_NOT_ONLINE_WITHOUT_AUDIT", "pass_audit_first"),
    state("CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE", "ask_if_releasable", may_have_landed=True),
    state("CAN_NOT_ONLINE_WITHOUT_GRAY", "go_gray_first"),
    state("CAN_NOT_ONLINE_NO_PROMOTE", "look_at_can_release"),
    state("CAN_NOT_OFFLINE_WITHOUT_ONLINE", "ask_if_online", may_have_landed=True),
    state("CAN_NOT_OFFLINE_WITH_GRAY", "end_gray_first"),
    state("CAN_NOT_ROLLBACK_WITHOUT_ONLINE", "ask_what_is_online", may_have_landed=True),
    state("CAN_NOT_CONTINUOUS_ROLLBACK", "release_new_version", may_have_landed=True),
    state("CAN_NOT_ROLLBACK_WITH_GRAY", "end_gray_first"),
    state("CAN_NOT_ROLLBACK_WITHOUT_OFFLINE", "release_new_version"),
    state("CAN_NOT_GRAY_WITHOUT_AUDIT_PASS", "ask_if_passed"),
    state("CAN_NOT_GRAY_WITHOUT_INNER_PASS", "ask_for_state_and_support"),
    state("CAN_NOT_GRAY_WITH_RISK_VERSION", "ask_for_state_and_support"),
    state("GRAY_STRATEGY_NOT_ALLOW_REDUCE", "give_larger_share", may_have_landed=True),
    state("CAN_NOT_END_GRAY_WITHOUT_GRAY", "ask_if_gray", may_have_landed=True),
    state("MINI_APP_VERSION_STATUS_ILLEGAL", "ask_if_gray", may_have_landed=True),
    state("CAN_NOT_CANCEL_GRAY_WITH_DIFF_DW", "ask_for_state_and_support"),
    state("CAN_NOT_DELETE_WITHOUT_DEV", "return_to_development", may_have_landed=True),
    state("CAN_NOT_DELETE_WITH_SCANNING", "wait_for_scan"),
    state("CAN_NOT_DELETE_WITH_EXPERIENCE", "cancel_experience_first"),
    state("CAN_NOT_DELETE_WITH_INSTANTIATE", "ask_for_state_and_support"),
    permission("CAN_NOT_ONLINE_WITHOUT_REGISTRATION", "file_app_first"),
    permission("CAN_NOT_ROLLBACK_PUNISH", "look_for_restriction"),
    permission("TEMPLATE_NOT_ALLOWED_OFFLINE", "keep_template_online"),
    permission("MERCHANT_NOT_EXESIT", "check_account_and_token"),
    permission("NO_AUTH_RELATION", "have_merchant_grant"),
    permission("NO_TEMPLATE_INSTANTIATE_RELATION", "check_template_of_app"),
    permission("CODE_TEMPLATE_NOT_EXIST", "check_template_of_app"),
    permission("APPLICATION_TYPE_ILLEGAL", "check_app_type", "app_id", "app_auth_token"),
    permission("ISV_APP_ID_IS_BLANK", "call_as_third_party", "app_id"),
    permission("APP_NOT_ISV", "call_as_third_party", "app_id"),
    permission("AUTH_TOKEN_NOT_EXISTED", "have_merchant_grant", "app_auth_token"),
    permission("AUTH_TOKEN_NOT_CONSISTENT", "use_app_of_token", "app_id", "app_auth_token"),
    unavailable("POLLING_BUILDING_ERROR", "ask_build_again"),
    unavailable("APP_OPERATOR_QUERY_ERROR", "ask_then_repeat_undocumented"),
    unavailable("CREATE_GRAY_RULE_ERROR", "ask_then_repeat_undocumented"),
    unavailable("EXECUTE_GRAY_FAILED", "ask_then_repeat_undocumented"),
    request("MINI_APP_VERSION_NOT_EXIST", "correct_version", "app_version"),
    request("BUILD_VERSION_NOT_EXISTED", "correct_build", "app_version"),
    request("POLLING_BUILD_VERSION_NOT_EXIST", "correct_build", "app_version"),
    request("VERSION_IS_BLANK", "send_built_version", "app_version"),
    request("GRAY_STRATEGY_IS_BLANK", "give_a_share"),
    request("GRAY_STRATEGY_IS_INVALID", "give_a_share"),
    request("PACKAGE_ID_IS_BLANK", "ask_support"),
    request("PAGE_SIZE_LESS_ZERO", "ask_support"),
    request("ILLEGAL_PARAM", "correct_named_field"),
)
"""Those that neither `apply` nor `cancel` answers, each once."""

_USUAL: Final = ("SYSTEM_ERROR", "APP_VERSION_IS_BLANK", "APPLICATION_TYPE_NOT_MINIAPP")
_OF_A_MOVE: Final = (*_USUAL, "MINI_APP_PACKAGE_INFO_NOT_EXIST")

ANSWERED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "detail": (*_USUAL, "BUNDLE_ID_NOT_EXIST", "VERSION_IS_BLANK"),
        "list": (
            *("SYSTEM_ERROR", "APPLICATION_TYPE_NOT_MINIAPP"),
            *("NO_TEMPLATE_INSTANTIATE_RELATION", "PAGE_SIZE_LESS_ZERO"),
        ),
        "build_status": (
            *(*_USUAL, "CODE_TEMPLATE_NOT_EXIST", "NO_AUTH_RELATION", "MINI_APP_NOT_ONLINE"),
            *("ISV_APP_ID_IS_BLANK", "BUILD_VERSION_NOT_EXISTED", "BUNDLE_ID_NOT_EXIST"),
            *("APPLICATION_TYPE_ILLEGAL", "NO_TEMPLATE_INSTANTIATE_RELATION"),
            *("PACKAGE_ID_IS_BLANK", "POLLING_BUILDING_ERROR", "POLLING_BUILD_VERSION_NOT_EXIST"),
        ),
        "cancel_audited": (
            *(*_OF_A_MOVE, "CAN_NOT_BACK_DEV_WITHOUT_AUDIT", "BUNDLE_ID_NOT_EXIST"),
            *("MINIAPP_VERSION_NOT_EXSIT", "APP_INFO_NOT_EXIST", "INVALID_PARAMETER"),
            "MINI_APP_VERSION_ITERATION_EXIST",
        ),
        "online": (
            *(*_OF_A_MOVE, "CAN_NOT_ONLINE_WITHOUT_GRAY", "CAN_NOT_ONLINE_WITHOUT_AUDIT"),
            *("CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE", "CAN_NOT_ONLINE_NO_PROMOTE"),
            *("CAN_NOT_ONLINE_WITHOUT_REGISTRATION", "MINI_APP_NOT_ONLINE"),
            *("MINI_APP_VERSION_NOT_EXIST", "APP_INFO_NOT_EXIST", "MERCHANT_NOT_EXESIT"),
            *("DEVELOPER_INFO_NOT_EXIST", "MINI_APP_VERSION_ITERATION_EXIST"),
        ),
        "offline": (
            *(*_OF_A_MOVE, "CAN_NOT_OFFLINE_WITHOUT_ONLINE", "CAN_NOT_OFFLINE_WITH_GRAY"),
            *("MINI_APP_NOT_ONLINE", "BUNDLE_ID_NOT_EXIST", "APP_INFO_NOT_EXIST"),
            *("MINI_APP_VERSION_NOT_EXIST", "TEMPLATE_NOT_ALLOWED_OFFLINE"),
            "MINI_APP_VERSION_ITERATION_EXIST",
        ),
        "gray_online": (
            *(*_OF_A_MOVE, "GRAY_STRATEGY_IS_BLANK", "GRAY_STRATEGY_IS_INVALID"),
            *("GRAY_STRATEGY_NOT_ALLOW_REDUCE", "CAN_NOT_GRAY_WITHOUT_AUDIT_PASS"),
            *("CAN_NOT_GRAY_WITHOUT_INNER_PASS", "CAN_NOT_GRAY_WITH_RISK_VERSION"),
            *("MINI_APP_NOT_ONLINE", "BUNDLE_ID_NOT_EXIST", "MINIAPP_VERSION_NOT_EXSIT"),
            *("APP_INFO_NOT_EXIST", "APP_OPERATOR_QUERY_ERROR", "CREATE_GRAY_RULE_ERROR"),
            "EXECUTE_GRAY_FAILED",
        ),
        "gray_cancel": (
            *(*_OF_A_MOVE, "CAN_NOT_END_GRAY_WITHOUT_GRAY", "MINI_APP_NOT_ONLINE"),
            *("BUNDLE_ID_NOT_EXIST", "MINI_APP_VERSION_NOT_EXIST"),
            *("MINI_APP_VERSION_STATUS_ILLEGAL", "CAN_NOT_CANCEL_GRAY_WITH_DIFF_DW"),
            "MINI_APP_VERSION_ITERATION_EXIST",
        ),
        "rollback": (
            *(*_OF_A_MOVE, "MINI_APP_NOT_ONLINE", "CAN_NOT_ROLLBACK_WITHOUT_ONLINE"),
            *("CAN_NOT_CONTINUOUS_ROLLBACK", "CAN_NOT_ROLLBACK_WITH_GRAY"),
            *("CAN_NOT_ROLLBACK_WITHOUT_OFFLINE", "CAN_NOT_ROLLBACK_PUNISH"),
            *("BUNDLE_ID_NOT_EXIST", "APP_INFO_NOT_EXIST", "MINI_APP_VERSION_ITERATION_EXIST"),
        ),
        "delete": (
            *(*_OF_A_MOVE, "MINI_APP_NOT_ONLINE", "CAN_NOT_DELETE_WITHOUT_DEV"),
            *("CAN_NOT_DELETE_WITH_SCANNING", "CAN_NOT_DELETE_WITH_EXPERIENCE"),
            *("CAN_NOT_DELETE_WITH_INSTANTIATE", "BUNDLE_ID_NOT_EXIST", "APP_INFO_NOT_EXIST"),
            "MINI_APP_VERSION_ITERATION_EXIST",
        ),
        "token": (
            *("ILLEGAL_PARAM", "APP_NOT_ISV", "AUTH_TOKEN_NOT_EXISTED"),
            *("AUTH_TOKEN_NOT_CONSISTENT", "SYSTEM_ERROR"),
        ),
        "categories": ("SYSTEM_ERROR", "USER_NOT_EXIST", "INVALID_PARAMETER"),
    }
)
"""Operation -> its codes; many are codes of `apply` or `cancel`, too, and mean the same."""
