"""Codes that `cancel` answers, some of them `apply` too (official OpenAPI schema of 2026-10-08)."""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.codes.code import APPLY_AND_CANCEL, CANCEL, RowsOf
from alipay_mini_audit.errors import ErrorKind

__all__ = ["CANCEL_CODES"]

shared_unavailable = RowsOf(ErrorKind.UNAVAILABLE, APPLY_AND_CANCEL)
shared_state = RowsOf(ErrorKind.STATE, APPLY_AND_CANCEL)
shared_permission = RowsOf(ErrorKind.PERMISSION, APPLY_AND_CANCEL)
shared_request = RowsOf(ErrorKind.REQUEST, APPLY_AND_CANCEL)
state = RowsOf(ErrorKind.STATE, CANCEL)
unavailable = RowsOf(ErrorKind.UNAVAILABLE, CANCEL)
request = RowsOf(ErrorKind.REQUEST, CANCEL)

CANCEL_CODES: Final = (
    shared_unavailable("SYSTEM_ERROR", "ask_then_repeat_or_support"),
    shared_state(
        "MINI_APP_PACKAGE_INFO_NOT_EXIST",
        "check_version_is_built",
        "app_version",
        may_have_landed=True,  # as of every version that is not there, also after its deletion
    ),
    shared_state("MINI_APP_VERSION_ITERATION_EXIST", "ask_for_state", may_have_landed=True),
    shared_permission("APPLICATION_TYPE_NOT_MINIAPP", "check_app_type", "app_id", "app_auth_token"),
    shared_permission("APP_INFO_NOT_EXIST", "check_token_or_template", "app_auth_token"),
    shared_request("BUNDLE_ID_NOT_EXIST", "correct_bundle_id", "bundle_id"),
    state("AUDITING_VERSION_NOT_EXIST", "ask_what_is_in_audit", may_have_landed=True),
    state("INVALID_VERSION_STATUS", "ask_if_in_audit", may_have_landed=True),
    state("TINYAPP_STATUS_INVALID", "ask_if_in_audit", may_have_landed=True),
    state("MULTI_CLIENT_NOT_PACKAGED_STATUS", "ask_for_state_and_support", may_have_landed=True),
    state("MINI_APP_NOT_ONLINE", "ask_for_state_and_support"),
    unavailable("APPSTORE_RPC_INVOKE_ERROR", "ask_then_repeat"),
    request("APPID_IS_BLANK", "check_app_id_and_token", "app_id", "app_auth_token"),
)
