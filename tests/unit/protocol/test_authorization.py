"""The texts that are signed, against the known answers."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from support.content import SomeContent

from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.protocol import (
    Caller,
    Operation,
    Request,
    auth_string,
    authorization,
    reply_to_verify,
    string_to_sign,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "vectors.json").read_text("utf-8"))
every_request = pytest.mark.parametrize(
    "entry", VECTORS["requests"], ids=lambda entry: entry["name"]
)


def request(entry: dict[str, Any]) -> Request:
    path = entry["request_uri"].partition("?")[0]
    operation = Operation(name="call", method=entry["method"], path=path)
    return Request(
        call=SomeContent(operation, entry["request_uri"], entry["body"]),
        caller=Caller(entry["app_id"], entry["app_cert_sn"], None, entry["app_auth_token"]),
        request_id="request-1",
        nonce=entry["nonce"],
        timestamp_ms=int(entry["timestamp"]),
    )


@every_request
def test_the_auth_string_is_the_known_answer(entry: dict[str, Any]) -> None:
    for timestamp in (entry["timestamp"], int(entry["timestamp"])):
        made = auth_string(
            app_id=entry["app_id"],
            app_cert_sn=entry["app_cert_sn"],
            nonce=entry["nonce"],
            timestamp_ms=timestamp,
        )
        assert made == entry["auth_string"]
    assert request(entry).auth_string == entry["auth_string"]


@every_request
def test_the_string_to_sign_is_the_known_answer(entry: dict[str, Any]) -> None:
    made = string_to_sign(
        entry["auth_string"],
        entry["method"],
        entry["request_uri"],
        entry["body"],
        entry["app_auth_token"],
    )
    assert made == entry["content_to_sign"]
    assert request(entry).string_to_sign == entry["content_to_sign"]


@every_request
def test_the_authorization_header_is_the_known_answer(entry: dict[str, Any]) -> None:
    signature = base64.b64decode(entry["signature"])
    assert authorization(entry["auth_string"], signature) == entry["authorization"]
    assert request(entry).headers(signature)["Authorization"] == entry["authorization"]


@every_request
async def test_a_draft_and_a_signer_give_the_known_answer(
    keys: Path, entry: dict[str, Any]
) -> None:
    drafted = request(entry)
    signature = await RSASigner(keys / "app.pkcs1.b64").sign(drafted.string_to_sign.encode())
    assert drafted.headers(signature)["Authorization"] == entry["authorization"]


def test_an_empty_serial_number_is_left_out() -> None:
    made = auth_string(app_id="1", app_cert_sn="", nonce="n", timestamp_ms=2)
    assert made == "app_id=1,nonce=n,timestamp=2"


def test_the_line_of_the_body_stays_when_there_is_none() -> None:
    assert string_to_sign("a", "GET", "/v3/x") == "a\nGET\n/v3/x\n\n"


def test_the_line_of_the_token_is_there_only_with_a_token() -> None:
    assert string_to_sign("a", "POST", "/v3/x", "{}", None) == "a\nPOST\n/v3/x\n{}\n"
    assert string_to_sign("a", "POST", "/v3/x", "{}", "token") == "a\nPOST\n/v3/x\n{}\ntoken\n"


def test_the_header_holds_the_signature_in_padded_base64() -> None:
    assert (
        authorization("app_id=1", b"\xff\xfe\xfd\xfc")
        == "ALIPAY-SHA256withRSA app_id=1,sign=//79/A=="
    )


@pytest.mark.parametrize("entry", VECTORS["responses"], ids=lambda entry: entry["name"])
def test_the_text_of_a_reply_has_three_lines(entry: dict[str, Any]) -> None:
    expected = f"{entry['timestamp']}\n{entry['nonce']}\n{entry['body']}\n".encode()
    assert reply_to_verify(entry["timestamp"], entry["nonce"], entry["body"].encode()) == expected


def test_the_body_of_a_reply_is_not_decoded() -> None:
    assert reply_to_verify("1", "n", b"\xff\x00\r\n") == b"1\nn\n\xff\x00\r\n\n"
    assert reply_to_verify("", "", b"") == b"\n\n\n"
