"""Replies of success: the signature comes first, then the shape."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.reply_reader import read_reply
from support.reply_signer import signed_headers

from alipay_mini_audit.crypto import RSAVerifier
from alipay_mini_audit.errors import CallError, MalformedReply, Outcome, UntrustedReply
from alipay_mini_audit.protocol import RawReply, is_refusal_status, verify_reply

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "vectors.json").read_text("utf-8"))
Answer = Callable[..., RawReply]


@pytest.fixture(scope="module")
def verifier(keys: Path) -> RSAVerifier:
    return RSAVerifier(keys / "alipay.public.pem")


def from_vector(entry: dict[str, Any], status: int = 200) -> RawReply:
    headers = {
        "alipay-timestamp": entry["timestamp"],
        "alipay-nonce": entry["nonce"],
        "alipay-signature": entry["signature"],
    }
    return RawReply(status, headers, entry["body"].encode())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("success", {"speed_up": "true", "speed_up_memo": "加速审核"}),
        ("spaces and order kept", {"speed_up_memo": "", "speed_up": "false"}),
        ("empty body", {}),
        ("empty object", {}),
    ],
)
def test_a_valid_reply_is_read(
    verifier: RSAVerifier, name: str, expected: dict[str, object]
) -> None:
    entry = next(entry for entry in VECTORS["responses"] if entry["name"] == name)
    assert entry["valid"]
    assert read_reply(from_vector(entry), verifier, may_be_empty=True) == expected


@pytest.mark.parametrize(
    "entry",
    [entry for entry in VECTORS["responses"] if not entry["valid"]],
    ids=lambda entry: entry["name"],
)
def test_an_invalid_reply_is_not_trusted(verifier: RSAVerifier, entry: dict[str, Any]) -> None:
    for may_be_empty in (True, False):
        with pytest.raises(UntrustedReply):
            read_reply(from_vector(entry), verifier, may_be_empty=may_be_empty)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
@pytest.mark.parametrize("signature", [None, "", "null"])
def test_a_success_without_a_signature_is_not_trusted(
    verifier: RSAVerifier, answer: Answer, status: int, signature: str | None
) -> None:
    headers = {} if signature is None else {"alipay-signature": signature}
    with pytest.raises(UntrustedReply) as caught:
        read_reply(
            answer(b"{}", status, signed=False, headers=headers), verifier, may_be_empty=True
        )
    assert caught.value.outcome is Outcome.UNKNOWN
    assert (caught.value.http_status, caught.value.trace_id) == (status, "trace-1")


def test_a_success_of_another_key_is_not_trusted(
    verifier: RSAVerifier, app_key: RSAPrivateKey
) -> None:
    with pytest.raises(UntrustedReply, match="signature of the reply is wrong"):
        read_reply(RawReply(200, signed_headers(b"{}", app_key), b"{}"), verifier)


@pytest.mark.parametrize(
    "signature", ["%%%", "a", "not base64 at all", "签名", "YQ==\n", "Y Q = ="]
)
def test_a_signature_that_is_not_base64_is_not_trusted(
    verifier: RSAVerifier, answer: Answer, signature: str
) -> None:
    reply = answer(b"{}", signed=False, headers={"alipay-signature": signature})
    with pytest.raises(UntrustedReply, match="not base64"):
        read_reply(reply, verifier)


@pytest.mark.parametrize("name", ["alipay-timestamp", "alipay-nonce"])
@pytest.mark.parametrize("value", [None, "", "other", "\udcff", "签"])
def test_a_success_with_another_time_or_nonce_is_not_trusted(
    verifier: RSAVerifier, answer: Answer, name: str, value: str | None
) -> None:
    reply = answer(b"{}")
    headers = {key: held for key, held in reply.headers.items() if key != name}
    headers |= {} if value is None else {name: value}
    with pytest.raises(UntrustedReply):
        read_reply(RawReply(200, headers, b"{}"), verifier)


@pytest.mark.parametrize(
    "headers", [{"content-type": "text/html;charset=GBK", "trace_id": "t-2"}, {}]
)
def test_an_empty_page_points_to_the_base_url(
    verifier: RSAVerifier, headers: dict[str, str]
) -> None:
    with pytest.raises(UntrustedReply, match=r"base_url.*gateway\.do") as caught:
        read_reply(RawReply(200, headers, b""), verifier, may_be_empty=True)
    assert caught.value.trace_id == headers.get("trace_id")


def test_a_page_of_success_points_to_the_base_url(verifier: RSAVerifier) -> None:
    reply = RawReply(200, {"content-type": "text/html"}, b"<html>hello</html>")
    with pytest.raises(UntrustedReply, match="base_url"):
        read_reply(reply, verifier)


@pytest.mark.parametrize(
    "body",
    [
        b"<html></html>",
        b"not json",
        b"[]",
        b'[{"speed_up":"true"}]',
        b'"text"',
        b"5",
        b"null",
        b'{"cut":',
        b"\xff\xfe\xff",
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("may_be_empty", [True, False])
def test_a_signed_reply_that_is_not_an_object_was_accepted_and_is_unreadable(
    verifier: RSAVerifier,
    answer: Answer,
    body: bytes,
    may_be_empty: bool,
) -> None:
    with pytest.raises(MalformedReply) as caught:
        read_reply(answer(body), verifier, may_be_empty=may_be_empty)
    assert caught.value.outcome is Outcome.ACCEPTED_UNREADABLE
    assert (caught.value.http_status, caught.value.trace_id) == (200, "trace-1")


def test_a_signed_empty_reply_is_an_answer_only_where_that_is_known(
    verifier: RSAVerifier, answer: Answer
) -> None:
    for status in (200, 204):
        assert read_reply(answer(b"", status), verifier, may_be_empty=True) == {}
        with pytest.raises(MalformedReply) as caught:
            read_reply(answer(b"", status), verifier)
        assert caught.value.outcome is Outcome.ACCEPTED_UNREADABLE


@pytest.mark.parametrize("code", ["SUBMIT_REPEAT", "", None, 5])
def test_a_success_that_holds_a_code_is_unreadable(
    verifier: RSAVerifier, answer: Answer, code: object
) -> None:
    with pytest.raises(MalformedReply) as caught:
        read_reply(answer(json.dumps({"code": code}).encode()), verifier, may_be_empty=True)
    assert caught.value.outcome is Outcome.ACCEPTED_UNREADABLE
    assert (caught.value.http_status, caught.value.trace_id) == (200, "trace-1")


@pytest.mark.parametrize(("status", "is_signed"), [(200, True), (400, True), (400, False)])
def test_it_is_said_whether_a_reply_is_alipays(
    verifier: RSAVerifier, answer: Answer, status: int, is_signed: bool
) -> None:
    assert verify_reply(answer(b"{}", status, signed=is_signed), verifier) is is_signed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1700000001234", "2023-11-14T22:13:21.234000+00:00"),
        ("0", "1970-01-01T00:00:00+00:00"),
        ("9" * 14, "5138-11-16T09:46:39.999000+00:00"),
        ("9" * 15, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("null", None),
        (" 1", None),
        ("1\n", None),
        ("\uff11", None),
    ],
)
def test_the_platforms_time_is_aware_and_exact(value: str, expected: str | None) -> None:
    time = RawReply(200, {"alipay-timestamp": value}, b"").platform_time
    assert (time.isoformat() if time else None) == expected
    assert RawReply(200, {}, b"").platform_time is None


def test_accepted_for_later_leaves_the_outcome_unknown(
    verifier: RSAVerifier, answer: Answer
) -> None:
    with pytest.raises(MalformedReply) as caught:
        read_reply(answer(b"{}", 202), verifier, may_be_empty=True)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert caught.value.http_status == 202


def test_the_text_is_utf_8_and_kept_as_it_is(verifier: RSAVerifier, answer: Answer) -> None:
    body = '{"a":"咖啡 🚀","b":[1,{"c":null}],"d":1.5}'.encode()
    assert read_reply(answer(body), verifier) == {"a": "咖啡 🚀", "b": [1, {"c": None}], "d": 1.5}


class Recording:
    """A verifier that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, bytes, str | None]] = []

    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        self.asked.append((message, signature, alipay_cert_sn))


@pytest.mark.parametrize(("headers", "expected"), [({}, None), ({"alipay-sn": "866e"}, "866e")])
def test_a_verifier_is_asked_about_the_raw_body_and_the_certificate(
    headers: dict[str, str], expected: str | None
) -> None:
    sent = {"alipay-timestamp": "1", "alipay-nonce": "n", "alipay-signature": "c2ln"} | headers
    verifier = Recording()
    assert read_reply(RawReply(200, sent, b'{ "a": 1 }'), verifier) == {"a": 1}
    assert verifier.asked == [(b'1\nn\n{ "a": 1 }\n', b"sig", expected)]


class Broken:
    """A verifier that fails in its own way."""

    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        raise RuntimeError(f"no key service for {message!r}, {signature!r}, {alipay_cert_sn!r}")


@pytest.mark.parametrize("status", [200, 400])
def test_a_verifier_that_fails_leaves_the_reply_untrusted(answer: Answer, status: int) -> None:
    with pytest.raises(CallError) as caught:
        read_reply(answer(b'{"code":"SUBMIT_REPEAT","message":"m"}', status), Broken())
    assert type(caught.value) is UntrustedReply
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_printed_reply_holds_no_body() -> None:
    shown = repr(RawReply(200, {"alipay-trace-id": "t"}, b"canary-body"))
    assert "canary" not in shown
    assert "<11 bytes>" in shown


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"alipay-trace-id": "t-1"}, "t-1"),
        ({"alipay-trace-id": "t-1", "trace_id": "t-2"}, "t-1"),
        ({"trace_id": "t-2"}, "t-2"),
        ({}, None),
    ],
)
def test_the_trace_id_is_found_under_both_names(
    headers: dict[str, str], expected: str | None
) -> None:
    assert RawReply(200, headers, b"").trace_id == expected


class Says:
    """A verifier of the user's own that returns something."""

    def __init__(self, verdict: object) -> None:
        self.verdict = verdict

    def verify(self, *_: object, **__: object) -> Any:
        return self.verdict() if callable(self.verdict) else self.verdict


async def awaited() -> None:
    """A check that nobody awaits."""


@pytest.mark.parametrize("status", [200, 204, 400])
@pytest.mark.parametrize("verdict", [False, True, 0, 1, "", "ok", (), NotImplemented, awaited])
def test_whatever_a_verifier_returns_is_a_refusal(
    answer: Answer, status: int, verdict: object
) -> None:
    with pytest.raises(UntrustedReply, match="The verifier returned") as caught:
        read_reply(answer(b'{"code":"SUBMIT_REPEAT"}', status), Says(verdict), may_be_empty=True)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert "returns None" in caught.value.advice
    assert caught.value.http_status == status


def test_a_verifier_that_returns_none_is_believed(answer: Answer) -> None:
    assert read_reply(answer(b"{}"), Says(None)) == {}


def test_a_verifier_that_cancels_is_a_refusal() -> None:
    class Cancels:
        def verify(self, *_: object, **__: object) -> None:
            raise asyncio.CancelledError

    raw = RawReply(200, {"alipay-signature": "c2ln"}, b"{}")
    with pytest.raises(UntrustedReply, match="CancelledError"):
        verify_reply(raw, Cancels())


@pytest.mark.parametrize("status", [408, 444, 460, 499])
def test_a_proxy_that_was_left_says_nothing_of_the_request(status: int) -> None:
    assert not is_refusal_status(status)
    assert is_refusal_status(413)
