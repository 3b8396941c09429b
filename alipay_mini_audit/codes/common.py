"""Codes of the gateway in front of every call (SDK enums, docs page 054fcv).

Only the page has `not-online-app`, `invalid-content-type`, `invalid-http-method`,
`unsupported-sdk-version`.
"""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.codes.code import COMMON, RowsOf
from alipay_mini_audit.errors import ErrorKind

__all__ = ["COMMON_CODES"]

throttled = RowsOf(ErrorKind.THROTTLED, COMMON)
unavailable = RowsOf(ErrorKind.UNAVAILABLE, COMMON)
unknown = RowsOf(ErrorKind.UNKNOWN, COMMON)
permission = RowsOf(ErrorKind.PERMISSION, COMMON)
authentication = RowsOf(ErrorKind.AUTHENTICATION, COMMON)
request = RowsOf(ErrorKind.REQUEST, COMMON)

COMMON_CODES: Final = (
    throttled("app-call-limited", "call_less_often"),
    throttled("method-call-limited", "call_api_less_often"),
    unavailable("unknow-error", "ask_then_repeat"),
    unavailable("access-data-time-out", "ask_then_repeat"),
    unavailable("upload-fail", "ask_then_repeat_undocumented"),
    unavailable("invalid-response-data", "ask_then_repeat_undocumented"),
    unknown("unknown-sub-code", "read_message_for_code"),
    permission("exceed-api-balance", "buy_more_calls"),
    permission("insufficient-isv-permissions", "add_product"),
    permission("insufficient-user-permissions", "have_call_authorised"),
    permission("self-invoke-forbidden", "pass_token", "app_auth_token"),
    permission("app-auth-invoke-limit", "look_for_api_restriction"),
    permission("app-api-punished", "look_for_api_restriction"),
    permission("forbidden-api", "look_for_api_restriction"),
    permission("illegal-client-ip", "allow_address"),
    permission("invalid-app-auth-token", "check_token", "app_auth_token"),
    permission("invalid-auth-token", "check_token"),
    permission("missing-app-access-token", "check_token"),
    permission("missing-session", "check_token"),
    permission("invalid-app-auth-token-no-api", "authorise_api", "app_auth_token"),
    permission("app-auth-token-time-out", "refresh_token", "app_auth_token"),
    permission("auth-token-time-out", "refresh_token"),
    permission("invalid-auth-relations", "renew_relation"),
    permission("invalid-app-auth-relations", "renew_relation"),
    permission("invalid-subscribe-relations", "renew_relation"),
    permission("not-support-app-auth", "leave_token_out", "app_auth_token"),
    permission("no-product-reg-by-partner", "have_merchant_sign_up"),
    permission("sevice-not-been-subscribed-to", "subscribe_to_product"),
    permission("invalid-product", "subscribe_to_product"),
    permission("app-unbind-partner", "check_bound_account"),
    permission("app-invalid-oid", "check_bound_account"),
    permission("invalid-partnerid", "check_bound_account"),
    permission("missing-app-uid", "check_bound_account"),
    permission("missing-app-id", "set_app_id", "app_id"),
    permission("invalid-app-id", "check_app_id_and_base_url", "app_id", "base_url"),
    permission("invalid-app-state", "check_app_is_online"),
    permission("not-online-app", "check_app_is_online"),
    permission("inner-app-no-access", "ask_support"),
    permission("invalid-inner-invoke-scene", "ask_support"),
    permission("invalid-app-api-field-config", "ask_support"),
    permission("openid-error", "ask_support"),
    authentication("missing-signature", "check_header_unaltered"),
    authentication("missing-signature-type", "check_header_unaltered"),
    authentication("invalid-signature", "check_private_key"),
    authentication("invalid-signature-type", "set_rsa2"),
    authentication("invalid-signature-type-said-interface", "set_rsa2"),
    authentication("missing-default-signature-type", "set_up_signing"),
    authentication("missing-signature-key", "set_up_signing"),
    authentication("missing-signature-config", "set_up_signing"),
    authentication("unsupported-expired-app-key-sign", "make_new_key_pair", "private_key"),
    # A generator glued two codes into this enum value; the platform may send either half.
    authentication(
        "app-key-security-risk, app-cert-expired",
        "replace_key_or_certificate",
        "private_key",
        "app_certificate",
    ),
    authentication("app-key-security-risk", "replace_key_pair", "private_key"),
    authentication("app-cert-expired", "renew_app_certificate", "app_certificate"),
    authentication("app-cert-not-exist", "load_app_certificate", "app_certificate"),
    authentication("alipay-cert-not-exist", "load_alipay_certificate", "alipay_certificate"),
    authentication("missing-alipay-cert-sn", "load_alipay_certificate", "alipay_certificate"),
    authentication("missing-app-cert-sn", "use_certificates"),
    authentication("missing-alipay-root-cert-sn", "use_certificates"),
    authentication("invalid-alipay-root-cert-sn", "load_root_bundle", "root_certificate"),
    authentication("missing-timestamp", "check_header_arrives"),
    authentication("invalid-timestamp", "set_clock"),
    authentication("illegal-timestamp", "set_clock"),
    authentication("invalid-digest-type", "ask_support"),
    authentication("invalid-digest", "ask_support"),
    authentication("missing-encrypt-key", "set_aes_key", "encrypt_key"),
    authentication("missing-encrypt-type", "check_encrypt_header"),
    authentication("invalid-encrypt-type", "check_encrypt_header"),
    authentication("decryption-error-missing-encrypt-type", "check_encrypt_header"),
    authentication("decryption-error-not-valid-encrypt-type", "check_encrypt_header"),
    authentication("invalid-encrypt", "compare_encrypt_key", "encrypt_key"),
    authentication("decryption-error", "compare_encrypt_key", "encrypt_key"),
    authentication("decryption-error-not-valid-encrypt-key", "compare_encrypt_key", "encrypt_key"),
    authentication("decryption-error-unknown", "compare_encrypt_key", "encrypt_key"),
    request("invalid-parameter", "read_message_for_field"),
    request("invalid-request-data", "read_message_for_field"),
    request("invalid-format", "read_message_for_field"),
    request("illegal-card-no", "read_message_for_field"),
    request("illegal-json", "check_body_unaltered"),
    request("invalid-encoding", "check_body_unaltered"),
    request("invalid-charset", "check_body_unaltered"),
    request("invalid-content-type", "check_body_unaltered"),
    request("invalid-file-extension", "correct_file_extension"),
    request("invalid-file-size", "shrink_file"),
    request("file-check-fail", "check_file_opens"),
    request("suspected-attack", "remove_markup"),
    request("missing-method", "check_call"),
    request("invalid-method", "check_call"),
    request("invalid-app-method", "check_call"),
    request("invalid-http-method", "check_call"),
    request("unsupport-operation", "check_call"),
    request("missing-version", "check_path_or_upgrade"),
    request("invalid-version", "check_path_or_upgrade"),
    request("unsupported-version", "check_path_or_upgrade"),
    request("unsupported-sdk-version", "check_path_or_upgrade"),
    request("missing-platform", "ask_support"),
    request("invalid-platform", "ask_support"),
    request("method-forbidden-batch-invoke", "send_alone"),
    request("exist-blank-sub-request-id", "send_alone"),
    request("exist-repeated-sub-request-id", "send_alone"),
)
