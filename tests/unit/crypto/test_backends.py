"""Both ways to compute a signature.

Chosen by name or by what is installed, and the same in every bit.
"""

import base64
import json
import subprocess
import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from support.certificates import VECTORS

from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.crypto import rsa as our_rsa
from alipay_mini_audit.crypto.keys import load_public_key
from alipay_mini_audit.errors import ConfigurationError

KEY = VECTORS / "keys" / "app.pkcs8.pem"
KNOWN = json.loads((VECTORS / "vectors.json").read_text("utf-8"))["requests"]
OPENSSL, PYCRYPTODOME = RSASigner(KEY, backend="openssl"), RSASigner(KEY, backend="pycryptodome")
SPELLINGS = sorted(path.name for path in (VECTORS / "keys").glob("app.pk*"))


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None, database=None)
def test_both_give_the_same_signature(message: bytes) -> None:
    assert OPENSSL.sign_blocking(message) == PYCRYPTODOME.sign_blocking(message)


@pytest.mark.parametrize("signer", [OPENSSL, PYCRYPTODOME], ids=lambda signer: signer.backend)
@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: entry["name"])
async def test_both_give_the_known_answer(signer: RSASigner, entry: dict[str, Any]) -> None:
    message = entry["content_to_sign"].encode()
    assert base64.b64encode(signer.sign_blocking(message)).decode() == entry["signature"]
    assert await signer.sign(message) == signer.sign_blocking(message)


@pytest.mark.parametrize("name", SPELLINGS)
def test_both_read_every_spelling(name: str) -> None:
    signers = [
        RSASigner(VECTORS / "keys" / name, backend=backend)
        for backend in ("openssl", "pycryptodome")
    ]
    assert {signer.sign_blocking(b"m") for signer in signers} == {OPENSSL.sign_blocking(b"m")}
    assert {signer.fingerprint for signer in signers} == {OPENSSL.fingerprint}


def test_a_signer_says_what_computes() -> None:
    assert (OPENSSL.backend, repr(OPENSSL)) == ("openssl", "<RSASigner: 2048 bits, openssl>")
    assert (PYCRYPTODOME.backend, repr(PYCRYPTODOME)) == (
        "pycryptodome",
        "<RSASigner: 2048 bits, pycryptodome>",
    )


def test_openssl_is_taken_where_it_is_installed() -> None:
    assert RSASigner(KEY).backend == "openssl"


@pytest.mark.parametrize(("bits", "is_quick"), [(2048, True), (3072, True), (4096, False)])
def test_only_openssl_with_a_usual_key_signs_on_the_event_loop(bits: int, is_quick: bool) -> None:
    key = rsa.generate_private_key(65537, bits).private_bytes(
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
        RSASigner(VECTORS / "keys" / "app.public.pem", backend=backend)


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
    verify = getattr(our_rsa, name)(load_public_key(VECTORS / "keys" / "alipay.public.pem"))
    replies = json.loads((VECTORS / "vectors.json").read_text("utf-8"))["responses"]
    signed = [reply for reply in replies if reply["signature"] and "%" not in reply["signature"]]
    assert len(signed) == 9
    for reply in signed:
        message = f"{reply['timestamp']}\n{reply['nonce']}\n{reply['body']}\n".encode()
        assert verify(message, base64.b64decode(reply["signature"])) is reply["valid"], reply[
            "name"
        ]
    assert verify(b"message", b"") is False
    assert verify(b"message", b"x" * 300) is False
