"""Codes of the gateway in front of every call (SDK enums, docs page 054fcv).

Only the page has `not-online-app`, `invalid-content-type`, `invalid-http-method`,
`unsupported-sdk-version`.
"""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.codes.code import Table
from alipay_mini_audit.errors import ErrorKind

__all__ = ["COMMON"]

COMMON: Final[Table] = {
    ErrorKind.THROTTLED: {
        "Call less often: the app's limit is reached; the call was not carried out and may be repeated.": (
            "app-call-limited",
        ),
        "Call less often: this API's limit is reached; the call was not carried out and may be repeated.": (
            "method-call-limited",
        ),
    },
    ErrorKind.UNAVAILABLE: {
        "Ask `version_detail` whether the call took effect; if not, repeat it later.": (
            "unknow-error",
            "access-data-time-out",
        ),
        "Not documented; ask `version_detail` whether the call took effect; if not, repeat it later.": (
            "upload-fail",
            "invalid-response-data",
        ),
    },
    ErrorKind.UNKNOWN: {
        "Read the message for the true code; ask `version_detail` before submitting again.": (
            "unknown-sub-code",
        ),
    },
    ErrorKind.PERMISSION: {
        "Not documented; by its name the app's allowance for this API is used up: buy or ask for more.": (
            "exceed-api-balance",
        ),
        "Add the product with this API to the app in the console and have it authorised.": (
            "insufficient-isv-permissions",
        ),
        "Have the user or merchant authorise this call, and use the token that comes of it.": (
            "insufficient-user-permissions",
        ),
        "Pass `app_auth_token` when a third-party app calls, or use the mini-program's own app id.": (
            "self-invoke-forbidden",
        ),
        "Look in the console for a restriction of app or API, or ask Alipay support with the trace id.": (
            "app-auth-invoke-limit",
            "app-api-punished",
            "forbidden-api",
        ),
        "Add the address that your calls leave from to the app's IP allow-list in the console.": (
            "illegal-client-ip",
        ),
        "Check `app_auth_token`, or have the merchant authorise the app again.": (
            "invalid-app-auth-token",
            "invalid-auth-token",
            "missing-app-access-token",
            "missing-session",
        ),
        "Have the merchant authorise the app again with this API included: the token does not cover it.": (
            "invalid-app-auth-token-no-api",
        ),
        "Refresh the token, or have the merchant authorise the app again: it has run out.": (
            "app-auth-token-time-out",
            "auth-token-time-out",
        ),
        "Have the merchant authorise or subscribe again: the platform finds no valid relation.": (
            "invalid-auth-relations",
            "invalid-app-auth-relations",
            "invalid-subscribe-relations",
        ),
        "Leave `app_auth_token` out: by its name this API cannot be called for a merchant.": (
            "not-support-app-auth",
        ),
        "Have the merchant behind the token sign up for the product, and look for a penalty of the app.": (
            "no-product-reg-by-partner",
        ),
        "Subscribe the app to the product in the console.": (
            "sevice-not-been-subscribed-to",
            "invalid-product",
        ),
        "Check the account that the app is bound to, or ask Alipay support with the trace id.": (
            "app-unbind-partner",
            "app-invalid-oid",
            "invalid-partnerid",
            "missing-app-uid",
        ),
        "Set `app_id` in the credentials.": ("missing-app-id",),
        "Check `app_id` and `base_url`: the id is unknown there, as a sandbox id is on production.": (
            "invalid-app-id",
        ),
        "Look at the calling app in the console: it has to be online and in good order.": (
            "invalid-app-state",
            "not-online-app",
        ),
        "Not documented; ask Alipay support with the trace id.": (
            "inner-app-no-access",
            "invalid-inner-invoke-scene",
            "invalid-app-api-field-config",
            "openid-error",
        ),
    },
    ErrorKind.AUTHENTICATION: {
        "Check that no proxy drops or alters the header Authorization.": (
            "missing-signature",
            "missing-signature-type",
        ),
        "Check that the private key fits the public key, or certificate, in the console for this app id.": (
            "invalid-signature",
        ),
        "Set the app's signing to RSA2 (SHA256withRSA) in the console, the only type of v3 calls.": (
            "invalid-signature-type",
            "invalid-signature-type-said-interface",
        ),
        "Upload the app's public key or certificate in the console: its signing is not set up.": (
            "missing-default-signature-type",
            "missing-signature-key",
            "missing-signature-config",
        ),
        "Make a new key pair, upload its public key in the console, sign with its private key.": (
            "unsupported-expired-app-key-sign",
        ),
        # One enum value is two codes that a generator glued; the platform may send either half.
        "Look at the app's key and certificate in the console; replace the one at risk or expired.": (
            "app-key-security-risk, app-cert-expired",
        ),
        "Replace the app's key pair in the console: the platform holds the key to be at risk.": (
            "app-key-security-risk",
        ),
        "Renew the app certificate in the console and load the new one into the credentials.": (
            "app-cert-expired",
        ),
        "Load the app certificate that the console has for this app id, or upload it there.": (
            "app-cert-not-exist",
        ),
        "Download the current Alipay certificate from the console and load it into the credentials.": (
            "alipay-cert-not-exist",
            "missing-alipay-cert-sn",
        ),
        "Use certificate credentials: the console has this app in certificate mode.": (
            "missing-app-cert-sn",
            "missing-alipay-root-cert-sn",
        ),
        "Load the whole root bundle that the console offers, for production or sandbox as the app is.": (
            "invalid-alipay-root-cert-sn",
        ),
        "Check that no proxy drops the header Authorization: this is the answer to a call without it.": (
            "missing-timestamp",
        ),
        "Set the clock of the calling host: the platform allows 10 minutes; then it is safe to send again.": (
            "invalid-timestamp",
            "illegal-timestamp",
        ),
        "Not documented; ask Alipay support with the trace id.": (
            "invalid-digest-type",
            "invalid-digest",
        ),
        "Set an AES key for the app in the console, or leave `encrypt_key` out.": (
            "missing-encrypt-key",
        ),
        "Check that no proxy drops the header alipay-encrypt-type and that the console says AES.": (
            "missing-encrypt-type",
            "invalid-encrypt-type",
            "decryption-error-missing-encrypt-type",
            "decryption-error-not-valid-encrypt-type",
        ),
        "Compare `encrypt_key` with the AES key in the console, or leave it out: not all APIs can encrypt.": (
            "invalid-encrypt",
            "decryption-error",
            "decryption-error-not-valid-encrypt-key",
            "decryption-error-unknown",
        ),
    },
    ErrorKind.REQUEST: {
        "Read the message for the field at fault and correct it.": (
            "invalid-parameter",
            "invalid-request-data",
            "invalid-format",
            "illegal-card-no",
        ),
        "Check that nothing on the way alters the body: it has to arrive as the JSON that was signed.": (
            "illegal-json",
            "invalid-encoding",
            "invalid-charset",
            "invalid-content-type",
        ),
        "Correct the file's format and the extension of its name.": ("invalid-file-extension",),
        "Shrink the file: logo 2 MB, other pictures 4 MB, `test_file` 10 MB at most.": (
            "invalid-file-size",
        ),
        "Check that the file opens and is what its extension says; save it anew if in doubt.": (
            "file-check-fail",
        ),
        "Take markup, code and control characters out of the fields: the input filter objects to them.": (
            "suspected-attack",
        ),
        "Check method, path and `base_url` of the call: the platform does not offer it so.": (
            "missing-method",
            "invalid-method",
            "invalid-app-method",
            "invalid-http-method",
            "unsupport-operation",
        ),
        "Check the path of the call, and upgrade this library if the call is one of its own.": (
            "missing-version",
            "invalid-version",
            "unsupported-version",
            "unsupported-sdk-version",
        ),
        "Not documented; ask Alipay support with the trace id.": (
            "missing-platform",
            "invalid-platform",
        ),
        "Send the call by itself, not in a batch request of the platform.": (
            "method-forbidden-batch-invoke",
            "exist-blank-sub-request-id",
            "exist-repeated-sub-request-id",
        ),
    },
}
