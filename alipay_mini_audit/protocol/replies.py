"""From a raw reply to JSON, or to the error that it is: verify first, then parse. No I/O here."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from alipay_mini_audit.codes import kind_of_status, look_up, unwrap
from alipay_mini_audit.crypto import ContentCipher, Verifier
from alipay_mini_audit.errors import (
    ApiError,
    AuthenticationError,
    CallError,
    ErrorKind,
    InvalidRequest,
    MalformedReply,
    Outcome,
    PermissionDenied,
    RateLimited,
    ServiceUnavailable,
    StateConflict,
    UntrustedReply,
)
from alipay_mini_audit.protocol.authorization import reply_to_verify

__all__ = ["RawReply", "read_reply"]

_ERRORS: Final[Mapping[ErrorKind, type[ApiError]]] = {
    ErrorKind.AUTHENTICATION: AuthenticationError,
    ErrorKind.PERMISSION: PermissionDenied,
    ErrorKind.THROTTLED: RateLimited,
    ErrorKind.UNAVAILABLE: ServiceUnavailable,
    ErrorKind.REQUEST: InvalidRequest,
    ErrorKind.STATE: StateConflict,
    ErrorKind.UNKNOWN: ApiError,
}
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_OK: Final = 200
_ACCEPTED: Final = 202
_NO_CONTENT: Final = 204
_REDIRECT: Final = 300
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500


@attrs.frozen
class RawReply:
    """What came back.

    Attributes:
        status: HTTP status.
        headers: header values by name in lower case.
        body: the body as received.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=lambda body: f"<{len(body)} bytes>")

    @property
    def trace_id(self) -> str | None:
        """The platform's id of this answer."""
        return self.headers.get("alipay-trace-id") or self.headers.get("trace_id")

    @property
    def is_success(self) -> bool:
        """The status is a 2xx."""
        return _OK <= self.status < _REDIRECT


def read_reply(
    raw: RawReply,
    verifier: Verifier,
    *,
    cipher: ContentCipher | None = None,
    may_be_empty: bool = False,
) -> dict[str, object]:
    """Return the JSON object of a signed success.

    Every 2xx must carry a valid signature. An error is verified if it is signed, and believed as a
    hint if
    not: the platform does not sign errors.

    Args:
        raw: what came back.
        verifier: decides whether Alipay signed it.
        cipher: decrypts it if it is encrypted; `None` if content is not.
        may_be_empty: an empty signed body is a whole answer, `{}`.

    Raises:
        UntrustedReply: the signature is missing, wrong, or by an unknown certificate.
        MalformedReply: the reply is not what the API answers.
        ApiError: the platform answered with an error code.
    """
    try:
        if raw.is_success or raw.headers.get("alipay-signature", "null") not in ("", "null"):
            _verify(raw, verifier)
        if not raw.is_success:
            raise _api_error(raw)
        if raw.status == _ACCEPTED:
            raise _malformed(
                raw, "The platform took the request in and has not decided yet.", Outcome.UNKNOWN
            )
        return _parse(raw, cipher, may_be_empty=may_be_empty or raw.status == _NO_CONTENT)
    except CallError as error:
        error.http_status = raw.status
        error.trace_id = raw.trace_id
        raise


def _verify(raw: RawReply, verifier: Verifier) -> None:
    signature = raw.headers.get("alipay-signature")
    if not signature:
        raise UntrustedReply("The reply is not signed.", advice=_unsigned_advice(raw))
    timestamp, nonce = raw.headers.get("alipay-timestamp", ""), raw.headers.get("alipay-nonce", "")
    try:
        raw_signature = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise UntrustedReply("The signature of the reply is no base64.") from None
    message = reply_to_verify(timestamp, nonce, raw.body)
    try:
        verifier.verify(message, raw_signature, alipay_cert_sn=raw.headers.get("alipay-sn"))
    except UntrustedReply:
        raise
    except Exception as error:
        raise UntrustedReply(f"The verifier failed: {type(error).__name__}.") from error


def _unsigned_advice(raw: RawReply) -> str:
    if not raw.body or "html" in raw.headers.get("content-type", ""):
        return "Check base_url: an address that is not OpenAPI v3 (gateway.do, a proxy) answers like this."
    return "Do not believe it; check base_url, and what stands between you and Alipay."


def _parse(raw: RawReply, cipher: ContentCipher | None, *, may_be_empty: bool) -> dict[str, object]:
    if not raw.body and may_be_empty:
        return {}
    encrypted = (
        raw.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/plain"
    )
    parsed = _json_object(cipher.decrypt(raw.body) if cipher and encrypted else raw.body)
    if parsed is None and encrypted and cipher is None:
        advice = "It may be encrypted: give the encrypt_key that the console shows."
        message = "The signed reply is text, not JSON."
        raise MalformedReply(message, outcome=Outcome.ACCEPTED_UNREADABLE, advice=advice)
    if parsed is None:
        message = f"The signed reply is no JSON object ({len(raw.body)} bytes)."
        raise _malformed(raw, message, Outcome.ACCEPTED_UNREADABLE)
    return parsed


def _json_object(body: bytes) -> dict[str, object] | None:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _api_error(raw: RawReply) -> CallError:
    body = _json_object(raw.body)
    given = body.get("code") if body is not None else None
    if body is None or not isinstance(given, str) or not given:
        return _no_api_error(raw)
    message = body["message"] if isinstance(body.get("message"), str) else ""
    assert isinstance(message, str)  # noqa: S101  # the line above says so
    code = unwrap(given, message)
    entry = look_up(code)
    kind = entry.kind if entry else kind_of_status(raw.status)
    fault = raw.status >= _SERVER_ERROR or kind is ErrorKind.UNAVAILABLE
    return _ERRORS[kind](
        code,
        message,
        kind=kind,
        advice=entry.advice if entry else "",
        links=_links(body.get("links")),
        retry_after=_retry_after(raw),
        outcome=Outcome.UNKNOWN if fault else Outcome.REFUSED,
    )


def _no_api_error(raw: RawReply) -> CallError:
    """Say what an answer is that no API gives: it comes from something in front of the platform."""
    kind = kind_of_status(raw.status)
    if kind in (ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE):
        outcome = Outcome.REFUSED if kind is ErrorKind.THROTTLED else Outcome.UNKNOWN
        text = "an answer without an error code"
        return _ERRORS[kind](
            f"HTTP {raw.status}", text, kind=kind, retry_after=_retry_after(raw), outcome=outcome
        )
    outcome = Outcome.REFUSED if _REDIRECT <= raw.status < _SERVER_ERROR else Outcome.UNKNOWN
    content_type = raw.headers.get("content-type", "no content type")
    return _malformed(raw, f"HTTP {raw.status} without an error code ({content_type}).", outcome)


def _malformed(raw: RawReply, message: str, outcome: Outcome) -> MalformedReply:
    advice = {
        413: "The body is too large for the platform's front end: send smaller files.",
        404: "Check base_url.",
    }.get(raw.status, "")
    if _REDIRECT <= raw.status < _CLIENT_ERROR:
        advice = "Redirects are not followed: a signature holds for one address. Check base_url."
    return MalformedReply(message, outcome=outcome, advice=advice)


def _links(links: object) -> list[Mapping[str, object]] | str | None:
    if isinstance(links, list):
        return [link for link in links if isinstance(link, dict)]
    return links if isinstance(links, str) else None


def _retry_after(raw: RawReply) -> float | None:
    """Read `Retry-After` (RFC 9110).

    Seconds, or a date, which counts from the date of the reply.
    """
    value = raw.headers.get("retry-after", "")
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        until, sent = (
            parsedate_to_datetime(value),
            parsedate_to_datetime(raw.headers.get("date", "")),
        )
        return max(0.0, (until - sent).total_seconds())
    except (TypeError, ValueError):
        return None
