"""Our signatures and those of `cryptography` are the same, for any bytes."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from support.keys import private_key
from support.reply_reader import read_reply

from alipay_mini_audit.crypto import RSASigner, RSAVerifier
from alipay_mini_audit.errors import CallError, UntrustedReply
from alipay_mini_audit.protocol import RawReply

KEYS = Path(__file__).parents[1] / "vectors" / "keys"
KEY = private_key((KEYS / "alipay.pkcs8.pem").read_bytes())
SIGNER = RSASigner(KEYS / "alipay.pkcs8.pem")
VERIFIER = RSAVerifier(KEYS / "alipay.public.pem")


@given(st.binary())
def test_another_library_accepts_our_signature(message: bytes) -> None:
    KEY.public_key().verify(SIGNER.sign_blocking(message), message, PKCS1v15(), SHA256())


@given(st.binary())
def test_the_signature_of_another_library_is_accepted(message: bytes) -> None:
    VERIFIER.verify(message, KEY.sign(message, PKCS1v15(), SHA256()))


@given(st.binary(), st.integers(0, 2047))
def test_a_signature_with_one_changed_bit_is_refused(message: bytes, bit: int) -> None:
    number = int.from_bytes(KEY.sign(message, PKCS1v15(), SHA256())) ^ (1 << bit)
    with pytest.raises(UntrustedReply):
        VERIFIER.verify(message, number.to_bytes(256))


@given(st.binary(), st.binary())
def test_a_signature_holds_for_one_message(message: bytes, other: bytes) -> None:
    signature = KEY.sign(message, PKCS1v15(), SHA256())
    if message != other:
        with pytest.raises(UntrustedReply):
            VERIFIER.verify(other, signature)


@given(st.binary(max_size=600))
def test_any_other_bytes_are_no_signature(signature: bytes) -> None:
    with pytest.raises(UntrustedReply):
        VERIFIER.verify(b"message", signature)


@given(
    status=st.integers(200, 599),
    body=st.binary() | st.sampled_from([b"", b"{}", b'{"code":"SUBMIT_REPEAT"}', b"[]"]),
    headers=st.dictionaries(
        st.sampled_from(
            ["alipay-signature", "alipay-timestamp", "alipay-nonce", "retry-after", "content-type"]
        ),
        st.text() | st.binary(max_size=300).map(lambda raw: base64.b64encode(raw).decode("ascii")),
    ),
    may_be_empty=st.booleans(),
)
def test_no_reply_of_a_stranger_is_read_as_a_success(
    status: int,
    body: bytes,
    headers: dict[str, str],
    may_be_empty: bool,
) -> None:
    with pytest.raises(CallError) as caught:
        read_reply(RawReply(status, headers, body), VERIFIER, may_be_empty=may_be_empty)
    assert caught.value.http_status == status
    if status < 300:
        assert type(caught.value) is UntrustedReply
