import base64
import json

import pytest
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from alipay_mini_audit.sandbox.protocol.encryption import Cipher
from alipay_mini_audit.sandbox.protocol.refusals import Refusal
from alipay_mini_audit.sandbox.protocol.replies import (
    ReplySigner,
    error_reply,
    page_reply,
    signed_reply,
)

NOW = 1_700_000_000.25


@pytest.fixture(scope="module")
def signer(alipay_key: RSAPrivateKey) -> ReplySigner:
    numbers = alipay_key.private_numbers()
    values = (numbers.public_numbers.n, numbers.public_numbers.e, numbers.d, numbers.p, numbers.q)
    return ReplySigner(RSA.construct(values), "0123")


async def test_an_answer_is_signed_over_its_bytes(
    signer: ReplySigner, alipay_key: RSAPrivateKey
) -> None:
    reply = await signed_reply(
        {"memo": "加速"}, signer, cipher=None, by_certificate=False, trace_id="t-1", now=NOW
    )
    assert isinstance(reply.body, bytes)
    assert json.loads(reply.body) == {"memo": "加速"}
    assert (reply.status, reply.headers["alipay-trace-id"]) == (200, "t-1")
    assert reply.headers["alipay-timestamp"] == "1700000000250"
    assert "alipay-sn" not in reply.headers
    signed = f"1700000000250\n{reply.headers['alipay-nonce']}\n".encode() + reply.body + b"\n"
    signature = base64.b64decode(reply.headers["alipay-signature"], validate=True)
    alipay_key.public_key().verify(signature, signed, PKCS1v15(), SHA256())


async def test_in_certificate_mode_it_names_the_certificate(signer: ReplySigner) -> None:
    reply = await signed_reply(
        {}, signer, cipher=None, by_certificate=True, trace_id="t-1", now=NOW
    )
    assert reply.headers["alipay-sn"] == "0123"


async def test_an_encrypted_answer_is_signed_as_ciphertext(
    signer: ReplySigner, alipay_key: RSAPrivateKey
) -> None:
    cipher = Cipher("AAECAwQFBgcICQoLDA0ODw==")
    reply = await signed_reply(
        {"app_version": "0.0.1"},
        signer,
        cipher=cipher,
        by_certificate=False,
        trace_id="t-1",
        now=NOW,
    )
    assert reply.body == b"JtdE85jl2SYoC5+8YaJ8C2f5XjuPCQJ8CQ+hq/i6uLs="
    assert reply.content_type == "text/plain"
    signed = f"1700000000250\n{reply.headers['alipay-nonce']}\n".encode() + reply.body + b"\n"
    signature = base64.b64decode(reply.headers["alipay-signature"], validate=True)
    alipay_key.public_key().verify(signature, signed, PKCS1v15(), SHA256())


def test_an_error_is_json_and_not_signed() -> None:
    reply = error_reply(Refusal("invalid-method"), "t-1")
    assert (reply.status, reply.headers["alipay-trace-id"]) == (404, "t-1")
    assert "alipay-signature" not in reply.headers
    assert isinstance(reply.body, bytes)
    assert json.loads(reply.body) == {
        "code": "invalid-method",
        "message": "There is no such API.",
        "links": [{"link": "https://opendocs.alipay.com/open-v3/054fcv", "desc": "Common errors"}],
    }


def test_a_front_end_answers_a_page() -> None:
    reply = page_reply(413)
    assert (reply.status, reply.content_type) == (413, "text/html")
    assert reply.text is not None
    assert "<h1>413 Request Entity Too Large</h1>" in reply.text
