"""What can be wrong with a certificate: the codes, the words for them, and what to do."""

from __future__ import annotations

import datetime
import enum
from typing import Final

from alipay_mini_audit.problems import Problem, Severity, told

__all__ = [
    "CHINESE_UNCHECKED_ADVICE",
    "UNCHECKED_ADVICE",
    "CertificateFault",
    "certificate_problem",
    "moment",
]


class CertificateFault(enum.StrEnum):
    """What is wrong with a certificate: the code of a `Problem`."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRES_SOON = "expires_soon"
    IS_AUTHORITY = "is_authority"
    NOT_FOR_SIGNATURES = "not_for_signatures"
    UNKNOWN_EXTENSION = "unknown_extension"
    TWO_ALGORITHMS = "two_algorithms"
    REFUSED_ALGORITHM = "refused_algorithm"
    ISSUER_MISSING = "issuer_missing"
    ISSUER_DID_NOT_SIGN = "issuer_did_not_sign"
    ISSUER_NOT_AUTHORITY = "issuer_not_authority"
    ISSUER_EXPIRED = "issuer_expired"
    ISSUER_NOT_YET_VALID = "issuer_not_yet_valid"
    ISSUER_KEY = "issuer_key"
    ISSUER_UNKNOWN_EXTENSION = "issuer_unknown_extension"
    PATH_TOO_LONG = "path_too_long"
    CHAIN_TOO_LONG = "chain_too_long"


_MESSAGES: Final = {
    CertificateFault.EXPIRED: "it expired on {end} UTC.",
    CertificateFault.NOT_YET_VALID: (
        "it is valid only from {start} UTC on; check this machine's clock."
    ),
    CertificateFault.EXPIRES_SOON: "this certificate expires on {end} UTC, {days} days left.",
    CertificateFault.IS_AUTHORITY: "this is the certificate of an authority, {subject}.",
    CertificateFault.NOT_FOR_SIGNATURES: "its key may not be used for signatures.",
    CertificateFault.UNKNOWN_EXTENSION: (
        "it holds the extension {extension}, which is critical and not understood."
    ),
    CertificateFault.TWO_ALGORITHMS: (
        "{subject} names one signature algorithm inside and another one outside."
    ),
    CertificateFault.REFUSED_ALGORITHM: (
        "{subject} is not signed with RSA and SHA-256, SHA-384 or SHA-512; "
        "nothing else is believed, SHA-1 and MD5 least of all."
    ),
    CertificateFault.ISSUER_MISSING: (
        "it names {issuer} as its issuer, but no certificate of that name is loaded."
    ),
    CertificateFault.ISSUER_DID_NOT_SIGN: (
        "it names {issuer} as its issuer, but that one did not sign it."
    ),
    CertificateFault.ISSUER_NOT_AUTHORITY: (
        "it names {issuer} as its issuer, which may not issue certificates."
    ),
    CertificateFault.ISSUER_EXPIRED: (
        "it names {issuer} as its issuer, whose certificate expired on {end} UTC."
    ),
    CertificateFault.ISSUER_NOT_YET_VALID: (
        "it names {issuer} as its issuer, whose certificate is valid only from {start} UTC on."
    ),
    CertificateFault.ISSUER_KEY: "it names {issuer} as its issuer: {key}",
    CertificateFault.ISSUER_UNKNOWN_EXTENSION: (
        "it names {issuer} as its issuer, whose certificate holds the extension {extension}, "
        "which is critical and not understood."
    ),
    CertificateFault.PATH_TOO_LONG: (
        "it names {issuer} as its issuer, below which fewer authorities may stand."
    ),
    CertificateFault.CHAIN_TOO_LONG: "the chain of its issuers does not end.",
}
_CHINESE_MESSAGES: Final = {
    CertificateFault.EXPIRED: "已于 {end} UTC 过期。",
    CertificateFault.NOT_YET_VALID: "{start} UTC 起才有效，请检查本机时钟。",
    CertificateFault.EXPIRES_SOON: "该证书将于 {end} UTC 过期，剩余 {days} 天。",
    CertificateFault.IS_AUTHORITY: "这是证书颁发机构 {subject} 的证书。",
    CertificateFault.NOT_FOR_SIGNATURES: "其密钥不得用于签名。",
    CertificateFault.UNKNOWN_EXTENSION: "含有无法识别的关键扩展 {extension}。",
    CertificateFault.TWO_ALGORITHMS: "{subject} 内外标明的签名算法不一致。",
    CertificateFault.REFUSED_ALGORITHM: (
        "{subject} 的签名算法不是 RSA 加 SHA-256、SHA-384 或 SHA-512；"
        "其他算法一律不可信，尤其是 SHA-1 和 MD5。"
    ),
    CertificateFault.ISSUER_MISSING: "颁发者为 {issuer}，但没有载入该名称的证书。",
    CertificateFault.ISSUER_DID_NOT_SIGN: "颁发者标为 {issuer}，但并非由其签发。",
    CertificateFault.ISSUER_NOT_AUTHORITY: "颁发者为 {issuer}，但其无权签发证书。",
    CertificateFault.ISSUER_EXPIRED: "颁发者为 {issuer}，其证书已于 {end} UTC 过期。",
    CertificateFault.ISSUER_NOT_YET_VALID: "颁发者为 {issuer}，其证书 {start} UTC 起才有效。",
    CertificateFault.ISSUER_KEY: "颁发者为 {issuer}：{chinese_key}",
    CertificateFault.ISSUER_UNKNOWN_EXTENSION: (
        "颁发者为 {issuer}，其证书含有无法识别的关键扩展 {extension}。"
    ),
    CertificateFault.PATH_TOO_LONG: "颁发者为 {issuer}，其下的颁发机构层级超出限制。",
    CertificateFault.CHAIN_TOO_LONG: "证书链没有终点。",
}
UNCHECKED_ADVICE: Final = (
    "For a test environment alone, check_certificates=False takes it unchecked "
    "(ALIPAY_CHECK_CERTIFICATES=0, in a TOML file check_certificates = false, "
    "for doctor --no-check-certificates)."
)
"""How to do without the dates and chains of the given certificates."""
CHINESE_UNCHECKED_ADVICE: Final = (
    "仅在测试环境中，可用 check_certificates=False 跳过检查"
    "（环境变量 ALIPAY_CHECK_CERTIFICATES=0，TOML 文件 check_certificates = false，"
    "doctor 用 --no-check-certificates）。"
)
"""The same."""
_DOWNLOAD_ALL: Final = (
    "Download Alipay's certificate and root certificate from the console again, "
    "for this environment. " + UNCHECKED_ADVICE
)
_DOWNLOAD_NEW: Final = f"Download Alipay's new certificate from the console. {UNCHECKED_ADVICE}"
_ADVICE: Final = {
    CertificateFault.EXPIRED: _DOWNLOAD_NEW,
    CertificateFault.EXPIRES_SOON: "Replace it in time.",
    CertificateFault.IS_AUTHORITY: f"Give the certificate that it issued. {UNCHECKED_ADVICE}",
    CertificateFault.ISSUER_MISSING: (
        f"Put the certificate of that issuer behind Alipay's in the same file. {UNCHECKED_ADVICE}"
    ),
    CertificateFault.ISSUER_EXPIRED: _DOWNLOAD_NEW,
}
"""What to do; about everything else, `_DOWNLOAD_ALL`."""
_CHINESE_DOWNLOAD_ALL: Final = (
    f"请从控制台重新下载该环境的支付宝公钥证书和根证书。{CHINESE_UNCHECKED_ADVICE}"
)
_CHINESE_DOWNLOAD_NEW: Final = f"请从控制台下载新的支付宝公钥证书。{CHINESE_UNCHECKED_ADVICE}"
_CHINESE_ADVICE: Final = {
    CertificateFault.EXPIRED: _CHINESE_DOWNLOAD_NEW,
    CertificateFault.EXPIRES_SOON: "请及时更换。",
    CertificateFault.IS_AUTHORITY: f"请提供由其签发的证书。{CHINESE_UNCHECKED_ADVICE}",
    CertificateFault.ISSUER_MISSING: (
        f"请将该颁发者的证书放在同一文件中支付宝公钥证书之后。{CHINESE_UNCHECKED_ADVICE}"
    ),
    CertificateFault.ISSUER_EXPIRED: _CHINESE_DOWNLOAD_NEW,
}


def certificate_problem(fault: CertificateFault, path: str, **facts: object) -> Problem:
    """Return a fault as a problem.

    Args:
        fault: what is wrong.
        path: what to call the certificate.
        facts: what the words for the fault tell, by name.
    """
    severity = Severity.WARNING if fault is CertificateFault.EXPIRES_SOON else Severity.ERROR
    english = _MESSAGES[fault], _ADVICE.get(fault, _DOWNLOAD_ALL)
    chinese = _CHINESE_MESSAGES[fault], _CHINESE_ADVICE.get(fault, _CHINESE_DOWNLOAD_ALL)
    return told(path, fault, english, chinese, severity, facts)


def moment(time: datetime.datetime) -> str:
    """Return a time as it is told to a person, in minutes."""
    return f"{time:%Y-%m-%d %H:%M}"
