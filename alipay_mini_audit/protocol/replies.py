"""From a raw reply to JSON, or to the error that it is: verify first, then parse. No I/O here."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from alipay_mini_audit.codes import ERROR_CLASSES, explain, kind_of_status, look_up, unwrap
from alipay_mini_audit.crypto import ContentCipher, Verifier
from alipay_mini_audit.crypto.asking import expect_signature
from alipay_mini_audit.errors import (
    CallError,
    ErrorKind,
    MalformedReply,
    Outcome,
    UntrustedReply,
)
from alipay_mini_audit.problems import printable
from alipay_mini_audit.protocol.authorization import reply_to_verify

__all__ = ["TRACE_IDS", "RawReply", "is_refusal_status", "parse_reply", "verify_reply"]

_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_MILLISECONDS: Final = re.compile(r"[0-9]{1,14}")
"""Up to the year 5138; today's have 13 digits."""
_EPOCH: Final = datetime.datetime.fromtimestamp(0, datetime.UTC)
_OK: Final = 200
_ACCEPTED: Final = 202
_REDIRECT: Final = 300
_CLIENT_ERROR: Final = 400
_SAY_NOTHING: Final = frozenset({408, 444, 460, 499})
_SERVER_ERROR: Final = 500
_ADVICE_BY_STATUS: Final[Mapping[int, str]] = {
    404: "Check base_url.",
    413: "The body is too large for the platform's front end: send smaller files.",
}


TRACE_IDS: Final = ("alipay-trace-id", "trace_id")
"""Headers that may hold the platform's id of an answer, the best first."""


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
        """The platform's id of this answer, as one line; `None` if it sent none."""
        trace_id = next(filter(None, map(self.headers.get, TRACE_IDS)), None)
        return printable(trace_id) if trace_id else None

    @property
    def platform_time(self) -> datetime.datetime | None:
        """When the platform signed it, by its own clock, in UTC; `None` if that cannot be read.

        Header `alipay-timestamp`, milliseconds since 1970: to be believed once it is verified.
        """
        value = self.headers.get("alipay-timestamp", "")
        if not _MILLISECONDS.fullmatch(value):
            return None
        return _EPOCH + datetime.timedelta(milliseconds=int(value))

    @property
    def stated_time(self) -> datetime.datetime | None:
        """When it was made, by whoever made it: `platform_time`, else header `Date`, in UTC.

        An error is not signed, so that this is a hint. `None` if neither can be read.
        """
        if self.platform_time is not None:
            return self.platform_time
        try:
            stated = parsedate_to_datetime(self.headers.get("date", ""))
            return stated.astimezone(datetime.UTC)
        except (TypeError, ValueError, OverflowError):
            return None

    @property
    def is_success(self) -> bool:
        """The status is a 2xx."""
        return _OK <= self.status < _REDIRECT

    @property
    def is_signed(self) -> bool:
        """It carries a signature, valid or not; the gateway also writes `null` for none."""
        return self.headers.get("alipay-signature", "") not in ("", "null")


def verify_reply(raw: RawReply, verifier: Verifier) -> bool:
    """Verify a reply, and say whether it is Alipay's; that of an error may be anybody's.

    Every 2xx must carry a valid signature. An error is verified if it is signed, and taken as a
    hint if it is not: the platform does not sign errors.

    Args:
        raw: what came back.
        verifier: decides whether Alipay signed it.

    Raises:
        UntrustedReply: the signature is missing, wrong, or by an unknown certificate.
    """
    if not raw.is_success and not raw.is_signed:
        return False
    with _told(raw):
        _verify(raw, verifier)
    return True


def parse_reply(
    raw: RawReply, *, cipher: ContentCipher | None = None, may_be_empty: bool = False
) -> dict[str, object]:
    """Return the JSON object of a success.

    Args:
        raw: what came back; it has been verified.
        cipher: decrypts an encrypted reply; `None` if content is not encrypted.
        may_be_empty: an empty body is a complete answer, `{}`.

    Raises:
        MalformedReply: the reply is not what the API answers.
        ApiError: the platform answered with an error code.
    """
    with _told(raw):
        if not raw.is_success:
            raise _api_error(raw)
        if raw.status == _ACCEPTED:
            reason = "The platform accepted the request and has not decided yet."
            raise _malformed(raw, reason, Outcome.UNKNOWN)
        return _parse(raw, cipher, may_be_empty=may_be_empty)


@contextmanager
def _told(raw: RawReply) -> Iterator[None]:
    """Tell an error of which answer it speaks."""
    try:
        yield
    except CallError as error:
        error.http_status = raw.status
        error.trace_id = raw.trace_id
        raise


def _verify(raw: RawReply, verifier: Verifier) -> None:
    signature = raw.headers.get("alipay-signature")
    if not signature:
        raise UntrustedReply("The reply is not signed.", advice=_unsigned_advice(raw))
    try:
        raw_signature = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise UntrustedReply("The signature of the reply is not base64.") from None
    timestamp = raw.headers.get("alipay-timestamp", "")
    nonce = raw.headers.get("alipay-nonce", "")
    message = reply_to_verify(timestamp, nonce, raw.body)
    alipay_cert_sn = raw.headers.get("alipay-sn")
    expect_signature(verifier, message, raw_signature, alipay_cert_sn=alipay_cert_sn)


def _unsigned_advice(raw: RawReply) -> str:
    if not raw.body or "html" in raw.headers.get("content-type", ""):
        return "Check base_url: what is not OpenAPI v3 (gateway.do, a proxy) answers like this."
    return "Do not believe it; check base_url, and what stands between you and Alipay."


def _parse(raw: RawReply, cipher: ContentCipher | None, *, may_be_empty: bool) -> dict[str, object]:
    if not raw.body and may_be_empty:
        return {}
    media_type = raw.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_encrypted = media_type == "text/plain"
    parsed = _json_object(cipher.decrypt(raw.body) if cipher and is_encrypted else raw.body)
    if parsed is not None:
        if "code" in parsed:
            reason = "The signed reply of a success holds an error code."
            raise _malformed(raw, reason, Outcome.ACCEPTED_UNREADABLE)
        return parsed
    if is_encrypted and cipher is None:
        raise MalformedReply(
            "The signed reply is text, not JSON.",
            outcome=Outcome.ACCEPTED_UNREADABLE,
            advice="It may be encrypted: give the encrypt_key that the console shows.",
        )
    reason = f"The signed reply is not a JSON object ({len(raw.body)} bytes)."
    raise _malformed(raw, reason, Outcome.ACCEPTED_UNREADABLE)


def _json_object(body: bytes) -> dict[str, object] | None:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _api_error(raw: RawReply) -> CallError:
    body = _json_object(raw.body) or {}
    given = body.get("code")
    if not isinstance(given, str) or not given:
        return _error_without_code(raw)
    message = body.get("message")
    if not isinstance(message, str):
        message = ""
    code = unwrap(given, message)
    row = look_up(code)
    kind = row.kind if row else kind_of_status(raw.status)
    is_fault = raw.status >= _SERVER_ERROR or kind is ErrorKind.UNAVAILABLE
    return ERROR_CLASSES[kind](
        code,
        message,
        kind=kind,
        advice=row.advice if row else "",
        links=_links(body.get("links")),
        retry_after=_retry_after(raw),
        outcome=Outcome.UNKNOWN if is_fault else Outcome.REFUSED,
        explain=explain,
    )


def _error_without_code(raw: RawReply) -> CallError:
    """Return the error for an answer that is not the API's, but of something in front of it."""
    kind = kind_of_status(raw.status)
    if kind in (ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE):
        return ERROR_CLASSES[kind](
            f"HTTP {raw.status}",
            "an answer without an error code",
            kind=kind,
            retry_after=_retry_after(raw),
            outcome=Outcome.REFUSED if kind is ErrorKind.THROTTLED else Outcome.UNKNOWN,
        )
    is_refusal = is_refusal_status(raw.status)
    content_type = raw.headers.get("content-type", "no content type")
    reason = f"HTTP {raw.status} without an error code ({content_type})."
    return _malformed(raw, reason, Outcome.REFUSED if is_refusal else Outcome.UNKNOWN)


def is_refusal_status(status: int) -> bool:
    """Say whether an answer without an error code means that the request was not taken.

    Not 408: a front end sends it to a connection that was idle, and the request may have crossed
    it. Nor what proxies say when somebody has left, while the platform went on.
    """
    return _REDIRECT <= status < _SERVER_ERROR and status not in _SAY_NOTHING


def _malformed(raw: RawReply, reason: str, outcome: Outcome) -> MalformedReply:
    advice = _ADVICE_BY_STATUS.get(raw.status, "")
    if _REDIRECT <= raw.status < _CLIENT_ERROR:
        advice = "Redirects are not followed: a signature holds for one address. Check base_url."
    return MalformedReply(reason, outcome=outcome, advice=advice)


def _links(links: object) -> list[Mapping[str, object]] | str | None:
    if isinstance(links, list):
        return [_printable_values(link) for link in links if isinstance(link, dict)]
    return printable(links) if isinstance(links, str) else None


def _printable_values(link: Mapping[str, object]) -> dict[str, object]:
    return {
        printable(name): printable(value) if isinstance(value, str) else value
        for name, value in link.items()
    }


def _retry_after(raw: RawReply) -> float | None:
    """Return the seconds of `Retry-After` (RFC 9110); a date counts from the date of the reply."""
    value = raw.headers.get("retry-after", "")
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        sent = parsedate_to_datetime(raw.headers.get("date", ""))
        return max(0.0, (until - sent).total_seconds())
    except (TypeError, ValueError, OverflowError):  # an absurd offset is an OverflowError
        return None
