"""What every failure of the HTTP client means, phase by phase.

A new class of aiohttp's fails here first.
"""

import asyncio
import inspect
import ssl

import aiohttp
import pytest
from aiohttp import client_exceptions
from aiohttp.http_exceptions import HttpProcessingError, TransferEncodingError

from alipay_mini_audit.errors import (
    AuditError,
    ConfigurationError,
    ConnectionFailed,
    Outcome,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
)
from alipay_mini_audit.transport.failures import (
    closed_under_call,
    failure_of,
    too_late,
    waited_too_long,
    without_secrets,
)
from alipay_mini_audit.transport.progress import Phase

OF_A_HOOK = (ConfigurationError, SendInterrupted, ReplyLost, ReplyLost)
LOST = (ConnectionFailed, SendInterrupted, ReplyLost, ReplyLost)
LATE = (ConnectionFailed, SendInterrupted, ReplyTimeout, ReplyTimeout)
EXPECTED = {
    "ClientConnectionError": LOST,
    "ClientConnectionResetError": LOST,
    "ClientConnectorCertificateError": LOST,
    "ClientConnectorDNSError": LOST,
    "ClientConnectorError": LOST,
    "ClientConnectorSSLError": LOST,
    "ClientError": LOST,
    "ClientHttpProxyError": LOST,
    "ClientOSError": LOST,
    "ClientPayloadError": LOST,
    "ClientProxyConnectionError": LOST,
    "ClientResponseError": LOST,
    "ClientSSLError": LOST,
    "ConnectionTimeoutError": LATE,
    "ContentTypeError": LOST,
    "InvalidURL": LOST,
    "InvalidUrlClientError": LOST,
    "InvalidUrlRedirectClientError": LOST,
    "NonHttpUrlClientError": LOST,
    "NonHttpUrlRedirectClientError": LOST,
    "RedirectClientError": LOST,
    "ServerConnectionError": LOST,
    "ServerDisconnectedError": LOST,
    "ServerFingerprintMismatch": LOST,
    "ServerTimeoutError": LATE,
    "SocketTimeoutError": LATE,
    "TooManyRedirects": LOST,
    "UnixClientConnectorError": LOST,
    "UploadAbortedError": LOST,
    "WSMessageTypeError": OF_A_HOOK,
    "WSServerHandshakeError": LOST,
}
OTHERS: list[tuple[BaseException, tuple[type[AuditError], ...]]] = [
    (OSError(5, "Input/output error"), LOST),
    (ConnectionResetError(104, "Connection reset by peer"), LOST),
    (BrokenPipeError(32, "Broken pipe"), LOST),
    (ssl.SSLError(1, "bad record mac"), LOST),
    (ssl.SSLCertVerificationError(1, "self-signed certificate"), LOST),
    (TimeoutError(), LATE),
    (asyncio.CancelledError(), LOST),
    (HttpProcessingError(message="x"), LOST),
    (TransferEncodingError("x"), LOST),
    (ValueError("x"), OF_A_HOOK),
    (RuntimeError("x"), OF_A_HOOK),
    (KeyError("x"), OF_A_HOOK),
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
    error: BaseException, expected: tuple[type[AuditError], ...]
) -> None:
    assert tuple(type(failure_of(error, phase)) for phase in Phase) == expected


def test_the_cause_is_told() -> None:
    error = failure_of(aiohttp.ServerDisconnectedError("gone"), Phase.WAITING)
    assert "ServerDisconnectedError: gone" in str(error)
    assert str(failure_of(TimeoutError(), Phase.WAITING)).startswith(
        "The request was sent, but no whole reply"
    )


def test_a_limit_is_named() -> None:
    for phase, kind in zip(Phase, LATE, strict=True):
        error = too_late("total", phase)
        assert type(error) is kind
        assert "Timeouts.total" in error.reason


def test_a_client_that_is_closed_knows_how_far_the_call_was() -> None:
    assert tuple(type(closed_under_call(phase)) for phase in Phase) == LOST


def test_waiting_for_a_place_is_not_blamed_on_the_network() -> None:
    error = waited_too_long(1.5, "a place")
    assert error.reason == "Not sent: it waited 1.5 s (Timeouts.queue) for a place."
    assert error.outcome is Outcome.NOT_SENT


def test_names_and_passwords_of_urls_are_not_shown() -> None:
    assert without_secrets("at http://me:canary@proxy:1/") == "at http://***@proxy:1/"


def test_the_query_of_a_url_is_left_out_of_texts() -> None:
    url = "https://e.org/v3/x?app_auth_token=canary&a=b"
    assert without_secrets(f"404, message='Bad', url='{url}'") == (
        "404, message='Bad', url='https://e.org/v3/x?***'"
    )
    sent_back = r"Bad status line:\n  b'GET /v3/x?app_auth_token=canary HTTP/1.1'\n  ^"
    assert without_secrets(sent_back) == r"Bad status line:\n  b'GET /v3/x?*** HTTP/1.1'\n  ^"
    assert without_secrets(f"Timeout ({url}) once?") == "Timeout (https://e.org/v3/x?***) once?"
