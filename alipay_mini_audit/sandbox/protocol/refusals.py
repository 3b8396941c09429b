"""`Refusal`, and the table of codes that the gateway refuses with.

Codes and statuses: docs pages 054oog and 054fcv, and the error lists of the calls in the schema of
2026-10-08. A text says how the sandbox uses its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, final

__all__ = ["CODES", "Refusal"]

_BAD: Final = 400
_TOLD: Final = (_BAD, "The gateway was told to answer so.")

_RULES: Final = {
    "MINIAPP_VERSION_NOT_EXSIT": "There can be no such version.",
    "INVALID_VERSION_DESC_LENGTH": "version_desc has not 30 to 500 characters.",
    "INVALID_MINI_APP_NAME_LENGTH": "app_name has not 3 to 40 characters.",
    "INVALID_MINI_APP_NAME": "app_name has characters that a name cannot have.",
    "INVALID_MINI_APP_EN_NAME_LENGTH": "app_english_name has not 3 to 30 characters.",
    "INVALID_MINI_APP_EN_NAME": "app_english_name has more than letters and digits.",
    "INVALID_MINI_APP_SLOGAN_LENGTH": "app_slogan has not 10 to 32 characters.",
    "INVALID_MINI_APP_DESC_LENGTH": "app_desc has not 20 to 400 characters.",
    "INVALID_MINI_APP_MEMO_LENGTH": "memo has more than 500 characters.",
    "INVALID_MINI_APP_SERVICE_TEL": "service_phone is not 5 to 30 digits and dashes.",
    "INVALID_MINI_APP_SERVICE_MAIL": "service_email is not an e-mail address.",
    "REGION_TYPE_IS_INVALID": "region_type is not GLOBAL, CHINA or LOCATION.",
    "REGION_CODE_IS_BLANK": "A place of service lacks a code.",
    "REGION_CODE_IS_INVALID": "A code of a place of service is not six digits.",
    "INVALID_CATEGORY": "A category is none of its tree.",
    "CATEGORY_NUM_IS_INVALID": "There are more than four categories.",
    "LICENSE_VALID_DATE_IS_INVALID": "The licence has ended, or its end is not a date.",
    "APP_NAME_IS_BLANK": "app_name was never set.",
    "ENGLISH_NAME_IS_BLANK": "app_english_name was never set.",
    "SLOGAN_IS_BLANK": "app_slogan was never set.",
    "APP_DESC_IS_BLANK": "app_desc was never set.",
    "LOGO_IS_BLANK": "app_logo was never sent.",
    "CATEGORY_IS_BLANK": "No category was ever set.",
    "SERVICE_TEL_AND_MAIL_BOTH_BLANK": "Neither service_phone nor service_email was ever set.",
    "REGION_TYPE_IS_BLANK": "region_type was never set.",
    "INVALID_LOGO_EXT": "The logo is not a png or jpg that can be read.",
    "INVALID_LOGO": "The logo has the colours of print; save it as RGB.",
    "LOGO_EXCEED_MAX_SIZE": "The logo is larger than 2 MB.",
    "LOGO_HEIGHT_NOT_EQUAL_WIDTH": "The logo is not square.",
    "INVALID_SCREEN_SHOT_EXT": "A screenshot is not a png or jpg in RGB that can be read.",
    "SCREEN_SHOT_EXCEED_MAX_SIZE": "A screenshot is larger than 4 MB or 2160 x 3840 pixels.",
    "SCREEN_SHOT_NUM_IS_INVALID": "There are not two to five screenshots.",
    "INVALID_LICENSE_PIC_EXT": "A licence is not a png or jpg in RGB that can be read.",
    "INVALID_FILE_EXT": "A file is not of a format that its part takes, or cannot be read.",
    "FILE_SIZE_EXCEED": "A file is too large.",
}
"""Of the rules of fields and files: code and usual text."""

_MOVES: Final = {
    "SUBMIT_REPEAT": "The version is under audit already.",
    "CAN_NOT_SUBMIT_WITHOUT_INIT": "The version is not in development.",
    "CAN_NOT_SUBMIT_WITHOUT_SCAN_PASS": "The package of the version has not passed the scan.",
    "CAN_NOT_SUBMIT_WITH_AUDIT": "Another version is under audit.",
    "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY": (
        "Another version has passed its audit, was rejected, or is in gray release."
    ),
    "AUDITING_VERSION_NOT_EXIST": "No such version is under audit.",
    "MINI_APP_PACKAGE_INFO_NOT_EXIST": "The version was deleted, or is not built yet.",
    "CAN_NOT_BACK_DEV_WITHOUT_AUDIT": "The audit of the version has not ended, or is long past.",
    "CAN_NOT_DELETE_WITHOUT_DEV": "The version is not in development.",
    "CAN_NOT_DELETE_WITH_SCANNING": "The scan of the version's package goes on.",
    "CAN_NOT_ONLINE_WITHOUT_AUDIT": "The version has not passed an audit.",
    "CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE": (
        "The version neither waits for its release nor is in gray release."
    ),
    "CAN_NOT_ONLINE_NO_PROMOTE": "The audit for promotion failed, and can_release is not true.",
    "CAN_NOT_OFFLINE_WITHOUT_ONLINE": "The version is not online.",
    "CAN_NOT_OFFLINE_WITH_GRAY": "A version is in gray release.",
    "CAN_NOT_ROLLBACK_WITHOUT_ONLINE": "The version is not online.",
    "CAN_NOT_ROLLBACK_WITH_GRAY": "A version is in gray release.",
    "CAN_NOT_ROLLBACK_WITHOUT_OFFLINE": "No version was online before this one.",
    "CAN_NOT_ROLLBACK_PUNISH": "The version before this one was taken down by force.",
    "CAN_NOT_CONTINUOUS_ROLLBACK": "The version came back by a rollback itself.",
    "GRAY_STRATEGY_IS_BLANK": "gray_strategy is missing or blank.",
    "GRAY_STRATEGY_IS_INVALID": "gray_strategy is not p10, p30 or p50.",
    "GRAY_STRATEGY_NOT_ALLOW_REDUCE": "More users have the version already.",
    "CAN_NOT_GRAY_WITHOUT_AUDIT_PASS": "The version does not wait for its release.",
    "CAN_NOT_END_GRAY_WITHOUT_GRAY": "The version is not in gray release.",
    "BUILD_VERSION_NOT_EXISTED": "No such version is being built, or was.",
}
"""Of the calls that move versions: code and usual text."""

CODES: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "missing-timestamp": (_BAD, "There is no Authorization header, or no timestamp in it."),
        "invalid-timestamp": (_BAD, "timestamp is not a number of milliseconds."),
        "illegal-timestamp": (
            _BAD,
            "timestamp is more than ten minutes away from the platform's clock.",
        ),
        "invalid-signature-type": (_BAD, "The Authorization scheme is not ALIPAY-SHA256withRSA."),
        "missing-signature": (_BAD, "The Authorization header has no sign."),
        "invalid-signature": (
            _BAD,
            "The signature does not fit what was received and the key of the app.",
        ),
        "missing-app-id": (_BAD, "The Authorization header has no app_id."),
        "invalid-app-id": (_BAD, "The app_id is unknown here."),
        "app-cert-not-exist": (
            _BAD,
            "app_cert_sn is not the serial number of the app's certificate.",
        ),
        "invalid-alipay-root-cert-sn": (
            _BAD,
            "alipay-root-cert-sn is not that of the root certificate.",
        ),
        "invalid-app-auth-token": (401, "The header alipay-app-auth-token is empty."),
        "app-auth-token-time-out": (401, "The merchant's token has ended."),
        "invalid-app-auth-token-no-api": (403, "The merchant's token does not allow this API."),
        "app-call-limited": (429, "The app calls too often."),
        "missing-encrypt-type": (_BAD, "The header alipay-encrypt-type is empty."),
        "invalid-encrypt-type": (_BAD, "alipay-encrypt-type is not AES."),
        "missing-encrypt-key": (_BAD, "The app has no AES key here."),
        "invalid-encrypt": (
            _BAD,
            "The header says that the content is encrypted, but its type is not text/plain.",
        ),
        "decryption-error": (_BAD, "The content cannot be decrypted with the AES key of the app."),
        "invalid-parameter": (_BAD, "A parameter of the protocol is wrong."),
        "invalid-method": (404, "There is no such API."),
        "invalid-http-method": (_BAD, "The API is called with another HTTP method."),
        "invalid-content-type": (_BAD, "The Content-Type is not the one that the API takes."),
        "invalid-request-data": (_BAD, "The body cannot be read."),
        "invalid-file-extension": (_BAD, "A file part has no file name with an extension."),
        "illegal-json": (_BAD, "The business data is not a JSON object."),
        "APP_VERSION_IS_BLANK": (_BAD, "app_version is missing or blank."),
        "VERSION_DESC_IS_BLANK": (_BAD, "version_desc is missing or blank."),
        "INVALID_PARAMETER": (_BAD, "A field of the business data has the wrong type."),
        "SYSTEM_ERROR": (500, "The system is busy; try again later."),
        "SYSTEM_LIMIT": (_BAD, "The template has been submitted five times today."),
        "ILLEGAL_PARAM": (_BAD, "app_auth_token is missing or blank."),
        "AUTH_TOKEN_NOT_EXISTED": (_BAD, "There is no such app_auth_token."),
        **{code: (_BAD, text) for code, text in {**_RULES, **_MOVES}.items()},
    }
)
"""Every code with its HTTP status and its usual text."""


@final
class Refusal(Exception):
    """The gateway answers with an error; never leaves the sandbox.

    Attributes:
        code: the platform's code; a key of `CODES` unless the status is given.
        http_status: status of the answer; `None` takes that of the code.
        message: what was wrong, for a person; of what was sent it holds names at most.
    """

    def __init__(
        self, code: str, message: str | None = None, http_status: int | None = None
    ) -> None:
        self.code = code
        status, usual = CODES[code] if http_status is None else CODES.get(code, _TOLD)
        self.http_status = status if http_status is None else http_status
        self.message = usual if message is None else message
        super().__init__(f"{code}: {self.message}")
