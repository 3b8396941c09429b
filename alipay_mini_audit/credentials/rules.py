"""What has to fit together in credentials, rule by rule; what one file must be is `crypto`'s.

Each rule returns a `Problem` or `None`, with the argument's name as its path.
"""

from __future__ import annotations

import functools
import inspect
import re
from typing import Final

import attrs

from alipay_mini_audit.crypto import Certificate, RSASigner, RSAVerifier
from alipay_mini_audit.crypto.chain import authority_problem, key_problem
from alipay_mini_audit.problems import Problem, Severity, retold, told

__all__ = [
    "alipay_certificate_problem",
    "app_certificate_problem",
    "app_id_problem",
    "fingerprint_of",
    "public_key_problem",
    "signer_problem",
    "trial_problem",
    "verifier_problem",
]

_APP_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_USUAL_APP_ID: Final = re.compile(r"[0-9]{16}")

_BAD_APP_ID: Final = (
    ("expected the digits that the console shows, as a text.", ""),
    ("应为控制台显示的数字，以字符串形式提供。", ""),
)
_UNUSUAL_APP_ID: Final = (
    ("Alipay's app ids have 16 digits; this one does not.", ""),
    ("支付宝的 APPID 为 16 位数字，此处不是。", ""),
)
_NO_SIGNER: Final = (
    ("expected an object with `async def sign(message) -> bytes`.", ""),
    ("应为带有 `async def sign(message) -> bytes` 方法的对象。", ""),
)
_NO_VERIFIER: Final = (
    ("expected an object with `verify(message, signature, ...)`.", ""),
    ("应为带有 `verify(message, signature, ...)` 方法的对象。", ""),
)
_ASYNC_VERIFY: Final = (
    (
        "its `verify` is asynchronous; it is called and not awaited.",
        "Make it a plain `def` that returns None or raises UntrustedReply.",
    ),
    (
        "其 `verify` 是异步的；它只会被直接调用，不会被 `await`。",
        "请改为普通的 `def`，返回 None 或抛出 UntrustedReply。",
    ),
)
_TRIAL_FAILED: Final = (
    ("a trial signature does not hold; the key is damaged.", "Make a new one."),
    ("试签名验证不通过，密钥已损坏。", "请重新生成。"),
)
_OWN_PUBLIC_KEY: Final = (
    (
        "this is the application's own public key.",
        "Give the Alipay public key, which the console shows beside it.",
    ),
    ("这是应用自己的公钥。", "请提供控制台中与其并列显示的支付宝公钥。"),
)
_OWN_CERTIFICATE: Final = (
    ("this is the application's certificate.", "Give Alipay's."),
    ("这是应用公钥证书。", "请提供支付宝公钥证书。"),
)
_FOREIGN: Final = (
    ("it does not belong to the private key.", "Give the key that its request was made with."),
    ("与私钥不匹配。", "请提供生成其证书请求时所用的私钥。"),
)
_AUTHORITY: Final = (
    ("{message}", "Give the certificate that it issued."),
    ("{message}", "请提供由其签发的证书。"),
)


def app_id_problem(app_id: object) -> Problem | None:
    """Say what is wrong with an app id: an error if it cannot be one, a warning if it is unusual.

    Args:
        app_id: what was given, of whatever type.
    """
    if not isinstance(app_id, str) or not _APP_ID.fullmatch(app_id):
        return told("app_id", "bad_app_id", *_BAD_APP_ID)
    if not _USUAL_APP_ID.fullmatch(app_id):
        return told("app_id", "unusual_app_id", *_UNUSUAL_APP_ID, severity=Severity.WARNING)
    return None


def signer_problem(signer: object) -> Problem | None:
    """Say whether it cannot sign.

    Args:
        signer: what was given, of whatever type.
    """
    if callable(getattr(signer, "sign", None)):
        return None
    return told("signer", "wrong_type", *_NO_SIGNER)


def verifier_problem(verifier: object) -> Problem | None:
    """Say whether it cannot verify, or only when it is awaited, which nobody does.

    Args:
        verifier: what was given, of whatever type.
    """
    verify = getattr(verifier, "verify", None)
    if not callable(verify):
        return told("verifier", "wrong_type", *_NO_VERIFIER)
    if _is_async(verify):
        return told("verifier", "async_verify", *_ASYNC_VERIFY)
    return None


def _is_async(function: object) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    called = (function, getattr(type(function), "__call__", None))  # noqa: B004  # an object's own
    return any(map(inspect.iscoroutinefunction, called)) or any(
        map(inspect.isasyncgenfunction, called)
    )


def trial_problem(signer: RSASigner) -> Problem | None:
    """Say whether a trial signature fails, which takes the time of a signature.

    Args:
        signer: holds the private key.
    """
    if signer.is_sound():
        return None
    return told("private_key", "damaged", *_TRIAL_FAILED)


def public_key_problem(verifier: RSAVerifier, application: str | None) -> Problem | None:
    """Say whether the application's own public key was given for Alipay's.

    Args:
        verifier: holds the key that was given for Alipay's.
        application: fingerprint of the application's key; `None` if it is not known.
    """
    if verifier.fingerprint != application:
        return None
    return told("alipay_public_key", "own_public_key", *_OWN_PUBLIC_KEY)


def alipay_certificate_problem(certificate: Certificate, application: str | None) -> Problem | None:
    """Say whether it holds a key that cannot be Alipay's.

    Args:
        certificate: what was given for Alipay's.
        application: fingerprint of the application's key; `None` if it is not known.
    """
    name = "alipay_certificate"
    if (problem := key_problem(certificate, name)) is not None:
        return problem
    if certificate.fingerprint != application:
        return None
    return told(name, "own_certificate", *_OWN_CERTIFICATE)


def app_certificate_problem(certificate: Certificate, application: str | None) -> Problem | None:
    """Say whether it belongs to another key than the application's.

    One of an authority is only a warning if it may belong: in a test environment it may do.

    Args:
        certificate: what was given for the application's.
        application: fingerprint of the application's key; `None` if it is not known.
    """
    name = "app_certificate"
    if (problem := key_problem(certificate, name)) is not None:
        return problem
    problem = authority_problem(certificate, name)
    if problem is not None:  # no setting lets this one pass
        problem = retold(problem, *_AUTHORITY)
    if application is None or certificate.fingerprint == application:
        return None if problem is None else attrs.evolve(problem, severity=Severity.WARNING)
    return problem or told(name, "foreign_certificate", *_FOREIGN)


def fingerprint_of(certificate: Certificate) -> str | None:
    """Return the fingerprint of its key; `None` if that is not an RSA key.

    Args:
        certificate: of whatever kind.
    """
    if key_problem(certificate, "") is not None:
        return None
    return certificate.fingerprint
