"""The platform's side of content encryption.

AES in CBC mode, an IV of zeros, PKCS#7 padding, base64. No I/O here.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final, final

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad, unpad

from alipay_mini_audit.sandbox.protocol.refusals import Refusal
from alipay_mini_audit.sandbox.unusable import unusable

__all__ = ["Cipher", "choose_cipher"]

_SIZES: Final = (16, 24, 32)
_IV: Final = bytes(AES.block_size)
_NOT_BASE64: Final = (
    ("expected an AES key in base64.", ""),
    ("应为 base64 编码的 AES 密钥。", ""),
)
_SIZE: Final = (
    ("an AES key has 16, 24 or 32 bytes, not {size}.", ""),
    ("AES 密钥应为 16、24 或 32 字节，而不是 {size} 字节。", ""),
)


@final
class Cipher:
    """Encrypts and decrypts texts.

    Args:
        key: 16, 24 or 32 bytes in base64.

    Raises:
        ConfigurationError: it is not such a key.
    """

    def __init__(self, key: str) -> None:
        try:
            self._key = base64.b64decode(key.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise unusable("encrypt_key", *_NOT_BASE64) from None
        if len(self._key) not in _SIZES:
            raise unusable("encrypt_key", *_SIZE, size=len(self._key))

    def encrypt(self, text: bytes) -> bytes:
        """Return the ciphertext in base64."""
        padded = pad(text, AES.block_size)
        return base64.b64encode(AES.new(self._key, AES.MODE_CBC, iv=_IV).encrypt(padded))

    def decrypt(self, text: bytes) -> bytes:
        """Return what was encrypted.

        Args:
            text: the ciphertext in base64; an empty text stands for an empty text.

        Raises:
            Refusal: it is not base64, or does not fit the key.
        """
        if not text:
            return b""
        try:
            ciphertext = base64.b64decode(text, validate=True)
            padded = AES.new(self._key, AES.MODE_CBC, iv=_IV).decrypt(ciphertext)
            return unpad(padded, AES.block_size)
        except (binascii.Error, ValueError):
            raise Refusal("decryption-error") from None


def choose_cipher(encrypt_type: str | None, cipher: Cipher | None) -> Cipher | None:
    """Return the cipher for a call; `None` if it is not encrypted.

    Args:
        encrypt_type: the header alipay-encrypt-type; `None` if there was none.
        cipher: of the app; `None` if it has no key.

    Raises:
        Refusal: the type is empty or unknown, or the app has no key.
    """
    if encrypt_type is None:
        return None
    if not encrypt_type:
        raise Refusal("missing-encrypt-type")
    if encrypt_type != "AES":
        raise Refusal("invalid-encrypt-type")
    if cipher is None:
        raise Refusal("missing-encrypt-key")
    return cipher
