"""Codes of this package about incoming notifications: why one is not believed, or not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "notification_too_large": (
        ("the body has more than 1 MiB.", "The platform sends nothing like it; answer `fail`."),
        ("正文超过 1 MiB。", "平台不会发送这样的通知；请应答 `fail`。"),
    ),
    "notification_not_a_form": (
        (
            "the body is not a form, or one that can be read in two ways.",
            "Hand over the bytes as they came, before any framework has parsed them.",
        ),
        (
            "正文不是表单，或存在歧义。",
            "请传入原始字节，不要传框架解析后的内容。",
        ),
    ),
    "notification_repeated_field": (
        ("a field is in the form twice.", "The platform sends each once; answer `fail`."),
        ("表单中有重复的字段。", "平台的每个字段只出现一次；请应答 `fail`。"),
    ),
    "notification_sign_type": (
        (
            "it is not signed with RSA2.",
            "Choose RSA2 in the console, if the notification is the platform's.",
        ),
        ("签名类型不是 RSA2。", "如果确为平台通知，请在控制台选择 RSA2。"),
    ),
    "notification_signature": (
        (
            "the signature is missing, not base64, or not the platform's.",
            "If all are, look whether the verifier has Alipay's key, and what decodes the form.",
        ),
        (
            "签名缺失、不是规范的 base64，或不是平台的签名。",
            "如果所有通知都被拒绝，请检查验签公钥是否为支付宝公钥，以及前置服务是否解码过表单。",
        ),
    ),
    "notification_charset": (
        (
            "the charset is not one of the platform's, or the text is in another one.",
            "Answer `fail`, and tell the platform's support.",
        ),
        ("字符集不受支持，或内容与所声明的字符集不符。", "请应答 `fail` 并联系平台技术支持。"),
    ),
    "notification_encrypted": (
        (
            "it is encrypted, and there is no key here, or no such algorithm.",
            "Give the router the cipher of the credentials (`encrypt_key`).",
        ),
        (
            "通知已加密，但未提供密钥，或算法不受支持。",
            "请将凭证的 cipher（`encrypt_key`）传给路由器。",
        ),
    ),
    "notification_decryption": (
        (
            "it cannot be decrypted.",
            "Check that encrypt_key is the key that the console shows for this application.",
        ),
        ("通知无法解密。", "请检查 encrypt_key 是否与控制台中该应用的密钥一致。"),
    ),
    "notification_content": (
        (
            "it is the platform's, and its content has another form than documented.",
            "Ask for the state of the version, and report it to those who keep this package.",
        ),
        ("通知来自平台，但内容格式与文档不符。", "请改为查询版本状态，并向本库的维护者反馈。"),
    ),
    "notification_foreign_app": (
        (
            "it is the platform's, and for another application.",
            "Give each application a router, and a URL, of its own.",
        ),
        (
            "通知来自平台，但属于其他应用。",
            "请为每个应用使用各自的 NotificationRouter 和通知地址。",
        ),
    ),
}
"""Code -> (meaning, advice) in English, then in Chinese."""
