"""`Refusal`, and the table of codes that the gateway refuses with.

Codes and statuses: docs pages 054oog and 054fcv, and the error lists of the two audit calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, final

__all__ = ["CODES", "Refusal"]

_BAD: Final = 400

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
        "SUBMIT_REPEAT": (_BAD, "The version is under audit already."),
        "CAN_NOT_SUBMIT_WITHOUT_INIT": (_BAD, "The version is not in development."),
        "AUDITING_VERSION_NOT_EXIST": (_BAD, "No such version is under audit."),
    }
)
"""Every code with its HTTP status and its usual text."""


@final
class Refusal(Exception):
    """The gateway answers with an error; never leaves the sandbox.

    Attributes:
        code: the platform's code, a key of `CODES`.
        http_status: status of the answer.
        message: what was wrong, for a person; of what was sent it holds names at most.
    """

    def __init__(self, code: str, message: str | None = None) -> None:
        self.code = code
        self.http_status, usual = CODES[code]
        self.message = usual if message is None else message
        super().__init__(f"{code}: {self.message}")
