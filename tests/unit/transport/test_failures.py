"""What every failure of the HTTP client means, phase by phase.

A new class of aiohttp's fails here first.
"""

import inspect
import ssl

import aiohttp
import pytest
from aiohttp import client_exceptions

from alipay_mini_audit.errors import (
    CallError,
    ConnectionFailed,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
)
from alipay_mini_audit.transport.failures import failure_of
from alipay_mini_audit.transport.progress import Phase

NO_CONNECTION = (ConnectionFailed, ConnectionFailed, ConnectionFailed, ConnectionFailed)
LOST = (ConnectionFailed, SendInterrupted, ReplyLost, ReplyLost)
LATE = (ConnectionFailed, SendInterrupted, ReplyTimeout, ReplyTimeout)
EXPECTED = {
    "ClientConnectionError": LOST,
    "ClientConnectionResetError": LOST,
    "ClientConnectorCertificateError": NO_CONNECTION,
    "ClientConnectorDNSError": NO_CONNECTION,
    "ClientConnectorError": NO_CONNECTION,
    "ClientConnectorSSLError": NO_CONNECTION,
    "ClientError": LOST,
    "ClientHttpProxyError": NO_CONNECTION,
    "ClientOSError": LOST,
    "ClientPayloadError": LOST,
    "ClientProxyConnectionError": NO_CONNECTION,
    "ClientResponseError": LOST,
    "ClientSSLError": NO_CONNECTION,
    "ConnectionTimeoutError": NO_CONNECTION,
    "ContentTypeError": LOST,
    "InvalidURL": NO_CONNECTION,
    "InvalidUrlClientError": NO_CONNECTION,
    "InvalidUrlRedirectClientError": NO_CONNECTION,
    "NonHttpUrlClientError": NO_CONNECTION,
    "NonHttpUrlRedirectClientError": NO_CONNECTION,
    "RedirectClientError": LOST,
    "ServerConnectionError": LOST,
    "ServerDisconnectedError": LOST,
    "ServerFingerprintMismatch": NO_CONNECTION,
    "ServerTimeoutError": LATE,
    "SocketTimeoutError": LATE,
    "TooManyRedirects": LOST,
    "UnixClientConnectorError": NO_CONNECTION,
    "UploadAbortedError": LOST,
    "WSMessageTypeError": LOST,
    "WSServerHandshakeError": LOST,
}
OTHERS: list[tuple[BaseException, tuple[type[CallError], ...]]] = [
    (OSError(5, "Input/output error"), LOST),
    (ConnectionResetError(104, "Connection reset by peer"), LOST),
    (BrokenPipeError(32, "Broken pipe"), LOST),
    (ssl.SSLError(1, "bad record mac"), LOST),
    (ssl.SSLCertVerificationError(1, "self-signed certificate"), LOST),
    (TimeoutError(), LATE),
    (TimeoutError(), LATE),
]


def client_errors() -> dict[str, type[BaseException]]:
    return {
        name: kind
        for name, kind in inspect.getmembers(client_exceptions, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__ == client_exceptions.__name__
    }


def make(kind: type[BaseException]) -> BaseException:
    error = kind.__new__(kind)
    error.args = ("what happened",)
    return error


def test_every_client_exception_of_aiohttp_is_decided() -> None:
    assert set(client_errors()) - set(EXPECTED) == set()


@pytest.mark.parametrize("name", sorted(set(EXPECTED) & set(client_errors())))
def test_a_client_exception_becomes_an_error_by_phase(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = client_errors()[name]
    monkeypatch.setattr(kind, "__str__", lambda _: "what happened")
    assert tuple(type(failure_of(make(kind), phase)) for phase in Phase) == EXPECTED[name]


@pytest.mark.parametrize(("error", "expected"), OTHERS, ids=repr)
def test_any_other_failure_becomes_an_error_by_phase(
    error: BaseException, expected: tuple[type[CallError], ...]
) -> None:
    assert tuple(type(failure_of(error, phase)) for phase in Phase) == expected


def test_the_cause_is_told() -> None:
    error = failure_of(aiohttp.ServerDisconnectedError("gone"), Phase.WAITING)
    assert "ServerDisconnectedError: gone" in str(error)
    assert str(failure_of(TimeoutError(), Phase.WAITING)).startswith(
        "The request was sent, but no whole reply"
    )
