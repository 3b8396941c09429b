"""Signatures, judged by OpenSSL's known answers and by `cryptography`."""

import base64
import copy
import json
import pickle
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from alipay_mini_audit.crypto import RSASigner, RSAVerifier, Signer, Verifier
from alipay_mini_audit.errors import Outcome, UntrustedReply

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "vectors.json").read_text("utf-8"))
PRIVATE = sorted(
    path.name for path in (Path(__file__).parents[2] / "vectors" / "keys").glob("app.pk*")
)  # the same key in eight spellings


@pytest.fixture
def signer(keys: Path) -> RSASigner:
    return RSASigner(keys / "app.pkcs8.pem")


@pytest.fixture
def verifier(keys: Path) -> RSAVerifier:
    return RSAVerifier(keys / "alipay.public.pem")


def reply_text(entry: dict[str, Any]) -> bytes:
    return f"{entry['timestamp']}\n{entry['nonce']}\n{entry['body']}\n".encode()


@pytest.mark.parametrize("entry", VECTORS["requests"], ids=lambda entry: entry["name"])
async def test_the_signature_is_the_known_answer(signer: RSASigner, entry: dict[str, Any]) -> None:
    message = entry["content_to_sign"].encode()
    assert sha256(message).hexdigest() == entry["content_sha256"]
    assert base64.b64encode(await signer.sign(message)).decode("ascii") == entry["signature"]
    assert base64.b64encode(signer.sign_blocking(message)).decode("ascii") == entry["signature"]


@pytest.mark.parametrize("name", PRIVATE)
def test_every_spelling_of_the_key_gives_the_same_signature(keys: Path, name: str) -> None:
    entry = VECTORS["requests"][0]
    signature = RSASigner(keys / name).sign_blocking(entry["content_to_sign"].encode())
    assert base64.b64encode(signature).decode("ascii") == entry["signature"]


@pytest.mark.parametrize(
    "entry",
    [entry for entry in VECTORS["responses"] if entry["valid"]],
    ids=lambda entry: entry["name"],
)
def test_a_valid_reply_is_accepted(verifier: RSAVerifier, entry: dict[str, Any]) -> None:
    verifier.verify(reply_text(entry), base64.b64decode(entry["signature"]), alipay_cert_sn=None)


@pytest.mark.parametrize(
    "entry",  # the one that is no base64 never comes this far
    [
        entry
        for entry in VECTORS["responses"]
        if not entry["valid"] and "%" not in entry["signature"]
    ],
    ids=lambda entry: entry["name"],
)
def test_an_invalid_reply_is_refused(verifier: RSAVerifier, entry: dict[str, Any]) -> None:
    with pytest.raises(UntrustedReply):
        verifier.verify(
            reply_text(entry), base64.b64decode(entry["signature"]), alipay_cert_sn=None
        )


def test_the_vectors_hold_both_kinds_of_replies() -> None:
    assert [entry["valid"] for entry in VECTORS["responses"]].count(True) == 5
    assert len(VECTORS["responses"]) == 11
    assert len(VECTORS["requests"]) == 8


@pytest.mark.parametrize("message", [b"", b"\n", "中文🚀".encode(), bytes(range(256)) * 5000])
def test_another_library_accepts_our_signatures(
    signer: RSASigner, app_key: RSAPrivateKey, message: bytes
) -> None:
    app_key.public_key().verify(signer.sign_blocking(message), message, PKCS1v15(), SHA256())


@pytest.mark.parametrize("message", [b"", b"\n", "中文🚀".encode(), bytes(range(256)) * 5000])
def test_signatures_of_another_library_are_accepted(
    verifier: RSAVerifier, alipay_key: RSAPrivateKey, message: bytes
) -> None:
    verifier.verify(message, alipay_key.sign(message, PKCS1v15(), SHA256()))


def test_a_changed_message_is_refused_by_another_library(
    signer: RSASigner, app_key: RSAPrivateKey
) -> None:
    with pytest.raises(InvalidSignature):
        app_key.public_key().verify(signer.sign_blocking(b"a"), b"b", PKCS1v15(), SHA256())


def test_other_schemes_and_digests_are_refused(
    verifier: RSAVerifier, alipay_key: RSAPrivateKey
) -> None:
    wrong = [
        alipay_key.sign(b"m", PKCS1v15(), SHA1()),  # noqa: S303
        alipay_key.sign(b"m", PSS(MGF1(SHA256()), 32), SHA256()),
    ]
    for signature in wrong:
        with pytest.raises(UntrustedReply):
            verifier.verify(b"m", signature)


@pytest.mark.parametrize(
    "signature", [b"", b"x", bytes(255), bytes(256), b"\xff" * 256, bytes(257)]
)
def test_what_is_no_signature_is_refused(verifier: RSAVerifier, signature: bytes) -> None:
    with pytest.raises(UntrustedReply) as caught:
        verifier.verify(b"m", signature)
    assert caught.value.outcome is Outcome.UNKNOWN


def test_a_refused_signature_says_which_key_to_look_at(verifier: RSAVerifier) -> None:
    with pytest.raises(
        UntrustedReply, match="alipay_public_key is Alipay's key, not the application's"
    ):
        verifier.verify(b"m", bytes(256))


def test_the_certificate_number_is_not_looked_at(
    verifier: RSAVerifier, alipay_key: RSAPrivateKey
) -> None:
    verifier.verify(b"m", alipay_key.sign(b"m", PKCS1v15(), SHA256()), alipay_cert_sn="whatever")


def test_the_fingerprint_is_that_of_the_public_key(keys: Path, app_key: RSAPrivateKey) -> None:
    public = app_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert RSASigner(keys / "app.pkcs1.pem").fingerprint == sha256(public).hexdigest()
    assert RSAVerifier(keys / "app.public.pem").fingerprint == sha256(public).hexdigest()


def test_the_shipped_classes_fulfil_the_protocols(signer: RSASigner, verifier: RSAVerifier) -> None:
    assert isinstance(signer, Signer)
    assert isinstance(verifier, Verifier)
    assert not isinstance(object(), Signer | Verifier)


def test_neither_prints_its_key(signer: RSASigner, verifier: RSAVerifier) -> None:
    for shown in (repr(signer), str(signer), f"{signer}"):
        assert shown == "<RSASigner: 2048 bits, openssl>"
    assert repr(verifier) == "<RSAVerifier: 2048 bits>"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_signer_is_not_pickled(signer: RSASigner, protocol: int) -> None:
    with pytest.raises(TypeError, match="private key"):
        pickle.dumps(signer, protocol)


def test_a_signer_is_not_copied(signer: RSASigner) -> None:
    for duplicate in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="private key"):
            duplicate(signer)


def test_a_signer_has_no_room_for_other_attributes(signer: RSASigner) -> None:
    with pytest.raises(AttributeError):
        signer.key = "x"  # type: ignore[attr-defined]
    assert not hasattr(signer, "__dict__")
