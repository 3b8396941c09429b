"""Encrypted content, by the known answers; what cannot be decrypted tells nothing about why."""

import base64
import copy
import json
import pickle
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from support.certificates import VECTORS

from alipay_mini_audit.crypto import ContentCipher
from alipay_mini_audit.errors import ConfigurationError, MalformedReply, Outcome

KNOWN = json.loads((VECTORS / "vectors.json").read_text("utf-8"))["aes"]
KEY = bytes(range(16))
CIPHER = ContentCipher(base64.b64encode(KEY).decode())


def raw(padded: bytes, key: bytes = KEY) -> bytes:
    """Encrypt without padding, by another library."""
    encryptor = Cipher(AES(key), CBC(bytes(16))).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize())


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: entry["name"])
def test_the_known_answers_hold_both_ways(entry: dict[str, str]) -> None:
    cipher = ContentCipher(entry["key"])
    assert cipher.encrypt(entry["plaintext"]) == entry["ciphertext"]
    assert cipher.decrypt(entry["ciphertext"].encode()).decode() == entry["plaintext"]


def test_the_vectors_hold_four() -> None:
    assert len(KNOWN) == 4


@pytest.mark.parametrize("size", [16, 24, 32])
def test_each_size_of_key_is_taken(size: int) -> None:
    key = bytes(range(100, 100 + size))
    text = base64.b64encode(key).decode()
    for spelling in (text, f" {text}\r\n", text[:8] + "\n" + text[8:]):
        cipher = ContentCipher(spelling)
        assert cipher.encrypt("fifteen bytes..").encode() == raw(b"fifteen bytes..\x01", key)
        assert repr(cipher) == f"<ContentCipher: AES-{size * 8}>"


@pytest.mark.parametrize("size", range(34))
def test_every_length_is_padded_as_pkcs7_says(size: int) -> None:
    text = "x" * size
    padding = 16 - size % 16
    assert CIPHER.encrypt(text).encode() == raw(text.encode() + bytes([padding]) * padding)
    assert CIPHER.decrypt(CIPHER.encrypt(text).encode()) == text.encode()


@pytest.mark.parametrize("size", [0, 1, 8, 15, 17, 23, 31, 33, 64])
def test_a_key_of_another_size_is_refused_with_its_size(size: int) -> None:
    with pytest.raises(
        ConfigurationError, match=f"^encrypt_key: this key has {size} bytes; expected 16, 24 or 32"
    ):
        ContentCipher(base64.b64encode(b"k" * size).decode())


@pytest.mark.parametrize(
    "key",
    ["AAECAwQFBgcICQoLDA0ODw", "*" * 24, "密钥", "AAEC=AwQFBgcICQoLDA0ODw=", None, 5, b"AAEC"],
)
def test_what_is_not_base64_is_refused(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="encrypt_key: expected the base64 text"):
        ContentCipher(key)


UNREADABLE = {
    "not base64": b"***",
    "half of base64": CIPHER.encrypt("{}").encode()[:-3],
    "JSON": b'{"speed_up":"true"}',
    "not ASCII": "密文".encode(),
    "empty": b"",
    "no whole block": base64.b64encode(bytes(15)),
    "padding of nothing": raw(b"{}" + bytes(14)),
    "padding too long": raw(b"{}" + b"\x11" * 14),
    "padding uneven": raw(b"{}" + b"\x0e" * 12 + b"\x0d\x0e"),
    "no UTF-8": raw(b"\xff\xfe" + b"\x0e" * 14),
    "another key": raw(b"{}" + b"\x0e" * 14, bytes(16)),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_whatever_is_wrong_the_error_is_the_same(body: bytes) -> None:
    with pytest.raises(MalformedReply) as caught:
        CIPHER.decrypt(body)
    assert str(caught.value) == (
        "The signed reply cannot be decrypted. "
        "Check that encrypt_key is the key that the console shows for this application. "
        "(outcome: accepted, reply unreadable)"
    )
    assert caught.value.outcome is Outcome.ACCEPTED_UNREADABLE
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_key_is_neither_pickled_nor_copied() -> None:
    for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a key"):
            duplicate(CIPHER)
    assert not hasattr(CIPHER, "__dict__")


def test_another_charset_may_be_told() -> None:
    padded = "好".encode("gbk") + b"\x0e" * 14
    assert CIPHER.encrypt("好", charset="gbk").encode() == raw(padded)
    assert CIPHER.decrypt(raw(padded), charset="gbk").decode("gbk") == "好"
    with pytest.raises(MalformedReply):
        CIPHER.decrypt(raw(padded))
