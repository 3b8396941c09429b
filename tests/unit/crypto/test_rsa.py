"""Signatures of both backends, judged by OpenSSL's known answers and by `cryptography`."""

import base64
import copy
import json
import pickle
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from alipay_mini_audit.crypto import RSASigner, RSAVerifier
from alipay_mini_audit.crypto import rsa as our_rsa
from alipay_mini_audit.crypto.keys import load_public_key
from alipay_mini_audit.errors import ConfigurationError, Outcome, UntrustedReply

KEYS = Path(__file__).parents[2] / "vectors" / "keys"
VECTORS = json.loads((KEYS.parent / "vectors.json").read_text("utf-8"))
PRIVATE = sorted(path.name for path in KEYS.glob("app.pk*"))
"""The same key in eight spellings."""
KEY = KEYS / "app.pkcs8.pem"
OPENSSL = RSASigner(KEY, backend="openssl")
PYCRYPTODOME = RSASigner(KEY, backend="pycryptodome")


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
    "entry",  # what is not base64 never comes this far
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


# Both ways to compute: chosen by name or by what is installed, and the same in every bit.


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None, database=None)
def test_both_give_the_same_signature(message: bytes) -> None:
    assert OPENSSL.sign_blocking(message) == PYCRYPTODOME.sign_blocking(message)


@pytest.mark.parametrize("signer", [OPENSSL, PYCRYPTODOME], ids=lambda signer: signer.backend)
@pytest.mark.parametrize("entry", VECTORS["requests"], ids=lambda entry: entry["name"])
async def test_both_give_the_known_answer(signer: RSASigner, entry: dict[str, Any]) -> None:
    message = entry["content_to_sign"].encode()
    assert base64.b64encode(signer.sign_blocking(message)).decode() == entry["signature"]
    assert await signer.sign(message) == signer.sign_blocking(message)


@pytest.mark.parametrize("name", PRIVATE)
def test_both_read_every_spelling(name: str) -> None:
    signers = [RSASigner(KEYS / name, backend=backend) for backend in ("openssl", "pycryptodome")]
    assert {signer.sign_blocking(b"m") for signer in signers} == {OPENSSL.sign_blocking(b"m")}
    assert {signer.fingerprint for signer in signers} == {OPENSSL.fingerprint}


def test_a_signer_says_what_computes() -> None:
    assert (OPENSSL.backend, repr(OPENSSL)) == ("openssl", "<RSASigner: 2048 bits, openssl>")
    assert (PYCRYPTODOME.backend, repr(PYCRYPTODOME)) == (
        "pycryptodome",
        "<RSASigner: 2048 bits, pycryptodome>",
    )


@pytest.mark.parametrize("backend", ["openssl", "pycryptodome"])
def test_a_good_key_is_sound(backend: Any) -> None:
    assert RSASigner(KEY, backend=backend).is_sound()


def test_openssl_is_taken_where_it_is_installed() -> None:
    assert RSASigner(KEY).backend == "openssl"


@pytest.mark.parametrize(("bits", "is_quick"), [(2048, True), (3072, True), (4096, False)])
def test_only_openssl_with_a_usual_key_signs_on_the_event_loop(bits: int, is_quick: bool) -> None:
    key = generate_private_key(65537, bits).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    assert RSASigner(key, backend="openssl").is_quick is is_quick
    assert not RSASigner(key, backend="pycryptodome").is_quick


@pytest.mark.parametrize("backend", ["", "OpenSSL", "cryptography", 5, True])
def test_another_backend_is_refused(backend: Any) -> None:
    with pytest.raises(
        ConfigurationError, match="backend: expected 'openssl' or 'pycryptodome', not "
    ):
        RSASigner(KEY, backend=backend)


@pytest.mark.parametrize("backend", ["openssl", "pycryptodome", None])
def test_a_wrong_key_is_refused_before_a_backend_sees_it(backend: Any) -> None:
    with pytest.raises(ConfigurationError, match="private_key: this is a public key"):
        RSASigner(KEYS / "app.public.pem", backend=backend)


WITHOUT = """
import pathlib, sys
sys.modules["cryptography"] = None  # as if it were not installed
import alipay_mini_audit
from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.errors import ConfigurationError
key = pathlib.Path(sys.argv[1])
signer = RSASigner(key)
print(signer.backend, signer.is_quick, signer.sign_blocking(b"m").hex())
try:
    RSASigner(key, backend="openssl")
except ConfigurationError as error:
    print(error)
"""


def test_without_the_extra_everything_works_and_openssl_is_refused() -> None:
    command = [sys.executable, "-W", "error", "-c", WITHOUT, str(KEY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"pycryptodome False {OPENSSL.sign_blocking(b'm').hex()}",
        "backend: 'openssl' needs pip install 'alipay-mini-audit[openssl]'.",
    ]


@pytest.mark.parametrize("name", ["_openssl_verify", "_pycryptodome_verify"])
def test_both_backends_verify_exactly_what_is_valid(name: str) -> None:
    verify = getattr(our_rsa, name)(load_public_key(KEYS / "alipay.public.pem"))
    replies = VECTORS["responses"]
    signed = [reply for reply in replies if reply["signature"] and "%" not in reply["signature"]]
    assert len(signed) == 9
    for reply in signed:
        message = f"{reply['timestamp']}\n{reply['nonce']}\n{reply['body']}\n".encode()
        assert verify(message, base64.b64decode(reply["signature"])) is reply["valid"], reply[
            "name"
        ]
    assert verify(b"message", b"") is False
    assert verify(b"message", b"x" * 300) is False


def test_the_public_key_is_told_as_the_console_takes_it() -> None:
    public_key = (KEYS / "app.public.b64").read_text("ascii").strip()
    assert RSASigner(KEYS / "app.pkcs8.pem").public_key == public_key
