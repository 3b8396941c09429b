"""What a browser is answered: for each outcome of a call the HTTP status that says the same."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from typing import Final, Self, final

import attrs

from alipay_mini_audit import (
    ApiError,
    AuditError,
    AuthenticationError,
    CallError,
    ConfigurationError,
    InvalidRequest,
    Outcome,
    RateLimited,
    ValidationError,
)

__all__ = [
    "LATER",
    "MOST_BYTES",
    "MOST_FIELDS",
    "MOST_FILES",
    "UPLOAD_SECONDS",
    "Answer",
    "answer_of",
    "language_of",
    "not_asked",
    "refusal",
]

_LOGGER: Final = logging.getLogger(__name__)
MOST_FILES: Final = 23
MOST_FIELDS: Final = 22
MOST_BYTES: Final = 110 * 1024 * 1024
"""The largest 23 files that the platform takes are 92 MiB; this leaves room for fields."""
UPLOAD_SECONDS: Final = 900.0
"""How long a browser may take; meanwhile nobody else can submit that version."""
_STATUSES: Final = (
    (ValidationError, 422),
    (InvalidRequest, 422),
    (RateLimited, 429),
    (AuthenticationError, 500),  # nothing that whoever filled in the form can mend
    (ConfigurationError, 500),
)
LATER: Final = 5
"""Seconds after which whoever is busy may be asked again, if a platform does not say."""


@final
@attrs.frozen
class Answer:
    """A status, and what the page makes of it.

    Attributes:
        status: HTTP status.
        body: is sent as JSON.
        headers: beside those of JSON.
    """

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def told(cls, status: int, outcome: str) -> Self:
        """Answer with an outcome alone; the page has the words for it."""
        return cls(status, {"outcome": outcome})

    @classmethod
    def no_room(cls, error: OSError) -> Self:
        """Answer that the files of a form cannot be kept, and tell the operator why."""
        _LOGGER.warning("the files of a form cannot be kept: %s", error)
        return cls.told(507, "no_room")

    @property
    def text(self) -> str:
        """The body as JSON."""
        return json.dumps(self.body, ensure_ascii=False)


def answer_of(error: AuditError, language: str) -> Answer:
    """Say with an HTTP status what became of a call that failed.

    Only 429 and 503 invite anybody, a proxy or a program, to send the same again: then nothing is
    in audit. After 502 and 504 it may be, and the platform has to be asked first.

    Args:
        error: what the call raised.
        language: of the texts, "zh" or "en".
    """
    status = _status_of(error)
    body: dict[str, object] = {"outcome": _word(error, status)}
    if isinstance(error, ValidationError):
        shown = [problem.in_language(language) for problem in error.problems]
        facts = ("path", "code", "message", "advice")
        body["problems"] = [{name: getattr(each, name) for name in facts} for each in shown]
    if isinstance(error, CallError):
        body |= {"request_id": error.request_id, "trace_id": error.trace_id}
    if isinstance(error, ApiError):
        known = error.explanation(language)
        body |= {"code": error.code, "said": error.message}
        body |= {"meaning": known.meaning, "advice": known.advice}
    headers = {}
    if status in (429, 503):
        asked = error.retry_after if isinstance(error, ApiError) else None
        headers["Retry-After"] = str(math.ceil(asked or LATER))
    return Answer(status, body, headers)


def not_asked(error: AuditError, language: str) -> Answer:
    """Say that a question about a version failed: of the version that tells nothing.

    Args:
        error: what the question raised.
        language: as for `answer_of`.
    """
    return Answer(502, {**answer_of(error, language).body, "outcome": "not_asked"})


def _status_of(error: AuditError) -> int:
    if error.outcome is Outcome.UNKNOWN:
        return 504 if getattr(error, "http_status", None) is None else 502
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return status
    if error.outcome is Outcome.NOT_SENT:
        return 503 if error.is_repeatable else 500
    return 409 if error.outcome is Outcome.REFUSED else 200  # accepted, and not readable


def _word(error: AuditError, status: int) -> str:
    words = {200: "accepted", 422: "invalid", 429: "later", 503: "not_sent", 500: "broken"}
    return words.get(status, "unknown" if error.outcome is Outcome.UNKNOWN else "refused")


def refusal(headers: Mapping[str, str]) -> Answer | None:
    """Return why a form is not even read; `None` if it is.

    A form on a foreign page cannot set `X-Requested-With`, so nobody who is logged in here can be
    made to submit by following a link. What is compressed, or comes in chunks, may be longer than
    it says: 400 KB can be 400 MB of files.
    """
    length = headers.get("Content-Length")
    if "X-Requested-With" not in headers:
        return Answer.told(403, "foreign")
    if length is None or "Transfer-Encoding" in headers or "Content-Encoding" in headers:
        return Answer.told(411, "broken")
    return Answer.told(413, "too_large") if int(length) > MOST_BYTES else None


def language_of(accepted: str | None) -> str:
    """Return "zh" or "en", whichever a browser likes better; English if it likes neither.

    Args:
        accepted: its header `Accept-Language`; `None` if there is none.
    """
    liked = []
    for wish in (accepted or "").lower().split(","):
        name, _, weight = wish.strip().partition(";q=")
        try:
            liked.append((float(weight or 1), name[:2]))
        except ValueError:
            continue
    liked.sort(key=lambda each: -each[0])  # stable: of equals the first
    return next((name for weight, name in liked if name in ("zh", "en") and weight > 0), "en")
