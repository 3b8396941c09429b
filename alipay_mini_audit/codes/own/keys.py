"""Codes of this package about keys and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS"]

_AGAIN: Final = "Download Alipay's certificates from the console again."
_AGAIN_ZH: Final = "请从控制台重新下载支付宝的证书。"

TEXTS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "async_verify": (
        (
            "a verifier's `verify` is asynchronous and would never be awaited.",
            "Make it a plain function.",
        ),
        ("验签器的 `verify` 是异步函数，不会被等待执行。", "请改为普通函数。"),
    ),
    "bad_app_id": (
        ("this cannot be an app id.", "Copy the digits that the console shows."),
        ("这不是有效的APPID。", "请复制控制台显示的数字。"),
    ),
    "bad_key": (
        ("the numbers of a key are not those of an RSA key.", "Copy the key again, whole."),
        ("密钥中的数值不符合 RSA 密钥。", "请重新完整复制密钥。"),
    ),
    "chain_too_long": (
        ("the chain of a certificate's issuers does not end.", _AGAIN),
        ("证书链没有终点。", _AGAIN_ZH),
    ),
    "compare_clock": (
        (
            "the time of this machine is shown for comparison.",
            "Compare it; Alipay refuses requests that are more than ten minutes off.",
        ),
        ("此处显示本机时间以便核对。", "请核对；相差超过十分钟的请求会被支付宝拒绝。"),
    ),
    "cut_short": (
        ("the end of a key is missing.", "Copy it again, whole."),
        ("密钥末尾缺失。", "请重新完整复制。"),
    ),
    "damaged": (
        ("a key or certificate is damaged.", "Copy it again, whole."),
        ("密钥或证书已损坏。", "请重新完整复制。"),
    ),
    "empty": (
        ("a key or certificate is empty.", "Give the content of the file that you downloaded."),
        ("密钥或证书为空。", "请提供下载文件的内容。"),
    ),
    "expired": (
        ("a certificate has expired.", "Download the new one from the console."),
        ("证书已过期。", "请从控制台下载新的证书。"),
    ),
    "expires_soon": (
        ("a certificate expires soon.", "Replace it in time."),
        ("证书即将过期。", "请及时更换。"),
    ),
    "file_name": (
        (
            "the name of a file was given in place of its content.",
            "Give it as `pathlib.Path(...)`.",
        ),
        ("给出的是文件名而不是文件内容。", "请写成 `pathlib.Path(...)`。"),
    ),
    "foreign_certificate": (
        (
            "the application's certificate does not belong to its private key.",
            "Give the key that its request was made with.",
        ),
        ("应用证书与私钥不匹配。", "请提供生成证书请求时所用的私钥。"),
    ),
    "is_authority": (
        ("this is the certificate of an authority.", "Give the certificate that it issued."),
        ("这是证书颁发机构的证书。", "请提供由它签发的证书。"),
    ),
    "issuer_did_not_sign": (
        ("the issuer that a certificate names did not sign it.", _AGAIN),
        ("证书所写的颁发者并未签发该证书。", _AGAIN_ZH),
    ),
    "issuer_expired": (
        ("the certificate of an issuer has expired.", _AGAIN),
        ("颁发者的证书已过期。", _AGAIN_ZH),
    ),
    "issuer_key": (
        ("the key of an issuer cannot be used.", _AGAIN),
        ("颁发者的密钥不可用。", _AGAIN_ZH),
    ),
    "issuer_missing": (
        ("the certificate of an issuer is missing.", "Put it behind Alipay's in the same file."),
        ("缺少颁发者的证书。", "请将其放在同一文件中支付宝证书之后。"),
    ),
    "issuer_not_authority": (
        ("the issuer of a certificate may not issue certificates.", _AGAIN),
        ("证书的颁发者无权签发证书。", _AGAIN_ZH),
    ),
    "issuer_not_yet_valid": (
        ("the certificate of an issuer is not valid yet.", "Check this machine's clock."),
        ("颁发者的证书尚未生效。", "请检查本机时间。"),
    ),
    "issuer_unknown_extension": (
        ("the certificate of an issuer holds a critical extension that is not understood.", _AGAIN),
        ("颁发者的证书含有无法识别的关键扩展。", _AGAIN_ZH),
    ),
    "key_too_large": (
        ("a key has more bits than are taken.", "Make a key pair of 2048 or 4096 bits."),
        ("密钥位数过大。", "请生成 2048 或 4096 位的密钥对。"),
    ),
    "key_too_small": (
        ("a key has fewer bits than Alipay asks for.", "Make a new key pair of 2048 bits."),
        ("密钥位数低于支付宝的要求。", "请重新生成 2048 位的密钥对。"),
    ),
    "no_certificate": (
        ("a file holds no certificate.", "Give the file that the console offers."),
        ("文件中没有证书。", "请提供控制台下载的文件。"),
    ),
    "no_rsa_certificate": (
        ("no certificate in a file is signed with RSA.", _AGAIN),
        ("文件中没有使用 RSA 签名的证书。", _AGAIN_ZH),
    ),
    "no_rsa_key": (
        ("the key of a certificate is not an RSA key.", "Give the certificate of an RSA key."),
        ("证书中的密钥不是 RSA 密钥。", "请提供 RSA 密钥的证书。"),
    ),
    "not_a_key": (
        ("this is no key, or one that is cut short.", "Copy the key again, whole."),
        ("这不是密钥，或密钥不完整。", "请重新完整复制密钥。"),
    ),
    "not_base64": (
        ("`encrypt_key` is not base64.", "Copy it again from the console."),
        ("`encrypt_key` 不是 base64。", "请从控制台重新复制。"),
    ),
    "not_for_signatures": (
        ("the key of a certificate may not be used for signatures.", _AGAIN),
        ("证书的密钥不允许用于签名。", _AGAIN_ZH),
    ),
    "not_yet_valid": (
        ("a certificate is not valid yet.", "Check this machine's clock."),
        ("证书尚未生效。", "请检查本机时间。"),
    ),
    "own_certificate": (
        ("the application's certificate was given for Alipay's.", "Give Alipay's."),
        ("把应用证书当成了支付宝证书。", "请提供支付宝的证书。"),
    ),
    "own_public_key": (
        (
            "the application's public key was given for Alipay's.",
            "Give the Alipay public key, which the console shows beside it.",
        ),
        ("把应用公钥当成了支付宝公钥。", "请提供控制台中显示的支付宝公钥。"),
    ),
    "path_too_long": (
        ("more authorities stand below an issuer than it allows.", _AGAIN),
        ("颁发者之下的颁发机构层级超过其允许的数量。", _AGAIN_ZH),
    ),
    "refused_algorithm": (
        ("a certificate is not signed with RSA and SHA-256 or better.", _AGAIN),
        ("证书未使用 RSA 与 SHA-256 或更强的算法签名。", _AGAIN_ZH),
    ),
    "too_many_certificates": (
        ("a file holds more certificates than are read.", "Give the file of the console."),
        ("文件中的证书过多。", "请提供控制台下载的文件。"),
    ),
    "two_algorithms": (
        ("a certificate names two signature algorithms.", _AGAIN),
        ("证书内外写有两种不同的签名算法。", _AGAIN_ZH),
    ),
    "unchecked": (
        (
            "dates and chains of the certificates are not looked at.",
            "That is for a test environment alone.",
        ),
        ("未检查证书的有效期和证书链。", "仅适用于测试环境。"),
    ),
    "unknown_extension": (
        ("a certificate holds a critical extension that is not understood.", _AGAIN),
        ("证书含有无法识别的关键扩展。", _AGAIN_ZH),
    ),
    "unusual_app_id": (
        ("an app id does not have 16 digits.", "Compare it with the console."),
        ("APPID 不是 16 位数字。", "请与控制台核对。"),
    ),
    "utf_16": (
        ("a file is in UTF-16.", "Save it as UTF-8."),
        ("文件为 UTF-16 编码。", "请另存为 UTF-8。"),
    ),
    "wrong_key": (
        ("another sort of key or file was given.", "Give an RSA key in PEM form."),
        ("给出的是其他类型的密钥或文件。", "请提供 PEM 格式的 RSA 密钥。"),
    ),
    "wrong_key_size": (
        ("an AES key has another length.", "Copy it again from the console."),
        ("AES 密钥的长度不对。", "请从控制台重新复制。"),
    ),
}
"""Code -> (meaning, advice) in English, then in Chinese."""
