"""What a failure of the HTTP client means, by how far the request had come."""

from __future__ import annotations

import re
from typing import Final

import aiohttp

from alipay_mini_audit.errors import (
    CallError,
    ConnectionFailed,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
)
from alipay_mini_audit.transport.progress import Phase

__all__ = ["failure_of", "without_userinfo"]

_USERINFO: Final = re.compile(r"//[^/@\s]+@")
"""The password of a proxy is in aiohttp's texts."""
_NO_CONNECTION: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    aiohttp.ServerFingerprintMismatch,
)


def without_userinfo(text: str) -> str:
    """Return a text without the names and passwords in its URLs."""
    return _USERINFO.sub("//***@", text)


def failure_of(error: BaseException, phase: Phase) -> CallError:
    """Return what a failure of the HTTP client means.

    Args:
        error: what aiohttp, the operating system or the TLS library raised.
        phase: how far the request had come.
    """
    text = without_userinfo(str(error))
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if phase is Phase.CONNECTING or isinstance(error, _NO_CONNECTION):
        return ConnectionFailed(f"No connection to the platform ({what}).")
    if phase is Phase.SENDING:
        return SendInterrupted(f"The connection broke while the request was sent ({what}).")
    if isinstance(error, TimeoutError):
        return ReplyTimeout(f"The request was sent, but no whole reply came in time ({what}).")
    return ReplyLost(f"The request was sent, but the reply was lost ({what}).")
