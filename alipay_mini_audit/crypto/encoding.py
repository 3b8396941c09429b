"""PEM, base64 and DER: whatever people paste, in any wrapping, as blocks of DER.

The one module of this room that reads a file, and only a `Path` that the user gave. No error and no
traceback of this module holds a piece of what was read.
"""

from __future__ import annotations

import binascii
import re
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told
from alipay_mini_audit.system_reasons import chinese_reason

__all__ = [
    "Block",
    "KeySource",
    "decode",
    "is_file_name",
    "may_be_shown",
    "read_source",
    "unreadable_because",
]

KeySource = Path | str | bytes
"""A `Path` is a file; `str` and `bytes` are the content itself."""

_FILE_ENDINGS: Final = ("pem", "key", "txt", "der", "crt", "cer", "pub", "b64")
_FILE_NAME: Final = re.compile(rf".{{1,1000}}\.({'|'.join(_FILE_ENDINGS)})")
_PEM: Final = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)(?:-----END ?([A-Z0-9 ]*-{0,5})|(?=-----BEGIN )|\Z)",
    re.DOTALL,
)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_SEQUENCE: Final = b"\x30"
_LONGEST_SHOWN: Final = 300
_LARGEST: Final = 64 * 1024
"""Bytes of a key or a file of certificates; the largest in use have a tenth of that."""
_HEAD: Final = 64
"""Within so many bytes, DER holds one that is not ASCII."""

_TOO_LARGE: Final = (
    ("it is larger than {limit} KiB.", "Give the file of the key or of the certificates."),
    ("内容超过 {limit} KiB。", "请提供密钥或证书的文件。"),
)
_UTF_16: Final = (
    ("the text is in UTF-16.", "Save the file as UTF-8."),
    ("文本编码为 UTF-16。", "请将文件另存为 UTF-8。"),
)
_EMPTY: Final = ("it is empty.", ""), ("内容为空。", "")
_WRONG_TYPE: Final = (
    ("expected a Path, str or bytes, not an object of type {given}.", ""),
    ("应为 Path、str 或 bytes，而不是 {given} 类型的对象。", ""),
)
_UNREADABLE: Final = (
    ("the file {file} cannot be read: {reason}.", ""),
    ("无法读取文件 {file}：{chinese_reason}。", ""),
)
_UNREADABLE_HIDDEN: Final = (
    (
        "the file that is named cannot be read: {reason}.",
        "Give the name of a file, not its content.",
    ),
    ("无法读取所指的文件：{chinese_reason}。", "请填写文件名，而不是文件内容。"),
)


@final
@attrs.frozen(kw_only=True)
class Block:
    """One piece of what was pasted.

    Attributes:
        label: what its BEGIN line calls it, e.g. `PRIVATE KEY`; empty for bare base64 and DER.
        body: what stands between BEGIN and END; empty for DER.
        der: what it decodes to; `None` if the body is not base64.
        end: what its END line says, dashes included; `None` without one.
    """

    label: str = ""
    body: bytes = attrs.field(default=b"", repr=False)
    der: bytes | None = attrs.field(repr=False)
    end: str | None = None

    @property
    def has_end(self) -> bool:
        """Say whether there is an END line, damaged or not; what has no BEGIN needs none."""
        return not self.label or self.end is not None

    @property
    def is_whole(self) -> bool:
        """Say whether its END line is that of its BEGIN line; what has no BEGIN needs none."""
        return not self.label or self.end == f"{self.label}-----"


def read_source(source: KeySource, name: str) -> bytes:
    """Return the content of `source`, which may be a file.

    Args:
        source: a `Path` to a file, or the content itself.
        name: what to call it in an error.

    Raises:
        ConfigurationError: the file cannot be read, there is nothing in it, or it is larger than
            64 KiB.
    """
    content = _content_of(source, name)
    if len(content) > _LARGEST:
        limit = {"limit": _LARGEST // 1024}
        problem = told(name, "too_large", *_TOO_LARGE, values=limit)
    elif content[:2] in _UTF_16_MARKS:
        problem = told(name, "utf_16", *_UTF_16)
    elif not content.strip():
        problem = told(name, "empty", *_EMPTY)
    else:
        return content
    raise ConfigurationError.from_problem(problem)


def decode(content: bytes) -> tuple[Block, ...]:
    """Split what was read into its PEM blocks; bare base64 and DER are one block without a label.

    Args:
        content: what `read_source` returned.
    """
    if content[:1] == _SEQUENCE and not content[:_HEAD].isascii():
        return (Block(der=content),)
    # Variables in .env files spell the line feeds of a PEM as a backslash and an n.
    text = content.removeprefix(_BYTE_ORDER_MARK).replace(b"\\n", b"\n")
    blocks = tuple(_block(*found.groups()) for found in _PEM.finditer(text))
    return blocks or (Block(body=text, der=_from_base64(text)),)


def is_file_name(text: str) -> bool:
    """Say whether a text is the name of a file and not a key or certificate.

    Base64 has no full stop, so a line that ends in `.pem` or the like cannot be content.
    """
    return _FILE_NAME.fullmatch(text) is not None


def may_be_shown(path: Path) -> bool:
    """Say whether it looks like a file name, and not like a key that was given as one.

    An AES key ends in `=`, a longer one is a long line of base64 or a PEM.
    """
    text = str(path)
    is_short = len(text) <= _LONGEST_SHOWN
    return is_short and text.isprintable() and "-----" not in text and not text.endswith("=")


def unreadable_because(error: OSError | ValueError) -> dict[str, str]:
    """Return what the system says of a file, as `reason` and `chinese_reason`; never its name.

    Args:
        error: what came of opening or reading it.
    """
    reason: str = getattr(error, "strerror", None) or type(error).__name__
    return {"reason": reason, "chinese_reason": chinese_reason(error) or reason}


def _content_of(source: KeySource, name: str) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, str):
        return source[: _LARGEST + 1].encode("utf-8", "replace")
    if not isinstance(source, Path):
        given = {"given": type(source).__name__}
        problem = told(name, "wrong_type", *_WRONG_TYPE, values=given)
        raise ConfigurationError.from_problem(problem)
    try:
        with source.open("rb") as file:
            return file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reasons = unreadable_because(error)
    # Raised out here, since the error above holds the name, which may be a key.
    if may_be_shown(source):
        values = {**reasons, "file": source}
        problem = told(name, "unreadable", *_UNREADABLE, values=values)
    else:
        problem = told(name, "unreadable", *_UNREADABLE_HIDDEN, values=reasons)
    raise ConfigurationError.from_problem(problem)


def _block(label: bytes, body: bytes, end: bytes | None) -> Block:
    return Block(
        label=label.decode("ascii"),
        body=body,
        der=_from_base64(body),
        end=None if end is None else end.decode("ascii"),
    )


def _from_base64(text: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(b"".join(text.split()), strict_mode=True)
    except binascii.Error:
        return None
