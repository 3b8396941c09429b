"""What a failure means, by how far the request had come."""

from __future__ import annotations

import asyncio
import re
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from alipay_mini_audit.errors import (
    AuditError,
    CallError,
    ConfigurationError,
    ConnectionFailed,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
)
from alipay_mini_audit.problems import told
from alipay_mini_audit.transport.progress import Phase

__all__ = ["closed_under_call", "failure_of", "too_late", "waited_too_long", "without_secrets"]

_USERINFO: Final = re.compile(r"//[^/@\s]+@")
"""The password of a proxy is in aiohttp's texts."""
_QUERY: Final = re.compile(r"(/[^\s?]*)\?[^\s'\"<>)\]]*")
"""So is the whole URL of a request, and one call has a token in its query. A peer that is no server
of HTTP may send the line back in which it was asked for, and that is quoted, too."""
_CANNOT_SEND: Final = (
    ("it cannot send the request: {what}.", ""),
    ("无法发送请求：{what}。", ""),
)
_CLOSED: Final = ("it is closed.", "Make a new one."), ("已关闭。", "请新建一个。")
_OF_THE_NETWORK: Final = (
    aiohttp.ClientError,
    HttpProcessingError,
    OSError,
    asyncio.CancelledError,
)


def without_secrets(text: str) -> str:
    """Return a text without the names, passwords and queries in its URLs."""
    return _QUERY.sub(r"\1?***", _USERINFO.sub("//***@", text))


def failure_of(error: BaseException, phase: Phase) -> AuditError:
    """Return what a failure of the HTTP client means: a `CallError` once a byte may have left.

    Args:
        error: what aiohttp, the operating system, the TLS library or a hook of a lent session
            raised. A `CancelledError` is one that nobody of the caller's asked for.
        phase: how far the request had come.
    """
    # A hook of a lent session may say anything, the headers with the token for one.
    text = without_secrets(str(error)) if isinstance(error, _OF_THE_NETWORK) else ""
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if phase is Phase.CONNECTING:
        if isinstance(error, _OF_THE_NETWORK):
            return ConnectionFailed(f"No connection to the platform ({what}).")
        problem = told("session", "cannot_send", *_CANNOT_SEND, values={"what": what})
        return ConfigurationError.from_problem(problem)
    if phase is Phase.SENDING:
        return SendInterrupted(f"The connection broke while the request was sent ({what}).")
    if isinstance(error, TimeoutError):
        return ReplyTimeout(f"The request was sent, but no whole reply came in time ({what}).")
    return ReplyLost(f"The request was sent, but the reply was lost ({what}).")


def too_late(setting: str, phase: Phase) -> CallError:
    """Return what it means that a limit was reached.

    Args:
        setting: name of the limit, as in `Timeouts`.
        phase: how far the request had come.
    """
    limit = f"Timeouts.{setting}"
    if phase is Phase.CONNECTING:
        return ConnectionFailed(f"No connection to the platform in time ({limit}).")
    if phase is Phase.SENDING:
        return SendInterrupted(f"The request was not sent in time ({limit}).")
    return ReplyTimeout(f"The request was sent, but no whole reply came in time ({limit}).")


def waited_too_long(seconds: float, what: str) -> ConnectionFailed:
    """Return the error of a call that got no place.

    Args:
        seconds: how long it waited.
        what: what it waited for.
    """
    return ConnectionFailed(
        f"Not sent: it waited {seconds:g} s (Timeouts.queue) for {what}.",
        advice="Send less at once, or allow for more.",
    )


def closed_client() -> ConfigurationError:
    """Return the error of what a closed client is asked for."""
    return ConfigurationError.from_problem(told("client", "closed", *_CLOSED))


def closed_under_call(phase: Phase) -> CallError:
    """Return what it means that the client was closed while it sent a request.

    Args:
        phase: how far the request had come.
    """
    if phase is Phase.CONNECTING:
        return ConnectionFailed("The client was closed before there was a connection.")
    if phase is Phase.SENDING:
        return SendInterrupted("The client was closed while the request was sent.")
    return ReplyLost("The client was closed before the whole reply was here.")
