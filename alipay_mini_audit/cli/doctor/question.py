"""One question to the platform that changes nothing, and what its answer proves.

The platform looks at the app, then at the signature, then at the token, and only then at what it
is asked: a code of the operation itself proves all three.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.cli.calls.watch import CallWatch
from alipay_mini_audit.cli.clock import TOLD_FROM, clock_said
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

__all__ = ["ask_platform", "judge_answer", "judge_clock"]

_VERSION: Final = "0.0.0"
"""Which one is asked about does not matter, nor whether there is one."""
_PLATFORM: Final = "platform"
_KNOWN: Final = (
    "it knows this app and its key, and its reply is signed",
    "平台认识该应用及其密钥，应答的签名正确",
)
_KNOWN_BY_CODE: Final = (
    "it knows this app and its key; about version {version} it says {code}",
    "平台认识该应用及其密钥；对版本 {version} 的应答是 {code}",
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
_UNSIGNED: Final = (" (that answer is not signed)", "（该应答没有签名）")
_CLOCK: Final = (
    ("{english}.", "Set it: the platform refuses requests that are 10 minutes off."),
    ("{chinese}。", "请校准本机时钟：相差超过 10 分钟的请求会被平台拒绝。"),
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
    watch = CallWatch()
    is_signed = False
    try:
        asyncio.run(until_stopped(_ask(credentials, config, app_auth_token, watch)))
    except ConfigurationError as error:
        yield error.as_problem()
    except ValidationError as error:  # the token cannot be one
        yield from error.problems
    except (CallError, SigningError) as error:
        yield judge_answer(error)
    else:
        is_signed = True
        yield stated(_PLATFORM, *_KNOWN)
    if watch.clock_offset is not None and (is_signed or abs(watch.clock_offset) >= TOLD_FROM):
        yield judge_clock(watch.clock_offset, is_signed=is_signed)


async def _ask(
    credentials: Credentials, config: ClientConfig, app_auth_token: str | None, watch: CallWatch
) -> None:
    async with AuditClient(credentials, config, observers=[watch]) as client:
        once = client.with_options(app_auth_token=app_auth_token, retry=RetryPolicy(attempts=1))
        await once.version_detail(_VERSION)


def judge_clock(offset: float, *, is_signed: bool) -> Finding:
    """Return what an answer tells of the clock of this computer.

    Args:
        offset: seconds that the platform's clock is ahead of it, negative for behind.
        is_signed: the answer is; any other may have been made by anybody.
    """
    values = {
        "english": _clause(clock_said(offset, "en")) + ("" if is_signed else _UNSIGNED[0]),
        "chinese": _clause(clock_said(offset, "zh")) + ("" if is_signed else _UNSIGNED[1]),
    }
    if abs(offset) < TOLD_FROM:
        return stated("clock", "{english}", "{chinese}", values=values)
    return told("clock", "clock_differs", *_CLOCK, severity=Severity.WARNING, values=values)


def _clause(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:-1]


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
