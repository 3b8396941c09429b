"""What to do about a code, in English: one line for each remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["ENGLISH"]

ENGLISH: Final[Mapping[str, str]] = {
    "ask_before_repeat": (
        "Ask `version_detail` before anything else: an earlier attempt of yours may have taken "
        "effect."
    ),
    "wait_or_cancel": (
        "Ask `version_detail`: a version is in audit, perhaps through an earlier attempt of "
        "yours. Wait for it, or `cancel` it."
    ),
    "finish_other_version": (
        "Deal with the other version first: wait if it is in audit, call audited.cancel if it was "
        "rejected, audited.cancel or go online if it has passed, finish going online if it is in "
        "gray release. An older one that was rejected is taken back by `client.resubmit`."
    ),
    "ask_if_in_development": (
        "Ask `version_detail`: the version is not in development, and an earlier attempt of yours "
        "may have taken effect."
    ),
    "wait_for_info_audit": (
        "Wait until the change to the app's basic information has passed its own audit, then "
        "submit."
    ),
    "look_at_scan_result": (
        "Ask `version_detail` for `scan_result`: wait while it is NAN (still running), fix the "
        "package if it is False (failed)."
    ),
    "raise_version": (
        "Upload the package again with a version number above the one online, and submit that."
    ),
    "stop_and_ask_support": (
        "Not documented; stop submitting for now and ask Alipay support with the trace id."
    ),
    "look_for_restriction": (
        "Not documented; look for a restriction in the console, or ask Alipay support with the "
        "trace id."
    ),
    "settle_revoked_license": (
        "Not documented; by its name the business licence has been revoked: settle that, or ask "
        "Alipay support."
    ),
    "check_account_and_token": (
        "Not documented; check the account and `app_auth_token`, or ask Alipay support with the "
        "trace id."
    ),
    "settle_brand_dispute": (
        "Not documented; by its name a brand dispute is open: settle it, or ask Alipay support."
    ),
    "leave_slogan_out": (
        "Leave `app_slogan` out, or wait for next month: this month's changes (5 are published) "
        "are used up."
    ),
    "leave_categories_out": (
        "Leave the category ids out, or wait for next month: this month's changes (5 are "
        "published) are used up."
    ),
    "leave_desc_out": (
        "Leave `app_desc` out, or wait for next month: this month's changes are used up."
    ),
    "leave_app_info_out": (
        "Not documented; leave out the fields that change the app's information, or wait for the "
        "next period."
    ),
    "send_built_version": (
        "Send the `app_version` of a finished build; after an upload, poll build.query until it "
        "is built."
    ),
    "correct_version": "Correct `app_version`: the app has no such version.",
    "send_version_desc": (
        "Send a `version_desc` of 30 to 500 characters; a Chinese one counts as two."
    ),
    "reword_version_desc": "Remove the sensitive word from `version_desc` and submit again.",
    "shorten_memo": "Shorten `memo` to 500 characters; a Chinese one counts as two.",
    "reword_memo": "Remove the sensitive word from `memo` and submit again.",
    "correct_trade_number": (
        "Not documented; by its name a trade number in `memo` fails its check: correct it or "
        "leave it out."
    ),
    "shorten_test_account": "Shorten `test_account`; its limit is not documented.",
    "shorten_test_password": "Shorten `test_password`; its limit is not documented.",
    "correct_named_field": (
        "Correct the field that the message names. Leave unset fields out; do not send empty text."
    ),
    "send_name": "Send `app_name`: the app has no name yet, or its reserved name was released.",
    "correct_name": "Use only Chinese characters, letters, digits and underscores in `app_name`.",
    "correct_name_length": (
        "Keep `app_name` to 3 to 40 characters, a Chinese one counting as two; older rules stop "
        "at 20."
    ),
    "change_name_start": (
        "Not documented; by its name `app_name` may not start like this: choose another."
    ),
    "send_english_name": (
        "Send `app_english_name`: the app has none yet, or its reserved one was released."
    ),
    "correct_english_name": "Use 3 to 30 letters and digits for `app_english_name`.",
    "reword_name": "Remove the sensitive word from `app_name` and submit again.",
    "reword_english_name": "Remove the sensitive word from `app_english_name` and submit again.",
    "choose_other_name": (
        "Choose another `app_name`: this one is taken. It cannot be changed once the app is online."
    ),
    "choose_other_english_name": (
        "Choose another `app_english_name`: this one is taken. It cannot be changed once the app "
        "is online."
    ),
    "leave_name_out": "Leave `app_name` out: it cannot be changed once the app has been online.",
    "leave_english_name_out": (
        "Leave `app_english_name` out: it cannot be changed once the app has been online."
    ),
    "send_slogan": "Send an `app_slogan` of 10 to 32 characters; a Chinese one counts as two.",
    "reword_slogan": "Remove the sensitive word from `app_slogan` and submit again.",
    "send_desc": "Send an `app_desc` of 20 to 400 characters; a Chinese one counts as two.",
    "reword_desc": "Remove the sensitive word from `app_desc` and submit again.",
    "reword_risky_text": (
        "Reword `app_name`, `app_slogan` or `app_desc`: risk control objects to a word in one of "
        "them."
    ),
    "remove_brand": (
        "Not documented; by its name a brand was found: remove it from the name, slogan and "
        "description."
    ),
    "reword_or_ask_support": (
        "Not documented; reword the name, slogan and description, or ask Alipay support with the "
        "trace id."
    ),
    "choose_categories": (
        "Choose category ids from category.query that are open to the account; XS ids go in "
        "`mini_category_ids`."
    ),
    "correct_category_count": "Send 1 to 4 categories; they are required if none were set before.",
    "choose_open_category": (
        "Choose a category that is open to individuals, or submit from a company's account."
    ),
    "send_phone_or_mail": "Send `service_phone` or `service_email`; at least one is required.",
    "send_phone": "Send a `service_phone` of 5 to 30 digits and `-`.",
    "correct_email": "Correct `service_email`, or leave it out.",
    "reword_email": "Remove the sensitive word from `service_email` and submit again.",
    "check_safe_domains": "Not documented; check the app's list of safe domains in the console.",
    "send_region_type": (
        "Send `region_type` GLOBAL, CHINA or LOCATION; LOCATION requires `service_region_info`."
    ),
    "send_region_codes": (
        "Send the platform's codes in `service_region_info`: a city with its province, an area "
        "with both."
    ),
    "send_license_name": "Send `license_name`: the category requires a licence.",
    "send_license_no": "Send `license_no`: the category requires a licence.",
    "send_license_date": (
        "Send `license_valid_date`, the day the licence ends; 9999-12-31 if it never does."
    ),
    "match_license": (
        "Make `license_name`, `license_no` and `license_valid_date` agree with the pictured "
        "licence."
    ),
    "send_license_pics": "Send 1 to 5 `license_pics`.",
    "save_license_pics": (
        "Save the `license_pics` as png or jpg in RGB, not CMYK, with the extension in the file "
        "name."
    ),
    "send_special_pics": "Send the `special_license_pics` that the category requires.",
    "send_fewer_special_pics": (
        "Send fewer `special_license_pics`: 3 are accepted everywhere, up to 10 by the newest "
        "schema."
    ),
    "send_logo": "Send `app_logo`: the app has none yet.",
    "send_own_logo": "Send an `app_logo` of your own: the app still has the default one.",
    "save_logo": (
        "Save `app_logo` as png or jpg in RGB, not CMYK, with the extension in the file name."
    ),
    "make_logo_square": "Make `app_logo` square; 180 by 180 pixels are suggested.",
    "shrink_logo": "Shrink `app_logo`: 2 MB at most, 180 by 180 pixels suggested.",
    "send_screen_shots": "Send 2 to 5 `screen_shots`.",
    "save_screen_shots": (
        "Save the `screen_shots` as png or jpg, with the extension in the file name."
    ),
    "shrink_screen_shots": "Shrink the `screen_shots`: each at most 4 MB and 2160 by 3840 pixels.",
    "send_out_door_pic": "Send `out_door_pic`, a photo of the shop front.",
    "send_named_file": "Read the message for the file that is missing or empty, and send it.",
    "correct_file_format": (
        "Correct the file's format and extension: pictures png or jpg, `test_file` zip or rar."
    ),
    "shrink_file": "Shrink the file: logo 2 MB, other pictures 4 MB, `test_file` 10 MB at most.",
    "ask_then_repeat_or_support": (
        "Ask `version_detail` whether the call took effect; if not, repeat it later or ask Alipay "
        "support."
    ),
    "check_version_is_built": (
        "Check that `app_version` exists; straight after an upload, poll build.query until it is "
        "built."
    ),
    "ask_for_state": (
        "Not documented; ask `version_detail` for the version's state: an earlier attempt may "
        "have taken effect."
    ),
    "check_app_type": (
        "Check that the app id, or the app behind `app_auth_token`, is a mini-program."
    ),
    "check_token_or_template": (
        "Check `app_auth_token`: it is wrong or not in effect, or the upload has a wrong template "
        "id."
    ),
    "correct_bundle_id": "Correct `bundle_id`, or leave it out for the Alipay wallet.",
    "ask_what_is_in_audit": (
        "Ask `version_detail`: nothing is in audit, and an earlier cancel of yours may have taken "
        "effect."
    ),
    "ask_if_in_audit": (
        "Ask `version_detail`: the version is not in audit, and an earlier cancel of yours may "
        "have taken effect."
    ),
    "ask_for_state_and_support": (
        "Not documented; ask `version_detail` for the state, and Alipay support with the trace id."
    ),
    "ask_then_repeat": (
        "Ask `version_detail` whether the call took effect; if not, repeat it later."
    ),
    "check_app_id_and_token": (
        "Check that `app_id` is set in the credentials and `app_auth_token` belongs to the "
        "mini-program."
    ),
    "call_less_often": (
        "Call less often: the app's limit is reached. The call was not carried out and may be "
        "repeated."
    ),
    "call_api_less_often": (
        "Call less often: this API's limit is reached. The call was not carried out and may be "
        "repeated."
    ),
    "ask_then_repeat_undocumented": (
        "Not documented; ask `version_detail` whether the call took effect; if not, repeat it "
        "later."
    ),
    "read_message_for_code": (
        "Read the message for the true code; ask `version_detail` before submitting again."
    ),
    "buy_more_calls": (
        "Not documented; by its name the app's allowance for this API is used up: buy or ask for "
        "more."
    ),
    "add_product": (
        "Add the product with this API to the app in the console and have it authorised."
    ),
    "have_call_authorised": (
        "Have the user or merchant authorise this call, and use the token that results."
    ),
    "pass_token": (
        "Pass `app_auth_token` when a third-party app calls, or use the mini-program's own app id."
    ),
    "look_for_api_restriction": (
        "Look in the console for a restriction of the app or API, or ask Alipay support with the "
        "trace id."
    ),
    "allow_address": (
        "Add the address that your calls leave from to the app's IP allow-list in the console."
    ),
    "check_token": "Check `app_auth_token`, or have the merchant authorise the app again.",
    "authorise_api": (
        "Have the merchant authorise the app again with this API included: the token does not "
        "cover it."
    ),
    "refresh_token": (
        "Refresh the token, or have the merchant authorise the app again: it has expired."
    ),
    "renew_relation": (
        "Have the merchant authorise or subscribe again: the platform finds no valid relation."
    ),
    "leave_token_out": (
        "Leave `app_auth_token` out: by its name this API cannot be called for a merchant."
    ),
    "have_merchant_sign_up": (
        "Have the merchant behind the token sign up for the product, and check whether the app "
        "was penalised."
    ),
    "subscribe_to_product": "Subscribe the app to the product in the console.",
    "check_bound_account": (
        "Check the account that the app is bound to, or ask Alipay support with the trace id."
    ),
    "set_app_id": "Set `app_id` in the credentials.",
    "check_app_id_and_base_url": (
        "Check `app_id` and `base_url`: the id is unknown there, as a sandbox id is in production."
    ),
    "check_app_is_online": (
        "Look at the calling app in the console: it has to be online and in good order."
    ),
    "ask_support": "Not documented; ask Alipay support with the trace id.",
    "check_header_unaltered": "Check that no proxy drops or alters the header Authorization.",
    "check_private_key": (
        "Check that the private key matches the public key or certificate in the console for this "
        "app id."
    ),
    "set_rsa2": (
        "Set the app's signing to RSA2 (SHA256withRSA) in the console, the only type of v3 calls."
    ),
    "set_up_signing": (
        "Upload the app's public key or certificate in the console: its signing is not set up."
    ),
    "make_new_key_pair": (
        "Make a new key pair, upload its public key in the console, and sign with its private key."
    ),
    "replace_key_or_certificate": (
        "Look at the app's key and certificate in the console; replace the one at risk or expired."
    ),
    "replace_key_pair": (
        "Replace the app's key pair in the console: the platform considers the key to be at risk."
    ),
    "renew_app_certificate": (
        "Renew the app certificate in the console and load the new one into the credentials."
    ),
    "load_app_certificate": (
        "Load the app certificate that the console has for this app id, or upload yours there."
    ),
    "load_alipay_certificate": (
        "Download the current Alipay certificate from the console and load it into the credentials."
    ),
    "use_certificates": (
        "Use certificate credentials: the console has this app in certificate mode."
    ),
    "load_root_bundle": (
        "Load the whole root bundle that the console offers, for production or the sandbox to "
        "match the app."
    ),
    "check_header_arrives": (
        "Check that no proxy drops the header Authorization: this is the answer to a call without "
        "it."
    ),
    "set_clock": (
        "Set the clock of the calling host: the platform allows 10 minutes. Then it is safe to "
        "send again."
    ),
    "set_aes_key": "Set an AES key for the app in the console, or leave `encrypt_key` out.",
    "check_encrypt_header": (
        "Check that no proxy drops the header alipay-encrypt-type and that the console says AES."
    ),
    "compare_encrypt_key": (
        "Compare `encrypt_key` with the AES key in the console, or leave it out: not all APIs can "
        "encrypt."
    ),
    "read_message_for_field": "Read the message for the field at fault and correct it.",
    "check_body_unaltered": (
        "Check that nothing on the way alters the body: it has to arrive as the JSON that was "
        "signed."
    ),
    "correct_file_extension": "Correct the file's format and the extension of its name.",
    "check_file_opens": (
        "Check that the file opens and is what its extension says; if in doubt, save it again."
    ),
    "remove_markup": (
        "Remove markup, code and control characters from the fields: the input filter objects to "
        "them."
    ),
    "check_call": (
        "Check the method, path and `base_url` of the call: the platform offers no such call."
    ),
    "check_path_or_upgrade": (
        "Check the path of the call, and upgrade this library if the call is one of its own."
    ),
    "send_alone": "Send the call by itself, not in a batch request of the platform.",
}
