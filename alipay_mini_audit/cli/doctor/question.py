"""One question to the platform that changes nothing, and what its answer proves.

The platform looks at the app, then at the signature, then at the token, and only then at what it
is asked: a code of the operation itself proves all three.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.cli.exits import until_stopped
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.credentials.diagnosis import Finding
from alipay_mini_audit.credentials.material import stated
from alipay_mini_audit.errors import (
    ApiError,
    CallError,
    ConfigurationError,
    ErrorKind,
    Severity,
    SigningError,
    UntrustedReply,
    ValidationError,
)
from alipay_mini_audit.problems import told
from alipay_mini_audit.retry import RetryPolicy

__all__ = ["ask_platform", "judge_answer"]

_VERSION: Final = "0.0.0"
"""Which one is asked about does not matter, nor whether there is one."""
_PLATFORM: Final = "platform"
_KNOWN: Final = (
    "it knows this app and its key, and its reply is signed",
    "它认识该应用及其密钥，应答的签名正确",
)
_KNOWN_BY_CODE: Final = (
    "it knows this app and its key; about version {version} it says {code}",
    "它认识该应用及其密钥；对版本 {version} 的应答是 {code}",
)
_REFUSED: Final = (
    ("it answered {reason}", "{advice}"),
    ("平台应答 {reason}", "{chinese_advice}"),
)
_UNCERTAIN: Final = (
    ("it answered {code}, which proves nothing.", "Ask again later."),
    ("平台应答 {code}，无法据此判断。", "请稍后再试。"),
)
_FAILED: Final = (
    ("it could not be asked: {reason}", "Look at base_url, proxy and network."),
    ("无法查询：{reason}", "请检查 base_url、代理和网络。"),
)
_UNTRUSTED: Final = (
    (
        "its reply is not signed with the key that was given as Alipay's: {reason}",
        "Copy Alipay's public key, or its certificate, from the console of this app again.",
    ),
    (
        "应答的签名与所给的支付宝公钥不符：{reason}",
        "请从该应用的控制台重新复制支付宝公钥或支付宝证书。",
    ),
)
_NO_PROOF: Final = frozenset({ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE})
_UNKNOWN_HERE: Final = frozenset({ErrorKind.AUTHENTICATION, ErrorKind.PERMISSION})


def ask_platform(
    credentials: Credentials, config: ClientConfig, app_auth_token: str | None
) -> Iterator[Finding]:
    """Ask where a version stands.

    Args:
        credentials: who asks.
        config: whom.
        app_auth_token: token of the merchant that is asked for; `None` for the app itself.

    Yields:
        What the answer proves.

    Raises:
        Stopped: a signal came.
    """
    try:
        asyncio.run(until_stopped(_ask(credentials, config, app_auth_token)))
    except ConfigurationError as error:
        yield error.as_problem()
    except ValidationError as error:  # the token cannot be one
        yield from error.problems
    except (CallError, SigningError) as error:
        yield judge_answer(error)
    else:
        yield stated(_PLATFORM, *_KNOWN)


async def _ask(credentials: Credentials, config: ClientConfig, app_auth_token: str | None) -> None:
    async with AuditClient(credentials, config) as client:
        once = client.with_options(app_auth_token=app_auth_token, retry=RetryPolicy(attempts=1))
        await once.version_detail(_VERSION)


def judge_answer(error: CallError | SigningError) -> Finding:
    """Return what an answer other than a detail proves.

    Args:
        error: what the client made of it.
    """
    reason = {"reason": error.reason}
    if isinstance(error, UntrustedReply):
        return told(_PLATFORM, "untrusted_answer", *_UNTRUSTED, values=reason)
    if not isinstance(error, ApiError):
        return told(_PLATFORM, "no_answer", *_FAILED, values=reason)
    values = {"version": _VERSION, "code": error.code}
    is_of_the_operation = error.code.isupper()  # those of the gateway are in lower case
    if error.kind in _UNKNOWN_HERE:
        advice, chinese = (error.explanation(language).advice for language in ("en", "zh"))
        texts = reason | {"advice": advice, "chinese_advice": chinese}
        return told(_PLATFORM, error.code, *_REFUSED, values=texts)
    if error.kind in _NO_PROOF or not is_of_the_operation:
        weight = Severity.WARNING
        return told(_PLATFORM, error.code, *_UNCERTAIN, severity=weight, values=values)
    return stated(_PLATFORM, *_KNOWN_BY_CODE, values=values)
