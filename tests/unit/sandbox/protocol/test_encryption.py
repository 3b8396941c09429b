import json
from pathlib import Path

import pytest

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.protocol.encryption import Cipher, choose_cipher
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

VECTORS: list[dict[str, str]] = json.loads(
    (Path(__file__).parents[3] / "vectors" / "vectors.json").read_text("utf-8")
)["aes"]
KEY = "AAECAwQFBgcICQoLDA0ODw=="


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_known_texts_are_encrypted_and_decrypted(vector: dict[str, str]) -> None:
    cipher = Cipher(vector["key"])
    assert cipher.encrypt(vector["plaintext"].encode()).decode() == vector["ciphertext"]
    assert cipher.decrypt(vector["ciphertext"].encode()).decode() == vector["plaintext"]


def test_an_empty_text_stands_for_an_empty_text() -> None:
    assert Cipher(KEY).decrypt(b"") == b""


@pytest.mark.parametrize("text", ["x", "AAAA", "AAECAwQFBgcICQoLDA0ODw==", "\n" + KEY])
def test_what_does_not_fit_the_key_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="decryption-error"):
        Cipher(KEY).decrypt(text.encode())


@pytest.mark.parametrize("key", ["", "not base64", "AAECAw=="])
def test_a_key_has_16_24_or_32_bytes_in_base64(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Cipher(key)
    assert caught.value.setting == "encrypt_key"


def test_a_call_is_encrypted_when_its_header_says_so() -> None:
    cipher = Cipher(KEY)
    assert choose_cipher(None, cipher) is None
    assert choose_cipher("AES", cipher) is cipher


@pytest.mark.parametrize(
    ("encrypt_type", "has_key", "code"),
    [
        ("", True, "missing-encrypt-type"),
        ("aes", True, "invalid-encrypt-type"),
        ("SM4", False, "invalid-encrypt-type"),
        ("AES", False, "missing-encrypt-key"),
    ],
)
def test_another_header_is_refused(encrypt_type: str, code: str, *, has_key: bool) -> None:
    with pytest.raises(Refusal) as caught:
        choose_cipher(encrypt_type, Cipher(KEY) if has_key else None)
    assert caught.value.code == code
