#!/usr/bin/env bash
# Makes the notifications of this folder with OpenSSL, iconv, od and sed, and nothing of the package:
#   tests/vectors/notifications/make.sh
# Each NAME.form is the body of a request. RSASSA-PKCS1-v1_5 has no randomness: each run makes the
# same bytes. expected.json, written by hand, says what each of them tells.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C
keys=../keys
aes_key=00112233445566778899aabbccddeeff # base64: ABEiM0RVZneImaq7zN3u/w==

# Percent-encodes stdin; a blank becomes $1.
encode() {
    local script="" character hex
    for character in {a..z} {A..Z} {0..9} - _ . '*'; do
        hex=$(printf '%02x' "'$character")
        script+="s/%$hex/$character/g;"
    done
    od -An -v -tx1 | tr -d ' \n' | sed "s/../%&/g;$script;s/%20/$1/g" | sed 's/%\(..\)/%\U\1/g'
}

# form NAME RULE CHARSET KEY BLANK FIELD=VALUE...: the fields in the order in which they are sent.
form() {
    local name=$1 rule=$2 charset=$3 key=$4 blank=$5 field body="" text sign
    shift 5
    set -- "$@" sign_type=RSA2
    [ "$charset" = none ] || set -- "charset=$charset" "$@"
    local codec=${charset/none/UTF-8}
    text=$(
        for field in "$@"; do
            [ "$rule" = V1 ] && [[ $field = sign_type=* ]] || printf '%s\n' "$field"
        done | iconv -f UTF-8 -t "$codec" | sort -t= -k1,1 | tr '\n' '&'
        printf x
    )
    sign=$(printf %s "${text%&x}" | openssl dgst -sha256 -sign "$keys/$key.pkcs8.pem" | base64 -w0)
    for field in "$@"; do
        body+="&$(printf %s "${field%%=*}" | encode "$blank")="
        body+=$(printf %s "${field#*=}" | iconv -f UTF-8 -t "$codec" | encode "$blank")
    done
    body+="&sign=$(printf %s "$sign" | encode "$blank")"
    printf %s "${body#&}" >"$name.form"
}

# Encrypts a text in a charset, as ContentCipher would.
encrypt() {
    printf %s "$2" | iconv -f UTF-8 -t "$1" |
        openssl enc -aes-128-cbc -K "$aes_key" -iv 00000000000000000000000000000000 -base64 -A
}

passed=alipay.open.mini.version.audit.passed
rejected=alipay.open.mini.version.audit.rejected
around=(utc_timestamp=1772600767123 app_id=2021000000000001 version=1.1)
content='{"mini_app_id":"2021000000000002","mini_app_version":"0.0.1"}'
reasons='{"mini_app_id":"2021000000000002","mini_app_version":"0.0.1","bundle_id":"com.alipay.alipaywallet","audit_reason":"小程序简介与服务不符","base_audit":"PASS","promote_audit":"REJECT","promote_audit_reason":{"audit_images":["https://mdn.example/1.png?sign=a%2Bb&version=2"],"memos":[{"memo":"请修改简介","memo_image_list":["https://mdn.example/2.png"]}]}}'
blanks='{"mini_app_id":"2021000000000002","mini_app_version":"0.0.1","audit_reason":"1 + 1 = 2, 100% & more"}'
detail='{"detail":{"app_id":"2021000000000001","auth_app_id":"2021000000000002","user_id":"2088000000000003","app_auth_token":"202611BBtoken","app_refresh_token":"202611BBrefresh","auth_time":1772600767000,"expires_in":31536000},"notify_context":{"trigger":"appstore"},"error":{}}'
check='<?xml version="1.0" encoding="gbk"?><XML><AppId><![CDATA[2021000000000001]]></AppId><FromUserId/><CreateTime>1772600767123</CreateTime><MsgType>event</MsgType><EventType><![CDATA[verifygw]]></EventType><ActionParam/></XML>'

form passed_v1 V1 UTF-8 alipay + notify_id=n-1 "msg_method=$passed" "${around[@]}" "biz_content=$content"
form passed_v2 V2 utf-8 alipay + notify_id=n-2 "msg_method=$passed" "${around[@]}" "biz_content=$content"
form rejected_utf8 V1 UTF-8 alipay + "biz_content=$reasons" notify_id=n-3 "msg_method=$rejected" "${around[@]}"
form rejected_gbk V1 GBK alipay + "biz_content=$reasons" notify_id=n-4 "msg_method=$rejected" "${around[@]}"
form rejected_gbk_v2 V2 GBK alipay %20 "biz_content=$reasons" notify_id=n-5 "msg_method=$rejected" "${around[@]}"
form blanks_plus V1 UTF-8 alipay + "biz_content=$blanks" notify_id=n-6 "msg_method=$rejected" "${around[@]}"
form blanks_percent V2 UTF-8 alipay %20 "biz_content=$blanks" notify_id=n-7 "msg_method=$rejected" "${around[@]}"
form empty_and_extra_v1 V1 UTF-8 alipay + notify_id=n-8 "msg_method=$passed" "${around[@]}" msg_uid= encrypt_type= msg_type=sys "later field=值" "biz_content=$content"
form empty_and_extra_v2 V2 UTF-8 alipay + notify_id=n-9 "msg_method=$passed" "${around[@]}" msg_uid= Zone=8 msg_type=sys a= "biz_content=$content"
form aes_utf8 V1 UTF-8 alipay + notify_id=n-10 "msg_method=$rejected" "${around[@]}" encrypt_type=AES "biz_content=$(encrypt UTF-8 "$reasons")"
form aes_gbk V2 GBK alipay + notify_id=n-11 "msg_method=$rejected" "${around[@]}" encrypt_type=AES "biz_content=$(encrypt GBK "$reasons")"
form next_certificate V1 UTF-8 alipay_next + notify_id=n-12 "msg_method=$passed" "${around[@]}" "biz_content=$content"
form authorized V1 UTF-8 alipay + notify_id=n-13 notify_type=open_app_auth_notify status=execute_auth "notify_time=2026-03-04 13:06:07" app_id=2021000000000001 version=1.0 "biz_content=$detail"
form gateway_check V2 GBK alipay + service=alipay.service.check "biz_content=$check"
form no_charset V1 none alipay + notify_id=n-15 "msg_method=alipay.open.app.later.happened" "${around[@]}" 'biz_content={"mini_app_id":"2021000000000002","memo":"好"}'
