"""Replies of failure: the code decides the class, and the outcome says how far the call came."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.reply_reader import read_reply

from alipay_mini_audit import errors
from alipay_mini_audit.crypto import RSAVerifier
from alipay_mini_audit.errors import (
    ApiError,
    ErrorKind,
    MalformedReply,
    Outcome,
    StateConflict,
    UntrustedReply,
)
from alipay_mini_audit.protocol import RawReply

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "vectors.json").read_text("utf-8"))
Answer = Callable[..., RawReply]
Fails = Callable[[RawReply], errors.CallError]


@pytest.fixture
def fails(keys: Path) -> Fails:
    """Read a reply that is an error, and return that."""
    verifier = RSAVerifier(keys / "alipay.public.pem")

    def fail(raw: RawReply) -> errors.CallError:
        with pytest.raises(errors.CallError) as caught:
            read_reply(raw, verifier, may_be_empty=True)
        return caught.value

    return fail


def error_body(code: object, message: object = "消息", **more: object) -> bytes:
    return json.dumps({"code": code, "message": message, **more}, ensure_ascii=False).encode()


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("code", "status", "cls", "kind", "outcome"),
    [
        ("invalid-signature", 400, "AuthenticationError", "authentication", "refused"),
        ("invalid-signature", 401, "AuthenticationError", "authentication", "refused"),
        ("illegal-timestamp", 400, "AuthenticationError", "authentication", "refused"),
        ("missing-encrypt-key", 400, "AuthenticationError", "authentication", "refused"),
        ("insufficient-isv-permissions", 401, "PermissionDenied", "permission", "refused"),
        ("app-call-limited", 429, "RateLimited", "throttled", "refused"),
        ("method-call-limited", 400, "RateLimited", "throttled", "refused"),
        ("unknow-error", 500, "ServiceUnavailable", "unavailable", "unknown"),
        ("unknow-error", 400, "ServiceUnavailable", "unavailable", "unknown"),
        ("SYSTEM_ERROR", 400, "ServiceUnavailable", "unavailable", "unknown"),
        ("VERSION_DESC_IS_BLANK", 400, "InvalidRequest", "request", "refused"),
        ("SUBMIT_REPEAT", 400, "StateConflict", "state", "refused"),
        ("AUDITING_VERSION_NOT_EXIST", 400, "StateConflict", "state", "refused"),
        ("NEVER_HEARD_OF", 400, "ApiError", "unknown", "refused"),
        ("NEVER_HEARD_OF", 401, "AuthenticationError", "authentication", "refused"),
        ("NEVER_HEARD_OF", 403, "PermissionDenied", "permission", "refused"),
        ("NEVER_HEARD_OF", 429, "RateLimited", "throttled", "refused"),
        ("NEVER_HEARD_OF", 500, "ServiceUnavailable", "unavailable", "unknown"),
        ("NEVER_HEARD_OF", 502, "ServiceUnavailable", "unavailable", "unknown"),
        ("SUBMIT_REPEAT", 500, "StateConflict", "state", "unknown"),
    ],
)
def test_the_code_decides_the_class(
    fails: Fails,
    answer: Answer,
    code: str,
    status: int,
    cls: str,
    kind: str,
    outcome: str,
    signed: bool,
) -> None:
    error = fails(answer(error_body(code), status, signed=signed))
    assert type(error).__name__ == cls
    assert isinstance(error, ApiError)
    assert (error.code, error.message) == (code, "消息")
    assert (error.kind.value, error.outcome.value) == (kind, outcome)
    assert (error.http_status, error.trace_id) == (status, "trace-1")
    assert code in str(error)
    assert "消息" in str(error)
    assert "trace-1" in str(error)


def test_a_known_code_comes_with_advice_and_an_unknown_one_without(
    fails: Fails, answer: Answer
) -> None:
    assert len(fails(answer(error_body("SUBMIT_REPEAT"), 400)).advice) > 10
    assert fails(answer(error_body("NEVER_HEARD_OF"), 400)).advice == ""


def test_the_signed_error_of_the_known_answers_is_read(fails: Fails) -> None:
    entry = next(entry for entry in VECTORS["responses"] if entry["name"] == "signed error")
    headers = {
        "alipay-timestamp": entry["timestamp"],
        "alipay-nonce": entry["nonce"],
        "alipay-signature": entry["signature"],
    }
    error = fails(RawReply(400, headers, entry["body"].encode()))
    assert isinstance(error, StateConflict)
    assert (error.code, error.message) == ("SUBMIT_REPEAT", "重复提交")
    assert error.links == json.loads(entry["body"])["links"]
    assert error.trace_id is None


@pytest.mark.parametrize("status", [400, 401, 429, 500, 502])
@pytest.mark.parametrize("signature", ["AAAA", "%%%"])
def test_an_error_with_a_wrong_signature_is_not_trusted(
    fails: Fails, answer: Answer, status: int, signature: str
) -> None:
    raw = answer(
        error_body("SUBMIT_REPEAT"), status, signed=False, headers={"alipay-signature": signature}
    )
    error = fails(raw)
    assert type(error) is UntrustedReply
    assert error.outcome is Outcome.UNKNOWN
    assert (error.http_status, error.trace_id) == (status, "trace-1")


@pytest.mark.parametrize("signature", ["", "null"])
def test_an_error_with_an_absent_signature_is_a_hint(
    fails: Fails, answer: Answer, signature: str
) -> None:
    raw = answer(
        error_body("SUBMIT_REPEAT"), 400, signed=False, headers={"alipay-signature": signature}
    )
    assert type(fails(raw)) is StateConflict


@pytest.mark.parametrize(
    ("message", "code", "cls"),
    [
        ("MINI_APP_INFO_AUDIT_CONTAINS", "MINI_APP_INFO_AUDIT_CONTAINS", "StateConflict"),
        (
            "错误码MINI_APP_INFO_AUDIT_CONTAINS,请检查",
            "MINI_APP_INFO_AUDIT_CONTAINS",
            "StateConflict",
        ),
        ("sub code: NOT_IN_ANY_LIST", "NOT_IN_ANY_LIST", "ApiError"),
        ("未知的业务错误", "unknown-sub-code", None),
        ("", "unknown-sub-code", None),
    ],
)
def test_a_wrapped_code_is_unwrapped(
    fails: Fails, answer: Answer, message: str, code: str, cls: str | None
) -> None:
    error = fails(answer(error_body("unknown-sub-code", message), 400))
    assert isinstance(error, ApiError)
    assert (error.code, error.message) == (code, message)
    assert cls is None or type(error).__name__ == cls


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, None),
        ({"links": None}, None),
        ({"links": 5}, None),
        ({"links": "https://e.org"}, "https://e.org"),
        ({"links": []}, []),
        (
            {"links": [{"link": "https://e.org", "desc": "排查"}, "text", None, {"rel": "x"}]},
            [{"link": "https://e.org", "desc": "排查"}, {"rel": "x"}],
        ),
    ],
)
def test_links_are_taken_in_every_shape(
    fails: Fails, answer: Answer, more: dict[str, Any], expected: object
) -> None:
    error = fails(answer(error_body("SUBMIT_REPEAT", **more), 400))
    assert isinstance(error, ApiError)
    assert error.links == expected


@pytest.mark.parametrize("message", [None, 5, ["x"]])
def test_a_message_that_is_not_text_is_empty(fails: Fails, answer: Answer, message: object) -> None:
    error = fails(answer(error_body("SUBMIT_REPEAT", message), 400))
    assert isinstance(error, ApiError)
    assert error.message == ""


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("\uff17", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
@pytest.mark.parametrize("body", [error_body("app-call-limited"), b"<html></html>"])
def test_the_time_to_wait_is_read(
    fails: Fails, answer: Answer, body: bytes, value: str, seconds: float | None
) -> None:
    error = fails(answer(body, 429, signed=False, headers={"retry-after": value}))
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after == seconds


def test_a_time_to_wait_without_end_is_not_taken(fails: Fails, answer: Answer) -> None:
    error = fails(answer(b"", 429, signed=False, headers={"retry-after": "9" * 400}))
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after is None or error.retry_after < float("inf")


PAGE = {"content-type": "text/html"}


@pytest.mark.parametrize(
    "body", [b"<html></html>", b"", b"{}", b"[]", b'{"code":""}', b'{"code":5}', b'{"code":']
)
@pytest.mark.parametrize(
    ("status", "outcome", "said"),
    [
        (301, "refused", "Redirects are not followed"),
        (302, "refused", "Redirects are not followed"),
        (304, "refused", "Redirects are not followed"),
        (400, "refused", "without an error code"),
        (404, "refused", "Check base_url"),
        (413, "refused", "smaller files"),
    ],
)
def test_an_answer_without_a_code_is_not_an_answer_of_the_api(
    fails: Fails, answer: Answer, status: int, outcome: str, said: str, body: bytes
) -> None:
    error = fails(answer(body, status, signed=False, headers=PAGE))
    assert type(error) is MalformedReply
    assert error.outcome.value == outcome
    assert f"HTTP {status}" in str(error)
    assert said in str(error)
    assert (error.http_status, error.trace_id) == (status, "trace-1")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_page_of_a_broken_server_leaves_the_outcome_unknown(
    fails: Fails, answer: Answer, status: int
) -> None:
    error = fails(answer(b"<html>Bad Gateway</html>", status, signed=False, headers=PAGE))
    assert type(error) is errors.ServiceUnavailable
    assert (error.kind, error.outcome) == (ErrorKind.UNAVAILABLE, Outcome.UNKNOWN)
    assert str(status) in error.code


def test_a_page_of_throttling_was_refused(fails: Fails, answer: Answer) -> None:
    error = fails(answer(b"<html>slow down</html>", 429, signed=False, headers=PAGE))
    assert type(error) is errors.RateLimited
    assert (error.kind, error.outcome) == (ErrorKind.THROTTLED, Outcome.REFUSED)


def test_a_redirect_does_not_say_where_to_send_the_signature(fails: Fails, answer: Answer) -> None:
    error = fails(
        answer(b"", 302, signed=False, headers={"location": "https://evil.example/login"})
    )
    assert type(error) is MalformedReply
    assert "evil" not in str(error)


@pytest.mark.parametrize(
    ("date", "until", "seconds"),
    [
        ("Tue, 24 Nov 2026 04:00:00 GMT", "Tue, 24 Nov 2026 04:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 04:00:00 GMT", "Tue, 24 Nov 2026 03:00:00 GMT", 0.0),
        ("", "Tue, 24 Nov 2026 04:01:30 GMT", None),
        ("Tue, 24 Nov 2026 04:00:00 GMT", f"Tue, 24 Nov 2026 04:00:00 +{'9' * 20}", None),
        (f"Tue, 24 Nov 2026 04:00:00 -{'9' * 20}", "Tue, 24 Nov 2026 04:00:00 GMT", None),
        ("Tue, 24 Nov 2026 04:00:00 GMT", f"Tue, 24 Nov {'9' * 20} 04:00:00 GMT", None),
        ("Tue, 24 Nov 2026 04:00:00 GMT", f"Tue, {'9' * 20} Nov 2026 04:00:00 GMT", None),
        ("Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", 252424079939.0),
        ("Tue, 24 Nov 2026 04:00:00 GMT", "soon", None),
        ("Tue, 24 Nov 2026 04:00:00 -0000", "Tue, 24 Nov 2026 04:01:30 GMT", None),
    ],
)
def test_a_date_to_wait_for_counts_from_the_date_of_the_reply(
    fails: Fails, date: str, until: str, seconds: float | None
) -> None:
    headers = {"date": date, "retry-after": until, "content-type": "application/json"}
    error = fails(RawReply(429, headers, error_body("app-call-limited")))
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after == seconds


FORGERY = "\n\r\x1b[2K\x00\u2028\u202e\u200f\x85\ud800"
"""Line breaks, an escape code, marks that turn the direction of writing, half a character."""


def test_no_text_of_a_reply_forges_a_line(fails: Fails, answer: Answer) -> None:
    links = [{"link": FORGERY, FORGERY: 5}]
    text = json.dumps({"code": f"X{FORGERY}", "message": f"m{FORGERY}", "links": links})
    headers = {"alipay-trace-id": f"t{FORGERY}", "content-type": f"c{FORGERY}"}
    error = fails(answer(text.encode(), 400, signed=False, headers=headers))
    assert isinstance(error, errors.ApiError)
    page = fails(answer(b"<html>", 404, signed=False, headers=headers))
    assert isinstance(error.links, list)
    texts = [str(error), str(page), error.code, error.message, page.reason, *error.links[0]]
    for shown in [*texts, str(error.trace_id), str(error.links[0]["link"])]:
        assert shown.isprintable(), repr(shown)
        shown.encode()
    assert error.code.startswith("X\\n\\r\\x1b[2K")
    as_text = fails(answer(json.dumps({"code": "X", "links": FORGERY}).encode(), 400, signed=False))
    assert isinstance(as_text, errors.ApiError)
    assert str(as_text.links).isprintable()
