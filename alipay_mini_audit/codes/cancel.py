"""Codes that `cancel` answers (official OpenAPI schema of 2026-10-08).

UploadResources with `apply`, and its own.
"""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.codes.code import Table
from alipay_mini_audit.errors import ErrorKind

__all__ = ["APPLY_AND_CANCEL", "CANCEL"]

APPLY_AND_CANCEL: Final[Table] = {
    ErrorKind.UNAVAILABLE: {
        "Ask `version_detail` whether the call took effect; if not, repeat it later or ask Alipay support.": (
            "SYSTEM_ERROR",
        ),
    },
    ErrorKind.STATE: {
        "Check that `app_version` exists; straight after an upload, poll build.query until it is built.": (
            "MINI_APP_PACKAGE_INFO_NOT_EXIST",
        ),
        "Not documented; ask `version_detail` for the version's state, an earlier attempt may have landed.": (
            "MINI_APP_VERSION_ITERATION_EXIST",
        ),
    },
    ErrorKind.PERMISSION: {
        "Check that the app id, or the app behind `app_auth_token`, is a mini-program.": (
            "APPLICATION_TYPE_NOT_MINIAPP",
        ),
        "Check `app_auth_token`: it is wrong or not in effect; or the upload has a wrong template id.": (
            "APP_INFO_NOT_EXIST",
        ),
    },
    ErrorKind.REQUEST: {
        "Correct `bundle_id`, or leave it out for the Alipay wallet.": ("BUNDLE_ID_NOT_EXIST",),
    },
}

CANCEL: Final[Table] = {
    ErrorKind.STATE: {
        "Ask `version_detail`: nothing is under audit, and an earlier cancel of yours may have landed.": (
            "AUDITING_VERSION_NOT_EXIST",
        ),
        "Ask `version_detail`: it is not in audit, and an earlier cancel of yours may have landed.": (
            "INVALID_VERSION_STATUS",
            "TINYAPP_STATUS_INVALID",
        ),
        "Not documented; ask `version_detail` for the state, and Alipay support with the trace id.": (
            "MULTI_CLIENT_NOT_PACKAGED_STATUS",
            "MINI_APP_NOT_ONLINE",
        ),
    },
    ErrorKind.UNAVAILABLE: {
        "Ask `version_detail` whether the cancel took effect; if not, repeat it later.": (
            "APPSTORE_RPC_INVOKE_ERROR",
        ),
    },
    ErrorKind.REQUEST: {
        "Check that `app_id` is set in the credentials and `app_auth_token` belongs to the mini-program.": (
            "APPID_IS_BLANK",
        ),
    },
}
