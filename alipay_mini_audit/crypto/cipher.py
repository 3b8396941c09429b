"""Encrypted content: AES-CBC with a zero IV and PKCS#7 padding, in base64 (docs page 054d0z)."""

from __future__ import annotations

import base64
from typing import Final, NoReturn, final

from alipay_mini_audit.errors import ConfigurationError, MalformedReply, Outcome
from alipay_mini_audit.problems import told

__all__ = ["ContentCipher"]

_BLOCK: Final = 16
_IV: Final = bytes(_BLOCK)
_KEY_SIZES: Final = (16, 24, 32)
_NOT_BASE64: Final = (
    ("expected the base64 text that the console shows.", ""),
    ("应为控制台显示的 base64 文本。", ""),
)
_WRONG_SIZE: Final = (
    ("this key has {size} bytes; expected 16, 24 or 32.", "Copy it again, whole."),
    ("密钥为 {size} 字节，应为 16、24 或 32 字节。", "请重新完整复制。"),
)


@final
class ContentCipher:
    """Encrypts what is sent and decrypts what comes back.

    The platform fixes the IV, so equal texts have equal ciphertexts: this hides content from the
    middle, no more.

    Args:
        encrypt_key: base64 of a key of 16, 24 or 32 bytes, as the console shows it.

    Raises:
        ConfigurationError: it is not such a key.
    """

    __slots__ = ("_key",)

    def __init__(self, encrypt_key: str) -> None:
        try:
            self._key = base64.b64decode("".join(encrypt_key.split()), validate=True)
        except (AttributeError, TypeError, ValueError):
            problem = told("encrypt_key", "not_base64", *_NOT_BASE64)
            raise ConfigurationError.from_problem(problem) from None
        if len(self._key) not in _KEY_SIZES:
            size = {"size": len(self._key)}
            problem = told("encrypt_key", "wrong_key_size", *_WRONG_SIZE, values=size)
            raise ConfigurationError.from_problem(problem)
        self.encrypt("")  # loads what it needs now: the first call may be on an event loop

    def encrypt(self, text: str, *, charset: str = "utf-8") -> str:
        """Return the ciphertext in base64.

        Args:
            text: what is to be hidden.
            charset: what it is written in, by its name in Python.
        """
        from Crypto.Cipher import AES  # noqa: PLC0415
        from Crypto.Util.Padding import pad  # noqa: PLC0415

        padded = pad(text.encode(charset), _BLOCK)
        ciphertext = AES.new(self._key, AES.MODE_CBC, iv=_IV).encrypt(padded)
        return base64.b64encode(ciphertext).decode("ascii")

    def decrypt(self, body: bytes, *, charset: str = "utf-8") -> bytes:
        """Return the plaintext of a verified reply.

        Args:
            body: the ciphertext in base64.
            charset: what the plaintext is in, by its name in Python.

        Raises:
            MalformedReply: it cannot be decrypted; why is not told.
        """
        from Crypto.Cipher import AES  # noqa: PLC0415
        from Crypto.Util.Padding import unpad  # noqa: PLC0415

        try:
            padded = AES.new(self._key, AES.MODE_CBC, iv=_IV).decrypt(
                base64.b64decode(body, validate=True)
            )
            text = unpad(padded, _BLOCK)
            text.decode(charset)
        except ValueError:
            raise MalformedReply(
                "The signed reply cannot be decrypted.",
                outcome=Outcome.ACCEPTED_UNREADABLE,
                advice=(
                    "Check that encrypt_key is the key that the console shows for this application."
                ),
            ) from None
        return text

    def __repr__(self) -> str:
        return f"<ContentCipher: AES-{len(self._key) * 8}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ContentCipher holds a key and is not pickled; make one in each process")
